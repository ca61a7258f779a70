"""Writing a flow as a program for Microsoft Agent Framework, and saying before what it cannot express."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from studio.engine.errors import ConveneError, FlowError
from studio.engine.teams.team import Team
from studio.engine.tools.files import Files
from studio.flow.document import FlowDocument
from studio.flow.findings import Finding
from studio.flow.resolve import resolve_with_ids
from studio.formats.agent_framework.code_loop import CodeLoopWriting
from studio.formats.agent_framework.models import CORE
from studio.formats.agent_framework.pieces import TALK, TALK_KEPT, TALK_PLANNED
from studio.formats.python_text.approvals import NAME as ASKS_FIRST
from studio.formats.python_text.approvals import WAITING
from studio.formats.python_text.file_tools import file_functions
from studio.formats.python_text.kept import with_kept, without_kept
from studio.formats.python_text.places import Lines
from studio.formats.python_text.program import Written
from studio.formats.python_text.walk import inner_first
from studio.texts import text

NAMES = frozenset(
    "Agent AgentContext AgentExecutorResponse AgentResponse AgentResponseUpdate AsyncIterator Awaitable Any BaseAgent CODE CODING "
    "Callable CodeExecutor Content DockerShellTool FunctionInvocationContext LocalShellTool NO_CODE Sequence ShellExecutor "
    "GroupChatBuilder GroupChatState MagenticBuilder Message MiddlewareTermination ConcurrentBuilder SequentialBuilder "
    "OpenAIChatCompletionClient AnthropicClient GeminiChatClient Path ResponseStream Speaker Workflow agent_middleware asyncio began "
    "conversation function_middleware functools hand_over handed_to last messages os random re said state sys talk task text time "
    "tool work workflow stop_after last_tools called_tools MCPStdioTool MCPStreamableHTTPTool used_tokens count_tokens "
    "end_with_tools say_results".split()
) | {ASKS_FIRST, WAITING}


def to_agent_framework(document: FlowDocument) -> str:
    """The program. Raises FlowError for a flow that cannot be run as it stands."""
    return _written(document.model_dump_json()).text


def lines(document: FlowDocument) -> Lines:
    """Which lines of the program show which node. Raises FlowError for a flow that cannot be run as it stands."""
    return _written(document.model_dump_json()).lines


def losses(document: FlowDocument) -> tuple[Finding, ...]:
    """What Agent Framework cannot express, and what is done instead; of a flow that cannot be run, why."""
    try:
        return _written(document.model_dump_json()).losses
    except ConveneError as mistake:
        return (Finding("decision", mistake.code, mistake.sentence, mistake.remedy),)


@lru_cache(maxsize=16)
def _written(document: str) -> Written:
    flow, kept = without_kept(FlowDocument.model_validate_json(document))
    team, participants = resolve_with_ids(flow)
    written = _Program(flow, team, participants).written()
    if not written.clean:
        written = _Program(flow, team, participants).written(own_code=False)
    program, losses_of = with_kept(written.text, written.losses, kept)
    return replace(written, text=program, losses=losses_of)


class _Program(CodeLoopWriting):
    """The whole file: models, functions, agents, the workflow, and a way to start it."""

    def __init__(self, document: FlowDocument, team: Team, participants: dict[str, str]) -> None:
        files = {tool.access for tool in inner_first(team) if isinstance(tool, Files)}
        super().__init__(document, team, participants, NAMES.union(*(file_functions(access).names for access in files)))

    def written(self, own_code: bool = True) -> Written:
        self.own_code = own_code
        loop = self.code_loop(self.team)
        if loop is not None:
            return self._in_a_loop(loop)
        self.take_functions()
        made = self.workflow(self.team, None)
        if made is None:
            raise FlowError(self.team.name, text("export.nobody", target="Agent Framework"), text("export.nobody.remedy"))
        shown: list[str] = []
        if self.inner or not self.planned:
            shown.append(TALK_KEPT if self.inner else TALK)
            self.uses({CORE: ("Workflow", "AgentExecutorResponse", *(("Message",) if self.inner else ()))})
        if self.planned:
            shown.append(TALK_PLANNED)
            self.uses({CORE: ("Workflow", "AgentResponseUpdate")})
        self.script.module("asyncio")
        self.script.module("sys")
        began = ["began = time.monotonic()"] if self.clock else []
        self.script.section(*self.model_statements)
        self.script.section(*self.definitions)
        self.script.section(*self.agent_statements)
        self.script.section(*began, *self.team_statements, f"workflow = {made}")
        self.script.section(*shown)
        run = "work" if self.planned else "talk"
        begin = f"{run}(workflow, TASK)"
        if self.servers:
            words = '"""Work on a task while the servers of tools run."""'
            opened = f"async with {', '.join(self.servers.values())}:\n        await {run}(workflow, task)"
            self.script.section(f"async def main(task: str) -> None:\n    {words}\n    {opened}")
            begin = "main(TASK)"
        return self._begun(begin)

    def _in_a_loop(self, loop: str) -> Written:
        self.script.module("asyncio")
        self.script.module("sys")
        self.script.section(*self.model_statements)
        self.script.section(*self.agent_statements)
        self.script.section(loop)
        return self._begun("main(TASK)")

    def _begun(self, call: str) -> Written:
        """The program, with its end: the call that begins it."""
        begin = call.replace("TASK", '" ".join(sys.argv[1:]) or input("Task: ")')
        self.script.section(f'if __name__ == "__main__":\n    asyncio.run({begin})')
        return self.finished()
