"""A team, or an agent, as a tool: the call's task goes to it, and what it says is the result."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator

from studio.engine.agents.agent import Agent, Converse, Step, Turn
from studio.engine.agents.human import Human
from studio.engine.code.arguments import read_arguments
from studio.engine.code.base import FunctionResult
from studio.engine.code.calling import BadArguments
from studio.engine.component import Widget
from studio.engine.models.base import ToolSchema
from studio.engine.teams.team import Team
from studio.engine.tools.base import ToolPlace
from studio.engine.tools.conversing import ConversingTool
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.agents.assistant import Assistant
    from studio.engine.events import TeamOutlined, ToolCall

_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_]+")
_KNOWS_NOTHING = "The whole task: it knows nothing of this conversation."
_KNOWS_EARLIER = "The whole task: it knows what you asked it before, and nothing else of this conversation."


class TalkingTool(ConversingTool):
    """A tool that gives its task to a team or an agent that is there."""

    drawable: ClassVar[bool] = False

    @property
    def spoken_to(self) -> Team:
        """Who talks when it is called."""
        raise NotImplementedError

    @property
    def goes_on(self) -> bool:
        """Whether a caller's next call goes on where its last one ended."""
        return False

    def schema_for_model(self) -> ToolSchema:
        called, description = self._called()
        name = _NOT_IN_NAMES.sub("_", called).strip("_")[:64] or "team"
        task = {"type": "string", "description": _KNOWS_EARLIER if self.goes_on else _KNOWS_NOTHING}
        told = description or f"Gives a task to {called} and returns its answer."
        return ToolSchema(name, told, {"type": "object", "properties": {"task": task}, "required": ["task"]})

    def _called(self) -> tuple[str, str]:
        """What a model calls it, and what it is told of it."""
        raise NotImplementedError

    def takes(self, arguments: str) -> bool:
        return self.task(arguments) is not None

    def next_step(self, turn: Turn, caller: Assistant, call: ToolCall) -> Step:
        return Converse(self.spoken_to, task=self.task(call.arguments) or "", key=call.name, call=call.id, keep=self.goes_on)

    def team_for(self, caller: Assistant, made: TeamOutlined | None) -> Team:
        return self.spoken_to

    def task(self, arguments: str) -> str | None:
        """The task of a call; None when the arguments hold none."""
        try:
            task = read_arguments(arguments).get("task")
        except BadArguments:
            return None
        return task if isinstance(task, str) and task.strip() else None

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        """Only calls without a task come here: with one, it is a conversation."""
        return FunctionResult("The argument 'task' must be a text that says what is to be done.", is_error=True)


class TeamTool(TalkingTool):
    """AutoGen's TeamTool. A single agent answers once. Every call begins a conversation of its own.

    The result is the team's last message, or everything that was said in it, as its `heard` says.
    """

    kind: ClassVar[str] = "team_tool"
    title: ClassVar[str] = "Team as a tool"
    summary: ClassVar[str] = "A team that agents can call"

    team: Annotated[Team, Field(title="Team")]
    name: Annotated[str, Field(title="Name", description="Empty: the team's.", pattern=r"^[a-zA-Z0-9_]{0,64}$"), Widget("line")] = ""
    description: Annotated[str, Field(title="What it is for", description="Empty: the team's."), Widget("line")] = ""

    def __new__(cls, *args: Any, **fields: Any) -> Any:
        """Around a team or an agent of AgentChat it is AgentChat's tool of that name."""
        team = args[0] if args else fields.get("team")
        if cls is TeamTool and hasattr(team, "playing"):
            from studio.engine.agentchat.tools import TeamTool as OfAgentChat

            return OfAgentChat(*args, **fields)
        return super().__new__(cls)

    @field_validator("team", mode="before")
    @classmethod
    def _an_agent_is_a_team_of_one(cls, value: Any) -> Any:
        if isinstance(value, Agent) and not isinstance(value, Team):
            return Team(name=value.name, description=value.description, participants=(value,), max_turns=1, heard="last")
        return value

    @property
    def spoken_to(self) -> Team:
        return self.team

    def _called(self) -> tuple[str, str]:
        return self.name or self.team.name, self.description or self.team.description


class AgentTool(TalkingTool):
    """AutoGen's AgentTool: a model calls the agent by its name and is told its description.

    The agent answers once. With `remembers` it knows its caller's earlier tasks and its own answers to them; several
    callers are several conversations, so that what one asked is never told to another.
    """

    kind: ClassVar[str] = "agent_tool"
    title: ClassVar[str] = "Agent as a tool"
    summary: ClassVar[str] = "An agent that others can call"

    agent: Annotated[Agent, Field(title="Agent")]
    remembers: Annotated[
        bool, Field(title="Remembers earlier calls", description="Of the same caller in the same run; otherwise every call begins anew.")
    ] = True
    heard: Annotated[
        Literal["last", "all"], Field(title="The caller reads", description="What it answered, as it is or below its name.")
    ] = "last"

    def __new__(cls, *args: Any, **fields: Any) -> Any:
        """Around an agent of AgentChat it is AgentChat's tool of that name."""
        agent = args[0] if args else fields.get("agent")
        if cls is AgentTool and hasattr(agent, "playing"):
            from studio.engine.agentchat.tools import AgentTool as OfAgentChat

            return OfAgentChat(*args, **fields)
        return super().__new__(cls)

    @field_validator("agent")
    @classmethod
    def _speaks_by_itself(cls, value: Agent) -> Agent:
        if isinstance(value, Team):
            raise ValueError(text("engine.agent_tool.team", name=value.name))
        if isinstance(value, Human):
            raise ValueError(text("engine.agent_tool.person", name=value.name))
        return value

    @property
    def spoken_to(self) -> Team:
        agent = self.agent
        return Team(name=agent.name, description=agent.description, participants=(agent,), max_turns=1, heard=self.heard)

    @property
    def goes_on(self) -> bool:
        return self.remembers

    def _called(self) -> tuple[str, str]:
        return self.agent.name, self.agent.description
