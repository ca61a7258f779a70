"""Tools of a script: functions, its own classes, and agents and teams that are called like one."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, Field

from studio.engine.agentchat.core.cancellation import CancellationToken
from studio.engine.agentchat.core.component import ComponentBase
from studio.engine.agentchat.messages import BaseChatMessage
from studio.engine.agents.human import Human
from studio.engine.code.base import FunctionResult
from studio.engine.code.calling import BadArguments, error_of, read_arguments, text_of
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
        token = CancellationToken()
        try:
            value = await self.owner.run_json(read_arguments(arguments), token)
            return FunctionResult(self.owner.return_value_as_string(value))
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


class _RunsTask(ComponentBase):
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
        return EngineAgentTool(agent=inner, heard=heard)


class AgentTool(_RunsTask):
    """An agent that others call; it knows what the same caller asked it before in this run."""

    def __init__(self, agent: Any, return_value_as_last_message: bool = False) -> None:
        super().__init__(agent, agent.name, agent.description, return_value_as_last_message)


class TeamTool(_RunsTask):
    """A team that others call; each call begins anew."""

    def __init__(self, team: Any, name: str, description: str, return_value_as_last_message: bool = False) -> None:
        super().__init__(team, name, description, return_value_as_last_message)


class StaticWorkbench(ComponentBase):
    """Tools that are given together."""

    component_type = "workbench"

    def __init__(self, tools: Sequence[Any]) -> None:
        self.tools = list(tools)

    async def start(self) -> None:
        return

    async def stop(self) -> None:
        return

    async def __aenter__(self) -> StaticWorkbench:
        return self

    async def __aexit__(self, *mistake: object) -> None:
        return

    async def list_tools(self) -> list[dict[str, Any]]:
        """Their schemas."""
        return [shown(tool_of(tool, None)) for tool in self.tools]


StaticStreamWorkbench = StaticWorkbench


def shown(tool: Tool) -> dict[str, Any]:
    """A tool's schema as a plain object."""
    schema = tool.schema_for_model()
    return {"name": schema.name, "description": schema.description, "parameters": dict(schema.parameters), "strict": schema.strict}


def tool_of(value: Any, run: Run | None) -> Tool:
    """The engine's tool for whatever a script gives as one; without a run, the one that can be written.

    Raises ValueError for what is no tool, FlowError for a function that a model could not be told how to call.
    """
    if isinstance(value, Tool):
        return value
    if isinstance(value, BaseTool) or (hasattr(value, "run_json") and hasattr(value, "schema")):
        return OwnTool(owner=value, name=value.name)
    if run is not None and hasattr(value, "playing"):
        played_tool: Tool = value.playing(run)
        return played_tool
    if isinstance(value, ComponentBase):
        written: Tool = value.component()
        return written
    if callable(value):
        return FunctionTool(value, description=inspect.getdoc(value) or "")
    raise ValueError(f"Unsupported tool type: {type(value)}")


__all__ = ["AgentTool", "BaseTool", "FunctionTool", "StaticStreamWorkbench", "StaticWorkbench", "TeamTool", "shown", "tool_of"]
