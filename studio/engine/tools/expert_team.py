"""A team of experts that an agent has made up for a part of its task, and asks again by its name: AutoGen's CaptainAgent as a tool."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from studio.engine.agents.agent import Ask, Converse, Perform, Place, RunTools, Say, Step, Turn
from studio.engine.code.arguments import read_arguments
from studio.engine.code.base import FunctionResult
from studio.engine.code.calling import BadArguments
from studio.engine.component import Widget
from studio.engine.errors import ConveneError, FlowError
from studio.engine.events import Event, QuestionAsked, TeamOutlined, ToolFinished
from studio.engine.models.base import Model, ToolSchema
from studio.engine.subjects import TOOL
from studio.engine.tools.base import Tool, ToolPlace
from studio.engine.tools.conversing import ConversingTool
from studio.engine.usage import NOTHING
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.agents.assistant import Assistant
    from studio.engine.events import ToolCall
    from studio.engine.outlines.asking import Answered, Outlined
    from studio.engine.outlines.outline import Outline, Role, SafeTool
    from studio.engine.teams.team import Team

NAME = "seek_experts_help"
"""What a model calls it: CaptainAgent's name, which system messages that were written for it mention."""

DRAFTING = 300.0
"""Seconds for all answers of the model that makes a team up."""

LONGEST_NAME = 80
LONGEST_WISH = 8_000
"""Characters of a description of experts, and of the task beside it, that the model reads which makes the team up."""
MOST_KNOWN = 100
SHOWN_OF_KNOWN = 300
"""Characters of a known expert's system message that this model reads."""

NO_PEOPLE = "Nobody is asked here: use no human."
NO_CODE = "Nobody runs code here: use no code_runner."
NO_TOOLS = "There are no tools here: leave them empty."
ONLY = "The only tools here are: {tools}."
KNOWN = "These experts are known. Where one of them fits, take it under exactly its name; its system message stays as it is:\n{experts}"

_DESCRIPTION = """Have a team of experts made up for a part of your task, and let them solve it by talking with each other. You get what \
came of it. A team that was made up before is asked again by its group_name; it remembers nothing of what it did then. At most {teams} \
teams can be made up."""

REVIEW = """Sum up for whoever asked this team: the task in a sentence; the result, with every number, name, address, file and code \
block in full, and conclusions exactly as they were drawn; why it is right; contradictions, mistakes and what was left undone. End \
with one line: “Needs a second look: yes” or “Needs a second look: no”. Add nothing of your own."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a call asks for."""

    group: str
    experts: str
    task: str


