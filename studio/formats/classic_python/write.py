"""Writing a flow as a script for AutoGen 0.2, which runs with autogen-agentchat 0.2, AG2 classic and `studio.classic` alike."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, lru_cache, partial

from studio.engine.errors import ConveneError, FlowError
from studio.engine.teams.team import Team
from studio.engine.tools.files import Files
from studio.flow.document import FlowDocument
from studio.flow.findings import Finding
from studio.flow.resolve import resolve_with_ids
from studio.formats.classic_python.registering import registered
from studio.formats.classic_python.teams import TeamWriting
from studio.formats.python_text.approvals import NAME as ASKS_FIRST
from studio.formats.python_text.approvals import WAITING
from studio.formats.python_text.file_tools import file_functions
from studio.formats.python_text.kept import with_kept, without_kept
from studio.formats.python_text.places import Lines
from studio.formats.python_text.program import USER, Written
from studio.formats.python_text.walk import inner_first
from studio.texts import text

AUTOGEN = "autogen"
"""The package that autogen-agentchat 0.2, pyautogen and AG2 install."""
OURS = "studio.classic"

NAMES = frozenset(
    "Agent AssistantAgent ConversableAgent GroupChat GroupChatManager UserProxyAgent register_function gather_usage_summary "
    "MessageHistoryLimiter MultimodalConversableAgent TransformMessages Any Callable Path functools groupby os re sys time began message "
    "messages user is_a_turn all_said last_said said_before dollars tokens arrows ready arrived results_as_answer".split()
) | {ASKS_FIRST, WAITING}


def to_classic(document: FlowDocument, package: str = AUTOGEN) -> str:
    """The script; `package` is what it imports, AUTOGEN or OURS. Raises FlowError for a flow that cannot be run as it stands."""
    return _written(document.model_dump_json(), package).text


def lines(document: FlowDocument) -> Lines:
    """Which lines of the script show which node. Raises FlowError for a flow that cannot be run as it stands."""
    return _written(document.model_dump_json(), AUTOGEN).lines


def losses(document: FlowDocument) -> tuple[Finding, ...]:
    """What AutoGen 0.2 cannot express, and what is done instead; of a flow that cannot be run, why."""
    try:
        return _written(document.model_dump_json(), AUTOGEN).losses
    except ConveneError as mistake:
        return (Finding("decision", mistake.code, mistake.sentence, mistake.remedy),)


@lru_cache(maxsize=16)
def _written(document: str, package: str) -> Written:
    flow, kept = without_kept(FlowDocument.model_validate_json(document))
    team, participants = resolve_with_ids(flow)
    written = _Script(flow, team, participants, package).written()
    if not written.clean:
        written = _Script(flow, team, participants, package).written(own_code=False)
    program, losses_of = with_kept(written.text, written.losses, kept)
    return replace(written, text=program, losses=losses_of)


class _Script(TeamWriting):
    """The whole file: models, functions, agents, the group chat, and a way to start it."""

    target = "AutoGen 0.2"
    team_variables = ("group_chat", "manager")

    def __init__(self, document: FlowDocument, team: Team, participants: dict[str, str], package: str) -> None:
        files = {tool.access for tool in inner_first(team) if isinstance(tool, Files)}
        super().__init__(document, team, participants, NAMES.union(*(file_functions(access).names for access in files)), package)

    def written(self, own_code: bool = True) -> Written:
        self.own_code = own_code
        self.take_functions()
        manager = self.chat(self.team, None)
        if manager is None:
            raise FlowError(self.team.name, text("export.nobody", target="AutoGen 0.2"), text("export.nobody.remedy"))
        proxy = self.script.use("UserProxyAgent", self.package)
        user = f'{USER} = {proxy}("{USER}", human_input_mode="NEVER", code_execution_config=False)'
        self.script.module("sys")
        began = ["began = time.monotonic()"] if self.clock else []
        self.script.section(*self.model_statements)
        self.script.section(*self.approvals, *self.definitions)
        self.script.section(*self.agent_statements, user)
        self.script.section(self._registered())
        self.script.section(*began, *self.group_statements)
        self.script.section(*self.late_statements)
        start = f'{USER}.initiate_chat({manager}, message=" ".join(sys.argv[1:]) or input("Task: "))'
        self.script.section(f'if __name__ == "__main__":\n    {start}')
        return self.finished()

    def _registered(self) -> str:
        """The calls that give agents their functions."""
        if not self.registrations:
            return ""
        free = cache(partial(self.names.new, category="tool"))
        return registered(self.registrations, self.definitions, self.register, free)
