"""Writing a flow as a script for AgentChat 0.7, and saying before what it cannot express."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from studio.engine.errors import ConveneError, FlowError
from studio.flow.document import FlowDocument, Node
from studio.flow.findings import Finding
from studio.flow.resolve import resolve
from studio.flow.wires import Drawing
from studio.formats.autogen_components.writing_models import ANY_MODEL
from studio.formats.autogen_components.writing_teams import used
from studio.formats.autogen_python.chats import is_row, write_row
from studio.formats.autogen_python.functions import take_functions
from studio.formats.autogen_python.program import Program
from studio.formats.autogen_python.writing import PythonWriting
from studio.formats.python_text.formatting import formatted
from studio.formats.python_text.kept import OF_SCRIPTS, with_kept, without_kept
from studio.formats.python_text.literals import literal
from studio.formats.python_text.own_classes import answering
from studio.formats.python_text.script import LINE
from studio.texts import text

KEPT = 32
LONGEST_TASK = 49
"""Characters of a task, quoted, that is worked on when none is given: what fits a line. Another one is asked for."""


class NothingToWrite(ConveneError):
    code = "nothing_to_write"

    def __init__(self, why: str) -> None:
        super().__init__(why, text("autogen.nothing_to_write.remedy"))


@dataclass(frozen=True, slots=True)
class Written:
    """The script, and what it cannot express."""

    text: str
    losses: tuple[Finding, ...]


def to_autogen_python(document: FlowDocument) -> str:
    """The flow as a script. Raises FlowError and NothingToWrite for a flow without anybody who could speak."""
    return written(document).text


def losses(document: FlowDocument) -> tuple[Finding, ...]:
    """What AgentChat cannot express, and what is done instead; of a flow that cannot be written, why."""
    try:
        return written(document).losses
    except ConveneError as mistake:
        return (Finding("decision", mistake.code, mistake.sentence, mistake.remedy),)


def written(document: FlowDocument) -> Written:
    """The script with all there is to say of it. Raises FlowError and NothingToWrite."""
    return _written(document.model_dump_json())


@lru_cache(maxsize=KEPT)
def _written(source: str) -> Written:
    document, kept = without_kept(FlowDocument.model_validate_json(source), (OF_SCRIPTS,))
    drawing = Drawing(document)
    root = _root(drawing)
    program = Program(any(node.kind == "assistant" and node.config.get("handoffs") for node in drawing.nodes))
    writing = PythonWriting(drawing, program)
    take_functions(program, [source for node in drawing.nodes if (source := _function_of(writing, node))])
    runs = _runs(writing, program, root)
    if runs is None:
        first = next(iter(writing.findings.kept.values()), None)
        raise NothingToWrite(first.text if first is not None else text("autogen.nothing_to_write"))
    for node in drawing.nodes:
        if node is not root and drawing.categories[node.id] != "note" and drawing.team_of(node) is None and not used(drawing, node):
            writing.lose("loose", node)
    script, clean = formatted(_assembled(document, program, runs))
    told = writing.findings.sorted()
    if not clean:
        told = (*told, Finding("approximated", "lost_python.unclean", text("autogen.lost.python.unclean")))
    return Written(*with_kept(script, told, kept))


def _runs(writing: PythonWriting, program: Program, root: Node) -> list[str] | None:
    """The lines that hold the conversation; None when there is nobody who could."""
    if is_row(writing, root):
        return write_row(writing, program, root)
    found = writing.any(root)
    if found is None:
        return None
    return [f"await {program.use('Console', 'autogen_agentchat.ui')}({program.main(found)}.run_stream(task=task))"]


def _root(drawing: Drawing) -> Node:
    """The one team, or the agent that is alone. Raises FlowError and NothingToWrite."""
    if drawing.alone is not None:
        return drawing.alone
    if len(drawing.main_teams) == 1:
        return drawing.main_teams[0]
    try:
        resolve(drawing.document)
    except FlowError as mistake:
        raise NothingToWrite(mistake.sentence) from None
    raise NothingToWrite(text("autogen.nothing_to_write"))


def _function_of(writing: PythonWriting, node: Node) -> str:
    """The source of a function that the script will hold; "" for nodes without one."""
    if node.kind == "python_agent":
        return answering(str(writing.value(node, "source")), node.name)
    if node.kind == "function_rule" or (node.kind == "python_tool" and writing.drawing.out_of(node, "tool")):
        return str(writing.value(node, "source"))
    return str(writing.selection(node).get("source", "")) if "selection" in node.config else ""


def _assembled(document: FlowDocument, program: Program, runs: list[str]) -> str:
    script = program.script
    script.whole += [line for line in program.functions.imports if line not in script.whole]
    asyncio, sys = script.module("asyncio"), script.module("sys")
    first = next(iter(document.sample_tasks), "")
    task = literal(first)
    if not first or "\n" in task or len(task) > LONGEST_TASK:
        task = 'input("Task: ")'
    _share_what_models_can(program)
    for section in ([*program.models, *program.tools], program.choice, program.agents):
        script.section(*section)
    given = f'" ".join({sys}.argv[1:]) or {task}'
    if len(runs) == 1 and not program.started:
        # Nothing but connections to models is open then, which the end of the program closes.
        coroutine = runs[0].removeprefix("await ")
        script.section(f'if __name__ == "__main__":\n    task = {given}\n    {asyncio}.run({coroutine})')
    else:
        opened = [f"    async with {', '.join(program.started)}:"] if program.started else []
        margin = "        " if opened else "    "
        script.section("\n".join(["async def main(task: str) -> None:", *opened, *(f"{margin}{line}" for line in runs)]))
        begin = f"    {asyncio}.run(main({given}))"
        if len(begin) > LINE:
            begin = f"    task = {given}\n    {asyncio}.run(main(task))"
        script.section(f'if __name__ == "__main__":\n{begin}')
    return script.text(document.name, document.description, brief=True)


def _share_what_models_can(program: Program) -> None:
    """Says once what AutoGen does not know of several models."""
    said = f"model_info={literal(ANY_MODEL)}"
    if sum(said in statement for statement in program.models) < 2:
        return
    name = program.names.new("model_info", "model")
    program.models[:] = [statement.replace(said, f"model_info={name}") for statement in program.models]
    program.models.insert(0, f"{name}: {program.use('ModelInfo', 'autogen_core.models')} = {literal(ANY_MODEL)}")