class ExpertTeam(ConversingTool):
    """The model of the agent that calls makes the team up, as data, and speaks for its members.

    Each call is a conversation of its own, which knows nothing but its task.
    """

    kind: ClassVar[str] = "expert_team"
    title: ClassVar[str] = "Team of experts"
    summary: ClassVar[str] = "A team that the agent has made up for a part of its task"

    max_teams: Annotated[
        int, Field(title="Teams in a run", description="That are made up; each can be asked again by its name.", ge=1, le=20)
    ] = 3
    max_agents: Annotated[int, Field(title="Experts in a team", description="At most so many.", ge=1, le=12)] = 4
    max_turns: Annotated[int, Field(title="Turns of a talk", description="At most so many, each time a team is asked.", ge=1, le=100)] = 10
    timeout: Annotated[
        float, Field(title="Time limit of a talk", description="Seconds, each time a team is asked.", gt=0, le=86_400), Widget("seconds")
    ] = 900.0
    reads: Annotated[
        Literal["summary", "last", "all"],
        Field(title="The caller reads", description="A summary that a model writes, the last message, or everything that was said."),
    ] = "summary"
    show_first: Annotated[bool, Field(title="Show me each new team before it begins")] = False
    code: Annotated[bool, Field(title="May run code", description="In Docker only.")] = True
    files: Annotated[bool, Field(title="May use files", description="In the run's folder.")] = True
    web: Annotated[bool, Field(title="May look things up on the web", description="By web search and by reading pages.")] = False
    experts: Annotated[
        Mapping[str, str],
        Field(
            title="Known experts",
            description="A name and a system message each: where one fits, the team takes it as it is.",
            max_length=MOST_KNOWN,
        ),
        Widget("rows", advanced=True),
    ] = {}

    def schema_for_model(self) -> ToolSchema:
        properties = {
            "group_name": {"type": "string", "description": "A short name of the team."},
            "building_task": {
                "type": "string",
                "description": "Which experts are wanted, a line each: what they can, and their part. Empty for a team that is there.",
            },
            "execution_task": {
                "type": "string",
                "description": "The whole task for the team, with everything that it must know: it knows nothing of this conversation.",
            },
        }
        parameters = {"type": "object", "properties": properties, "required": ["group_name", "execution_task"]}
        return ToolSchema(NAME, _DESCRIPTION.format(teams=self.max_teams), parameters)

    def takes(self, arguments: str) -> bool:
        return _read(arguments) is not None

    def next_step(self, turn: Turn, caller: Assistant, call: ToolCall) -> Step:
        wanted = _read(call.arguments)
        if wanted is None:
            return RunTools((call,), caller.tools)
        key = f"{NAME}/{wanted.group}"
        made = _made(turn, key, call.id)
        if made is None:
            if len(turn.outlined) >= self.max_teams:
                return Say((_failed(caller, call, text("engine.expert_team.no_more", most=self.max_teams, known=_known(turn))),))
            if turn.model is None:
                raise FlowError(caller.name, text("engine.expert_team.no_model"), text("engine.expert_team.no_model.remedy"))
            return Perform("team", _drafting(self, caller, call, wanted, key, turn.model))
        if self.show_first and made.call == call.id:
            answer = turn.approvals.get(call.id)
            if answer is None:
                asked = text("engine.expert_team.may_it", agent=caller.name, team=made.team)
                question = QuestionAsked(source=caller.name, text=asked, form="approve", subject=TOOL + call.id, details=_shown(made))
                return Ask(question)
            if not answer.approved:
                return RunTools((call,), caller.tools)
        return Converse(self.team_for(caller, made), task=wanted.task, key=key, call=call.id)

    def team_for(self, caller: Assistant, made: TeamOutlined | None) -> Team:
        from studio.engine.outlines.made_team import Lent, team_of
        from studio.engine.outlines.reading import good_name, read_outline
        from studio.engine.teams.chat import Chat
        from studio.engine.teams.team import Team

        outline = read_outline(made.outline).outline if made is not None else None
        if made is None or outline is None:
            raise FlowError(caller.name, text("engine.agent.no_such_outline", team=made.team if made is not None else NAME))
        lent = Lent(caller.model, self.max_turns, self.timeout, self._tools(), self._known())
        team = team_of(outline, made.team, lent)
        if self.reads != "summary":
            return team.replace(heard=self.reads)
        fields = {name: getattr(team, name) for name in type(team).model_fields if name != "name"}
        chat = Chat(**fields, name=good_name(made.team), summarised="model", summary_prompt=REVIEW)
        return Team(name=made.team, participants=(chat,), max_turns=1, heard="last", model=caller.model)

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        """Only calls that lack something come here, and those of teams that a person did not want."""
        return FunctionResult("The arguments 'group_name' and 'execution_task' must be texts, and neither may be empty.", is_error=True)

    def _tools(self) -> Mapping[SafeTool, Tool]:
        from studio.engine.tools.files import Files
        from studio.engine.tools.web_page import WebPage
        from studio.engine.tools.web_search import WebSearch

        on_the_web: dict[SafeTool, Tool] = {"web_search": WebSearch(), "web_page": WebPage()} if self.web else {}
        return {**on_the_web, "files": Files()} if self.files else on_the_web

    def _known(self) -> dict[str, str]:
        """The system messages of known experts by the names that they have in a team."""
        from studio.engine.outlines.reading import LONGEST_MESSAGE, good_name

        return {good_name(name): message[:LONGEST_MESSAGE] for name, message in self.experts.items()}

    def _roles(self) -> tuple[Role, ...]:
        return ("assistant", "code_runner") if self.code else ("assistant",)

    def _wishes(self) -> Sequence[str]:
        tools = ", ".join(self._tools())
        known = "\n".join(f"  {name}: {' '.join(message[:SHOWN_OF_KNOWN].split())}" for name, message in self._known().items())
        return (
            NO_PEOPLE,
            *(() if self.code else (NO_CODE,)),
            ONLY.format(tools=tools) if tools else NO_TOOLS,
            *((KNOWN.format(experts=known),) if known else ()),
        )


