"""Tools of a script: functions, its own classes, and agents and teams that are called like one."""

from __future__ import annotations

import copy
import inspect
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Protocol, Self, TypeVar, runtime_checkable

from pydantic import BaseModel, Field

from studio.engine.agentchat.core.cancellation import CancellationToken
from studio.engine.agentchat.core.component import ComponentBase
from studio.engine.agentchat.messages import BaseChatMessage
from studio.engine.agents.human import Human
from studio.engine.code.arguments import read_arguments
from studio.engine.code.base import FunctionResult
from studio.engine.code.calling import BadArguments, error_of, text_of
from studio.engine.models.base import ToolSchema
from studio.engine.teams.team import Team
from studio.engine.tools.base import Tool, ToolPlace
from studio.engine.tools.function import FunctionTool
from studio.engine.tools.team_tool import AgentTool as EngineAgentTool
from studio.engine.tools.team_tool import TeamTool as EngineTeamTool

if TYPE_CHECKING:
    from studio.engine.agentchat.running import Run

Arguments = TypeVar("Arguments", bound=BaseModel)
Returned = TypeVar("Returned")
Kept = TypeVar("Kept", bound=BaseModel)
Told = TypeVar("Told")


class BaseTool(ComponentBase, ABC, Generic[Arguments, Returned]):
    """A tool of your own needs `run`, which gets a model of the arguments."""

    component_type = "tool"

    def __init__(self, args_type: type[Arguments], return_type: type[Returned], name: str, description: str, strict: bool = False) -> None:
        self._arguments, self._returned, self._name, self._description, self._strict = args_type, return_type, name, description, strict

    @property
    def name(self) -> str:
        return self._name

    @property
    def description(self) -> str:
        return self._description

    @property
    def schema(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "description": self.description,
            "parameters": self._arguments.model_json_schema(),
            "strict": self._strict,
        }

    def args_type(self) -> type[Arguments]:
        return self._arguments

    def return_type(self) -> type[Returned]:
        return self._returned

    @abstractmethod
    async def run(self, args: Arguments, cancellation_token: CancellationToken) -> Returned: ...

    async def run_json(self, args: Mapping[str, Any], cancellation_token: CancellationToken, call_id: str | None = None) -> Any:
        """Raises pydantic.ValidationError for other arguments, and what `run` raises."""
        return await self.run(self._arguments.model_validate(args), cancellation_token)

    def return_value_as_string(self, value: Any) -> str:
        return text_of(value)

    def state_type(self) -> type[BaseModel] | None:
        return None

    async def save_state_json(self) -> Mapping[str, Any]:
        return {}

    async def load_state_json(self, state: Mapping[str, Any]) -> None:
        return


class BaseToolWithState(BaseTool[Arguments, Returned], Generic[Arguments, Returned, Kept]):
    """A tool of your own that keeps something, which its workbench saves: it needs `save_state` and `load_state` too."""

    def __init__(
        self, args_type: type[Arguments], return_type: type[Returned], state_type: type[Kept], name: str, description: str
    ) -> None:
        super().__init__(args_type, return_type, name, description)
        self._kept = state_type

    def state_type(self) -> type[Kept]:
        return self._kept

    @abstractmethod
    def save_state(self) -> Kept: ...

    @abstractmethod
    def load_state(self, state: Kept) -> None: ...

    async def save_state_json(self) -> Mapping[str, Any]:
        return self.save_state().model_dump()

    async def load_state_json(self, state: Mapping[str, Any]) -> None:
        self.load_state(self._kept.model_validate(state))


@runtime_checkable
class StreamTool(Protocol):
    """A tool that tells something while it works."""

    @property
    def name(self) -> str: ...

    def return_value_as_string(self, value: Any) -> str: ...

    def run_json_stream(
        self, args: Mapping[str, Any], cancellation_token: CancellationToken, call_id: str | None = None
    ) -> AsyncGenerator[Any, None]: ...


class BaseStreamTool(BaseTool[Arguments, Returned], Generic[Arguments, Told, Returned]):
    """A tool of your own whose `run_stream` tells something, and at last its result; it needs `run` too, which agents call."""

    @abstractmethod
    def run_stream(self, args: Arguments, cancellation_token: CancellationToken) -> AsyncGenerator[Told | Returned, None]: ...

    async def run_json_stream(
        self, args: Mapping[str, Any], cancellation_token: CancellationToken, call_id: str | None = None
    ) -> AsyncGenerator[Told | Returned, None]:
        """Raises pydantic.ValidationError for other arguments, TypeError for an end without a result, and what `run_stream` raises."""
        last: Any = None
        async for last in self.run_stream(self._arguments.model_validate(args), cancellation_token):
            yield last
        if not isinstance(last, self._returned):
            raise TypeError(f"Expected return value of type {self._returned.__name__}, but got {type(last).__name__}")


class OwnTool(Tool):
    """A tool of a script's own class in a run. What it raises is a result that the model can react to."""

    kind: ClassVar[str] = "agentchat_tool"
    drawable: ClassVar[bool] = False
    summary: ClassVar[str] = "A script's own tool"

    owner: Annotated[Any, Field(exclude=True, repr=False)]
    name: str

    @property
    def key(self) -> str:
        return f"own:{self.name}"

    def schema_for_model(self) -> ToolSchema:
        schema = self.owner.schema
        parameters = schema.get("parameters") or {"type": "object", "properties": {}}
        return ToolSchema(str(schema["name"]), str(schema.get("description", "")), parameters)

    def needs_approval(self, name: str, arguments: str) -> bool:
        return False

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        async def run(given: dict[str, Any], token: CancellationToken) -> FunctionResult:
            return FunctionResult(self.owner.return_value_as_string(await self.owner.run_json(given, token)))

        return await answered(arguments, run)


