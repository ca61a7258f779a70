"""Writing a flow as AutoGen's component JSON, for 0.5 or for 0.6–0.7, and saying before what it cannot express."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from studio.engine.errors import ConveneError
from studio.flow.document import FlowDocument, Node
from studio.flow.findings import Finding
from studio.flow.wires import Drawing
from studio.formats.autogen_components.envelopes import NEWEST, Version, dumped, version_named
from studio.formats.autogen_components.writing_teams import TeamWriting, used
from studio.texts import text


class NothingToWrite(ConveneError):
    code = "nothing_to_write"

    def __init__(self, why: str) -> None:
        super().__init__(why, text("autogen.nothing_to_write.remedy"))


@dataclass(frozen=True, slots=True)
class Written:
    text: str
    losses: tuple[Finding, ...]


def losses(document: FlowDocument, version: str = NEWEST) -> tuple[Finding, ...]:
    """What AutoGen cannot express, and what is done instead. Raises UnknownVersion; of what cannot be written at all, that."""
    try:
        return _written(document, version_named(version)).losses
    except NothingToWrite as mistake:
        return (Finding("decision", mistake.code, mistake.sentence, mistake.remedy),)


def to_autogen(document: FlowDocument, version: str = NEWEST) -> str:
    """The JSON of a team, of an agent alone, or of whatever single component there is; several of them are a gallery.

    Raises UnknownVersion and NothingToWrite.
    """
    return _written(document, version_named(version)).text


def _written(document: FlowDocument, version: Version) -> Written:
    drawing = Drawing(document)
    writing = TeamWriting(drawing, version)
    roots = [node for node in drawing.nodes if drawing.team_of(node) is None and not used(drawing, node)]
    roots = [node for node in roots if drawing.categories[node.id] != "note"]
    whole = _whole(drawing, roots)
    written = [(node, each) for node in whole if (each := writing.any(node)) is not None]
    for node in roots:
        if node not in whole:
            writing.lose("loose", node)
    if not written:
        first = next(iter(writing.findings.kept.values()), None)
        raise NothingToWrite(first.text if first is not None else text("autogen.nothing_to_write"))
    found = writing.findings.sorted()
    if len(written) == 1:
        return Written(dumped(written[0][1]), found)
    return Written(dumped(_gallery(document, drawing, written)), found)


def _whole(drawing: Drawing, roots: list[Node]) -> list[Node]:
    """What is written: the teams, else the one agent that is there, else everything, as it lies in a gallery."""
    if teams := [node for node in roots if drawing.categories[node.id] == "team"]:
        return teams
    agents = [node for node in roots if _agent_like(drawing, node)]
    kept = any(drawing.categories[node.id] == "unknown" for node in roots)
    return agents if len(agents) == 1 and not kept else roots


def _agent_like(drawing: Drawing, node: Node) -> bool:
    return drawing.categories[node.id] == "agent" or node.config.get("component_type") in ("agent", "team")


def _is_workbench(written: Any) -> bool:
    return isinstance(written, dict) and written.get("component_type") == "workbench"


def _gallery(document: FlowDocument, drawing: Drawing, written: list[tuple[Node, Any]]) -> dict[str, Any]:
    shelves: dict[str, list[Any]] = {"agents": [], "models": [], "tools": [], "terminations": [], "teams": []}
    shelf_of = {"agent": "agents", "model": "models", "tool": "tools", "condition": "terminations", "team": "teams"}
    kept = {"agent": "agents", "model": "models", "tool": "tools", "termination": "terminations", "team": "teams"}
    kept["workbench"] = "workbenches"
    for node, each in written:
        category = drawing.categories[node.id]
        shelf = kept.get(str(node.config.get("component_type")), "tools") if category == "unknown" else shelf_of.get(category, "tools")
        shelves.setdefault("workbenches" if _is_workbench(each) else shelf, []).append(each)
    about = {"author": "", "version": "1.0.0", "description": document.description}
    return {"id": "convene", "name": document.name, "url": None, "metadata": about, "components": shelves}
