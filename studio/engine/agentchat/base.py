"""What runs give back, hand-overs, and what stops a run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, Field, SerializeAsAny, model_validator

from studio.engine.agentchat.core.cancellation import CancellationToken
from studio.engine.agentchat.core.component import ComponentBase
from studio.engine.agentchat.messages import BaseAgentEvent, BaseChatMessage, StopMessage
from studio.engine.component import Component as EngineComponent
from studio.engine.conditions.condition import Condition
from studio.engine.errors import FlowError
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.tools.function import FunctionTool

Said = BaseAgentEvent | BaseChatMessage
Task = str | BaseChatMessage | Sequence[BaseChatMessage] | None


class TaskResult(BaseModel):
    """Everything that was said, the task first, and why it ended."""

    messages: Sequence[SerializeAsAny[BaseAgentEvent | BaseChatMessage]]
    stop_reason: str | None = None


@dataclass(kw_only=True)
class Response:
    """What an agent answers, and what happened before."""

    chat_message: BaseChatMessage
    inner_messages: Sequence[Said] | None = None


class Handoff(BaseModel):
    """That an agent may hand over to `target`. What is left out follows from the target's name."""

    target: str
    description: str = Field(default="")
    name: str = Field(default="")
    message: str = Field(default="")

    @model_validator(mode="before")
    @classmethod
    def _from_the_target(cls, values: Any) -> Any:
        if not isinstance(values, dict) or "target" not in values:
            return values
        target = values["target"]
        given = {name: value for name, value in values.items() if value}
        if "name" in given and not str(given["name"]).isidentifier():
            raise ValueError(f"the name of a hand-over must be an identifier, and {given['name']!r} is none")
        return {
            "description": f"Handoff to {target}.",
            "name": f"transfer_to_{target}".lower(),
            "message": f"Transferred to {target}, adopting the role of {target} immediately.",
        } | given

    @property
    def handoff_tool(self) -> FunctionTool:
        """What a model calls to hand over, for an agent of your own."""
        from studio.engine.tools.function import FunctionTool

        return FunctionTool(lambda: self.message, description=self.description, name=self.name)


class TaskRunner(ABC):
    """What can be given a task: an agent or a team."""

    @abstractmethod
    async def run(
        self, *, task: Task = None, cancellation_token: CancellationToken | None = None, output_task_messages: bool = True
    ) -> TaskResult: ...

    @abstractmethod
    def run_stream(
        self, *, task: Task = None, cancellation_token: CancellationToken | None = None, output_task_messages: bool = True
    ) -> AsyncGenerator[Said | TaskResult]: ...


class ChatAgent(TaskRunner):
    """Any agent, as scripts name its type."""


class Team(TaskRunner):
    """Any team, as scripts name its type."""


class TerminatedException(BaseException):
    """A condition was asked once more after it had been met, without a reset."""


class TerminationCondition(ComponentBase, ABC):
    """When a run is over: asked after every turn with what is new, combined with `&` and `|`. A team resets it itself."""

    component_type = "termination"

    @property
    @abstractmethod
    def terminated(self) -> bool: ...

    @abstractmethod
    async def __call__(self, messages: Sequence[Said]) -> StopMessage | None: ...

    @abstractmethod
    async def reset(self) -> None: ...

    async def begin(self, task: Sequence[Said]) -> StopMessage | None:
        """Asked with the task's messages before anybody speaks. The rules of this package are not met by what the task says."""
        return await self(task)

    def seconds_left(self) -> float | None:
        """After how many seconds it is met at the latest, whatever is said; None when time does not matter."""
        return None

    def out_of_time(self) -> StopMessage | None:
        """The reason, when it is met by time alone."""
        return None

    def component(self) -> Condition:
        return super().component()  # type: ignore[no-any-return]

    @classmethod
    def of_component(cls, component: EngineComponent) -> Self:
        from studio.engine.agentchat.conditions import rule_of

        rule = rule_of(component)
        if not isinstance(rule, cls):
            raise FlowError(cls.__name__, text("engine.agentchat.not_read"), text("engine.agentchat.write_python"))
        return rule

    def __and__(self, other: TerminationCondition) -> TerminationCondition:
        return AndTerminationCondition(self, other)

    def __or__(self, other: TerminationCondition) -> TerminationCondition:
        return OrTerminationCondition(self, other)


def _joined(stops: Sequence[StopMessage]) -> StopMessage:
    return StopMessage(content=", ".join(stop.content for stop in stops), source=", ".join(stop.source for stop in stops))


class AndTerminationCondition(TerminationCondition):
    """Each side is remembered once it was met; they need not be met in the same turn."""

    def __init__(self, *conditions: TerminationCondition) -> None:
        self._conditions = conditions
        self._met: dict[int, StopMessage] = {}

    @property
    def terminated(self) -> bool:
        return len(self._met) == len(self._conditions)

    async def __call__(self, messages: Sequence[Said]) -> StopMessage | None:
        if self.terminated:
            raise TerminatedException("Termination condition has already been reached.")
        for index, condition in enumerate(self._conditions):
            if index not in self._met and (stop := await condition(messages)) is not None:
                self._met[index] = stop
        return self._result()

    async def begin(self, task: Sequence[Said]) -> StopMessage | None:
        for index, condition in enumerate(self._conditions):
            if (stop := await condition.begin(task)) is not None:
                self._met[index] = stop
        return self._result()

    def _result(self) -> StopMessage | None:
        return _joined(list(self._met.values())) if self.terminated else None

    def seconds_left(self) -> float | None:
        left = [condition.seconds_left() for index, condition in enumerate(self._conditions) if index not in self._met]
        timed = [seconds for seconds in left if seconds is not None]
        return max(timed) if timed and len(timed) == len(left) else None

    def out_of_time(self) -> StopMessage | None:
        stops = [self._met.get(index) or condition.out_of_time() for index, condition in enumerate(self._conditions)]
        met = [stop for stop in stops if stop is not None]
        return _joined(met) if len(met) == len(stops) else None

    async def reset(self) -> None:
        self._met = {}
        for condition in self._conditions:
            await condition.reset()

    def component(self) -> Condition:
        from studio.engine.conditions.combined import AllOf

        return AllOf(conditions=tuple(condition.component() for condition in self._conditions))


class OrTerminationCondition(TerminationCondition):
    """All sides are asked, and any of them ends the run."""

    def __init__(self, *conditions: TerminationCondition) -> None:
        self._conditions = conditions

    @property
    def terminated(self) -> bool:
        return any(condition.terminated for condition in self._conditions)

    async def __call__(self, messages: Sequence[Said]) -> StopMessage | None:
        if self.terminated:
            raise TerminatedException("Termination condition has already been reached.")
        stops = [await condition(messages) for condition in self._conditions]
        met = [stop for stop in stops if stop is not None]
        return _joined(met) if met else None

    async def begin(self, task: Sequence[Said]) -> StopMessage | None:
        stops = [await condition.begin(task) for condition in self._conditions]
        met = [stop for stop in stops if stop is not None]
        return _joined(met) if met else None

    def seconds_left(self) -> float | None:
        left = [seconds for condition in self._conditions if (seconds := condition.seconds_left()) is not None]
        return min(left, default=None)

    def out_of_time(self) -> StopMessage | None:
        met = [stop for condition in self._conditions if (stop := condition.out_of_time()) is not None]
        return _joined(met) if met else None

    async def reset(self) -> None:
        for condition in self._conditions:
            await condition.reset()

    def component(self) -> Condition:
        from studio.engine.conditions.combined import AnyOf

        return AnyOf(conditions=tuple(condition.component() for condition in self._conditions))