def _drafting(
    tool: ExpertTeam, caller: Assistant, call: ToolCall, wanted: _Wanted, key: str, model: Model
) -> Callable[[Place], Awaitable[Sequence[Event]]]:
    """Has a team made up; where none comes of it, the call is told why."""

    async def act(place: Place) -> Sequence[Event]:
        answers: list[Answered] = []
        found, why, began = None, "", time.monotonic()
        try:
            async with asyncio.timeout(DRAFTING):
                found = await _outline(tool, wanted, place, model, answers)
        except TimeoutError:
            why = text("engine.expert_team.too_slow", seconds=f"{DRAFTING:g}")
        except ConveneError as mistake:
            why = str(mistake)
        outlined = TeamOutlined(
            source=caller.name,
            key=key,
            call=call.id,
            team=wanted.group,
            outline=_plain(found.outline) if found is not None else None,
            changes=found.changes if found is not None else (),
            model=next((answer.model for answer in reversed(answers) if answer.model), None),
            # What was broken off is counted with the step, by whoever broke it off.
            usage=sum((answer.usage for answer in answers if answer.whole), NOTHING),
            seconds=round(time.monotonic() - began, 3),
        )
        return (outlined,) if found is not None else (outlined, _failed(caller, call, why))

    return act


async def _outline(tool: ExpertTeam, wanted: _Wanted, place: Place, model: Model, answers: list[Answered]) -> Outlined:
    """Raises NoOutline, OutlineDeclined, OutlineEndless, ModelError and AccountMissing."""
    from studio.engine.outlines.asking import NoOutline, Outlined, ask_for_outline
    from studio.engine.outlines.outline import MOST_AGENTS

    wish = f"{wanted.experts[:LONGEST_WISH]}\n\nThe task that this team gets first:\n{wanted.task[:LONGEST_WISH]}".strip()
    client, without = place.client(model), await _no_docker() if tool.code else ""
    tool = tool.replace(code=False) if without else tool
    room = min(tool.max_agents + tool.code, MOST_AGENTS)  # who runs the code is one more
    async with aclosing(ask_for_outline(client, wish, answers, room, tool._wishes(), tool._roles())) as pieces:
        async for piece in pieces:
            if isinstance(piece, Outlined):
                return replace(piece, changes=(*piece.changes, *((without,) if without else ())))
    raise NoOutline("", text("draw.nothing"), len(answers))


async def _no_docker() -> str:
    """What is said of a team that can run no code, since Docker does not answer; empty where it does."""
    from studio.engine.code.docker_engine import docker_state, image_for

    state = await docker_state(image_for())
    return text("engine.expert_team.no_docker", why=state.sentence) if state.state == "no engine" else ""


def _plain(outline: Outline) -> dict[str, Any]:
    """An outline as a log keeps it."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(replace(outline, tasks=()))))
    return plain


def _made(turn: Turn, key: str, call: str) -> TeamOutlined | None:
    """The team of a name that was made up last; one that a person refused only for the call that it was made up for."""
    for made in reversed(turn.outlined):
        answer = turn.approvals.get(made.call)
        if made.key == key and made.outline is not None and (made.call == call or answer is None or answer.approved):
            return made
    return None


def _known(turn: Turn) -> str:
    return ", ".join(dict.fromkeys(each.team for each in turn.outlined if each.outline is not None)) or "-"


def _failed(caller: Assistant, call: ToolCall, why: str) -> ToolFinished:
    return ToolFinished(source=caller.name, call=call.id, name=call.name, output=why, is_error=True)


def _shown(made: TeamOutlined) -> str:
    """A team as a person reads it before it begins."""
    from studio.engine.outlines.reading import read_outline

    outline = read_outline(made.outline).outline
    if outline is None:
        return ""
    agents = (f"{agent.name} ({agent.role}): {agent.description}\n{agent.system_message}".strip() for agent in outline.agents)
    return "\n\n".join((outline.description, *agents)).strip()


def _read(arguments: str) -> _Wanted | None:
    """What a call asks for; None when something of it is missing."""
    try:
        given = read_arguments(arguments)
    except BadArguments:
        return None
    group, experts, task = (given.get(name) for name in ("group_name", "building_task", "execution_task"))
    if not isinstance(group, str) or not isinstance(task, str) or not task.strip():
        return None
    name = " ".join(group.split())[:LONGEST_NAME].strip()
    return _Wanted(name, experts.strip() if isinstance(experts, str) else "", task) if name else None
