"""Reading a flow's Python: a hand-edited program becomes the drawing that it came from, with what was changed in it, and runs nothing."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace

from studio.engine.errors import ConveneError
from studio.flow.document import FlowDocument
from studio.flow.findings import Finding, Findings, ForeignFileError, Imported, ImportReport, Place
from studio.flow.resolve import resolve
from studio.flow.upgrade import FlowFileError, read_document
from studio.formats.convene_python.base import Base
from studio.formats.convene_python.canvas_line import Unreadable, read_line, split
from studio.formats.convene_python.comments import lost_comments
from studio.formats.convene_python.kept import findings as told_of
from studio.formats.convene_python.kept import kept_in, put_back, without
from studio.formats.convene_python.made import Made, made_of, tree
from studio.formats.convene_python.matching import Match, match
from studio.formats.convene_python.program import Program, read_program
from studio.formats.convene_python.reading_values import ENGINE
from studio.formats.convene_python.redraw import redrawn
from studio.formats.convene_python.renamed import follow_names
from studio.formats.convene_python.titles import described
from studio.formats.python_reading.script import Script, modules_of, read_script
from studio.formats.python_reading.source import Source
from studio.texts import text

MAX_NAME = 200
MAX_DESCRIPTION = 5_000


def is_convene_python(source: str) -> bool:
    """Whether a script is written for Convene's own engine; for AgentChat's names in it there is another reader."""
    if ENGINE not in source:
        return False
    try:
        modules = modules_of(Source(split(source)[0]).tree)
    except ForeignFileError:
        return False
    own = [module for module in modules if module == ENGINE or module.startswith(f"{ENGINE}.")]
    return any(not module.startswith(f"{ENGINE}.agentchat") for module in own)


def from_python(source: str, base: FlowDocument | None = None, name: str = "") -> Imported:
    """The flow of a program, and what there is to say about it. Raises ForeignFileError.

    `base` is the flow that the program is an edit of: what it does not say stays as it was there, down to ids and places. Without
    one, the program's own last line may tell; otherwise the flow is laid out anew. `name` is for a program that says none.
    """
    code, data = split(source)
    script = read_script(code)
    program = read_program(script)
    findings = program.findings
    over = _base(script, base, data, name, findings)
    found = match(over, program.team)
    _follow_names(over, found, program, findings)
    _say_what_is_gone(over, found, findings)
    document = put_back(redrawn(over, found), program.kept, found.root)
    if document != base:
        _check_bounds(document)
    _check(document, program, found, findings)
    for finding in told_of(document, program.kept):
        findings.add(finding)
    for line, comment in lost_comments(script.source, program.functions):
        findings.add(Finding("approximated", "program_comment", text("code_in.comment", comment=comment), place=Place(line=line)))
    placed = tuple(_at_its_node(finding, found) for finding in findings.sorted())
    return Imported(document, ImportReport("", placed))


def _follow_names(over: Base, found: Match, program: Program, findings: Findings) -> None:
    nodes = {id(made): node for node, made in found.made.items()}
    for each, was, name in follow_names(over, found, program.team):
        said = text("code_in.followed", was=was, name=name)
        at = (nodes[id(each)],) if id(each) in nodes else ()
        findings.add(Finding("approximated", "program_followed", said, nodes=at, place=Place(line=each.line)))


def _say_what_is_gone(over: Base, found: Match, findings: Findings) -> None:
    """Where nothing is known of how a field was before, nothing stays as it was."""
    gone: dict[str, str] = {}
    for node, made in found.made.items():
        is_new = node not in over.drawing.by_id
        for field, unsure in made.unsure.items():
            if is_new or (over.hints is not None and field != "name"):
                gone[unsure.stays] = unsure.left_out
    findings.kept = {key: replace(each, text=gone.get(each.text, each.text)) for key, each in findings.kept.items()}


def _check_bounds(document: FlowDocument) -> None:
    """Raises ForeignFileError for what no flow file could hold: too many nodes, too much text, characters that are none."""
    try:
        read_document(document.model_dump(mode="json"))
    except FlowFileError as error:
        raise ForeignFileError(error.sentence, error.where, error.remedy) from None


def _base(script: Script, base: FlowDocument | None, data: str, name: str, findings: Findings) -> Base:
    """What the program is laid over, with the name and the description that the program says."""
    doc = ast.get_docstring(script.source.tree, clean=True) or ""
    if base is not None:
        return Base(_told(base, described(doc, base.name, base.description) if doc else {}))
    told = described(doc, "", "")
    if data:
        try:
            over = read_line(data, told)
        except Unreadable:
            line = script.source.text.count("\n") + 1
            sentence = text("code_in.line")
            findings.add(Finding("approximated", "program_line", sentence, text("code_in.line.remedy"), place=Place(line=line)))
        else:
            return Base(_told(over.document, described(doc, over.document.name, over.document.description)), over.hints)
    return Base(
        _told(
            FlowDocument(),
            {
                "name": told["name"] or name or doc.partition("\n")[0].removesuffix(".") or FlowDocument().name,
                "description": told["description"],
            },
        )
    )


def _told(document: FlowDocument, told: Mapping[str, str]) -> FlowDocument:
    facts = {
        "name": told.get("name", document.name)[:MAX_NAME],
        "description": told.get("description", document.description)[:MAX_DESCRIPTION],
    }
    changed = {field: value for field, value in facts.items() if value != getattr(document, field)}
    return document.model_copy(update=changed) if changed else document


def _check(document: FlowDocument, program: Program, found: Match, findings: Findings) -> None:
    """Says what the drawing does not mean as the program does."""
    for agent in found.twice:
        sentence = text("code_in.twice", name=agent.name)
        findings.add(Finding("decision", "program_twice", sentence, text("code_in.twice.remedy"), place=Place(line=agent.line)))
    if any(finding.level == "decision" for finding in findings.kept.values()):
        return
    try:
        drawn = made_of(resolve(without(document, kept_in(document))))
    except ConveneError as error:
        findings.add(Finding("decision", "program_flow", error.sentence, error.remedy))
        return
    if tree(drawn) != tree(program.team):
        where = _difference(drawn, program.team)
        findings.add(Finding("approximated", "program_differs", text("code_in.differs", where=where), text("code_in.differs.remedy")))


def _difference(drawn: Made, meant: Made) -> str:
    """The name of the innermost agent or team that is not drawn as the program means it."""
    pairs = {each.name: each for each in drawn.within() if each.is_speaker}
    inner = [each.name for each in meant.within() if each.is_speaker and each.name in pairs and tree(pairs[each.name]) != tree(each)]
    return inner[-1] if inner else meant.name


def _at_its_node(finding: Finding, found: Match) -> Finding:
    """The finding with the node whose lines it is about."""
    line = finding.place.line
    if finding.nodes or line is None:
        return finding
    around = [(made.end_line - made.line, node) for node, made in found.made.items() if made.line <= line <= made.end_line]
    return replace(finding, nodes=(min(around)[1],)) if around else finding