async def answered(arguments: str, run: Callable[[dict[str, Any], CancellationToken], Awaitable[FunctionResult]]) -> FunctionResult:
    """What code of the script gives for a call: its mistakes are results, and what it still does for it then is cancelled."""
    token = CancellationToken()
    try:
        return await run(read_arguments(arguments), token)
    except BadArguments as mistake:
        return FunctionResult(str(mistake), is_error=True)
    except Exception as mistake:
        return FunctionResult(error_of(mistake, None), is_error=True)
    finally:
        token.cancel()


class HandoffTool(Tool):
    """What a model calls to hand over; its agent does so when all calls of the round are done."""

    kind: ClassVar[str] = "agentchat_handoff"
    drawable: ClassVar[bool] = False
    summary: ClassVar[str] = "Hands the conversation over"

    name: str
    description: str
    message: str
    target: str

    @property
    def key(self) -> str:
        return f"handoff:{self.name}"

    def schema_for_model(self) -> ToolSchema:
        return ToolSchema(self.name, self.description, {"type": "object", "properties": {}})

    def needs_approval(self, name: str, arguments: str) -> bool:
        return False

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        return FunctionResult(self.message)


TASK = {"type": "object", "properties": {"task": {"type": "string", "description": "The task to be executed."}}, "required": ["task"]}


class TaskTool(ComponentBase):
    """A tool whose calls are conversations of their own."""

    component_type = "tool"

    def __init__(self, runner: Any, name: str, description: str, last_only: bool) -> None:
        self._runner, self._name, self._description, self._last = runner, name, description, last_only

    @property
    def name(self) -> str:
        return self._name

    @property
    def description(self) -> str:
        return self._description

    @property
    def schema(self) -> dict[str, Any]:
        return {"name": self._name, "description": self._description, "parameters": TASK, "strict": False}

    def called(self, name: str, description: str) -> Self:
        """The same tool under another name."""
        other = copy.copy(self)
        other._name, other._description = name, description
        return other

    @property
    def runner(self) -> Any:
        """The agent or the team that a call's task goes to."""
        return self._runner

    async def run_json(
        self, args: Mapping[str, Any], cancellation_token: CancellationToken | None = None, call_id: str | None = None
    ) -> Any:
        """The TaskResult of `{"task": …}`, asked by hand. Raises KeyError without a task, and what the run raises."""
        return await self._runner.run(task=str(args["task"]), cancellation_token=cancellation_token)

    def return_value_as_string(self, value: Any) -> str:
        """A TaskResult as the caller's model would read it."""
        said = [message for message in value.messages if isinstance(message, BaseChatMessage) and message.source != "user"]
        if self._last:
            return said[-1].to_text() if said else ""
        return "\n\n".join(f"{message.source}: {message.to_text()}" for message in said)

    def playing(self, run: Run) -> Tool:
        from studio.engine.agentchat.agents.chat_agent import played

        return self._tool(played(self._runner, run))

    def component(self) -> Tool:
        return self._tool(self._runner.component())

    def _tool(self, inner: Any) -> Tool:
        heard = "last" if self._last else "all"
        if isinstance(inner, Team):
            return EngineTeamTool(team=inner.model_copy(update={"heard": heard}), name=self._name, description=self._description)
        if isinstance(inner, Human):
            return EngineTeamTool(team=inner, name=self._name, description=self._description)
        if (self._name, self._description) != (inner.name, inner.description):
            alone = Team(name=inner.name, description=inner.description, participants=(inner,), max_turns=1, heard=heard)
            return EngineTeamTool(team=alone, name=self._name, description=self._description)
        return EngineAgentTool(agent=inner, heard=heard)


class AgentTool(TaskTool):
    """An agent that others call; it knows what the same caller asked it before in this run."""

    def __init__(self, agent: Any, return_value_as_last_message: bool = False) -> None:
        super().__init__(agent, agent.name, agent.description, return_value_as_last_message)


class TeamTool(TaskTool):
    """A team that others call; each call begins anew."""

    def __init__(self, team: Any, name: str, description: str, return_value_as_last_message: bool = False) -> None:
        super().__init__(team, name, description, return_value_as_last_message)


def names_of(value: Any) -> list[str]:
    """What a model may call of it, as far as that is known before anybody is asked. Raises as `tool_of` does."""
    if isinstance(value, TaskTool):
        return [value.name]
    tool = tool_of(value, None)
    return [] if tool.must_list else [schema.name for schema in tool.schemas({})]


def tool_of(value: Any, run: Run | None) -> Tool:
    """The engine's tool for whatever a script gives as one; without a run, the one that can be written.

    Raises ValueError for what is no tool, FlowError for a function that a model could not be told how to call.
    """
    if isinstance(value, Tool):
        return value
    if isinstance(value, BaseTool) or (hasattr(value, "run_json") and hasattr(value, "schema") and not isinstance(value, TaskTool)):
        return OwnTool(owner=value, name=value.name)
    if hasattr(value, "playing") and (run is not None or not isinstance(value, ComponentBase)):
        played_tool: Tool = value.playing(run)
        return played_tool
    if isinstance(value, ComponentBase):
        written: Tool = value.component()
        return written
    if callable(value):
        return FunctionTool(value, description=inspect.getdoc(value) or "")
    raise ValueError(f"Unsupported tool type: {type(value)}")


__all__ = [
    "AgentTool",
    "BaseStreamTool",
    "BaseTool",
    "BaseToolWithState",
    "FunctionTool",
    "StreamTool",
    "TaskTool",
    "TeamTool",
    "names_of",
    "tool_of",
]
