"""AgentChat's stop rules: the same names, arguments and reasons, and none of them is met by what the task says."""

from __future__ import annotations

import inspect
import time
from collections.abc import Awaitable, Callable, Sequence

from studio.engine.agentchat.base import (
    AndTerminationCondition,
    OrTerminationCondition,
    Said,
    TerminatedException,
    TerminationCondition,
)
from studio.engine.agentchat.messages import BaseChatMessage, HandoffMessage, StopMessage, TextMessage, ToolCallExecutionEvent
from studio.engine.component import Component as EngineComponent
from studio.engine.conditions.combined import AllOf, AnyOf
from studio.engine.conditions.condition import Condition
from studio.engine.conditions.hand_off import HandOffTo
from studio.engine.conditions.max_messages import MaxMessages
from studio.engine.conditions.said_by import SaidBy
from studio.engine.conditions.text_mention import TextMention
from studio.engine.conditions.time_limit import TimeLimit
from studio.engine.conditions.token_limit import TokenLimit
from studio.engine.conditions.tool_used import ToolUsed
from studio.engine.errors import FlowError
from studio.texts import text


class Rule(TerminationCondition):
    """What these rules share: once met, they want a reset."""

    _terminated = False

    @property
    def terminated(self) -> bool:
        return self._terminated

    async def __call__(self, messages: Sequence[Said]) -> StopMessage | None:
        """Raises TerminatedException after it was met."""
        if self._terminated:
            raise TerminatedException("Termination condition has already been reached")
        reason = await self.met(messages)
        if reason is None:
            return None
        self._terminated = True
        return StopMessage(content=reason, source=type(self).__name__)

    async def met(self, messages: Sequence[Said]) -> str | None:
        """The reason, when these messages meet it."""
        raise NotImplementedError

    async def begin(self, task: Sequence[Said]) -> StopMessage | None:
        return None

    async def reset(self) -> None:
        self._terminated = False


class StopMessageTermination(Rule):
    async def met(self, messages: Sequence[Said]) -> str | None:
        return "Stop message received" if any(isinstance(message, StopMessage) for message in messages) else None


class MaxMessageTermination(Rule):
    """Counts the task's messages too, but is not met before somebody has spoken."""

    def __init__(self, max_messages: int, include_agent_event: bool = False) -> None:
        self._most, self._events, self._count = max_messages, include_agent_event, 0

    def _counted(self, messages: Sequence[Said]) -> int:
        return sum(self._events or isinstance(message, BaseChatMessage) for message in messages)

    async def begin(self, task: Sequence[Said]) -> StopMessage | None:
        self._count += self._counted(task)
        return None

    async def met(self, messages: Sequence[Said]) -> str | None:
        self._count += self._counted(messages)
        if self._count < self._most:
            return None
        return f"Maximum number of messages {self._most} reached, current message count: {self._count}"

    async def reset(self) -> None:
        await super().reset()
        self._count = 0

    def component(self) -> Condition:
        return MaxMessages(max_messages=self._most, include_task=True)


class TextMentionTermination(Rule):
    def __init__(self, text: str, sources: Sequence[str] | None = None) -> None:
        self._text, self._sources = text, sources

    async def met(self, messages: Sequence[Said]) -> str | None:
        for message in messages:
            if (self._sources is None or message.source in self._sources) and self._text in message.to_text():
                return f"Text '{self._text}' mentioned"
        return None

    def component(self) -> Condition:
        return TextMention(text=self._text, sources=tuple(self._sources or ()))


class FunctionalTermination(Rule):
    """A function of the new messages, which ends the run by True. It is asked with the task too, as it is the script's own."""

    def __init__(self, func: Callable[[Sequence[Said]], bool] | Callable[[Sequence[Said]], Awaitable[bool]]) -> None:
        self._func = func

    async def begin(self, task: Sequence[Said]) -> StopMessage | None:
        return await self(task)

    async def met(self, messages: Sequence[Said]) -> str | None:
        value = self._func(messages)
        if inspect.isawaitable(value):
            value = await value
        return "Functional termination condition met" if value is True else None


class TokenUsageTermination(Rule):
    def __init__(
        self, max_total_token: int | None = None, max_prompt_token: int | None = None, max_completion_token: int | None = None
    ) -> None:
        """Raises ValueError without any limit."""
        if max_total_token is None and max_prompt_token is None and max_completion_token is None:
            raise ValueError("At least one of max_total_token, max_prompt_token, or max_completion_token must be provided")
        self._total, self._prompt, self._completion = max_total_token, max_prompt_token, max_completion_token
        self._asked = self._answered = 0

    async def met(self, messages: Sequence[Said]) -> str | None:
        for message in messages:
            if message.models_usage is not None:
                self._asked += message.models_usage.prompt_tokens
                self._answered += message.models_usage.completion_tokens
        limits = (
            (self._total, self._asked + self._answered),
            (self._prompt, self._asked),
            (self._completion, self._answered),
        )
        if not any(limit is not None and used >= limit for limit, used in limits):
            return None
        return (
            f"Token usage limit reached, total token count: {self._asked + self._answered}, "
            f"prompt token count: {self._asked}, completion token count: {self._answered}."
        )

    async def reset(self) -> None:
        await super().reset()
        self._asked = self._answered = 0

    def component(self) -> Condition:
        return TokenLimit(total=self._total, prompt=self._prompt, completion=self._completion)


class HandoffTermination(Rule):
    def __init__(self, target: str) -> None:
        self._target = target

    async def met(self, messages: Sequence[Said]) -> str | None:
        for message in messages:
            if isinstance(message, HandoffMessage) and message.target == self._target:
                return f"Handoff to {self._target} from {message.source} detected."
        return None

    def component(self) -> Condition:
        return HandOffTo(target=self._target)


class TimeoutTermination(Rule):
    """Counts from when a run begins, and ends a turn that is under way."""

    def __init__(self, timeout_seconds: float) -> None:
        self._seconds, self._began = timeout_seconds, time.monotonic()

    async def begin(self, task: Sequence[Said]) -> StopMessage | None:
        self._began = time.monotonic()
        return None

    def seconds_left(self) -> float | None:
        return self._seconds - (time.monotonic() - self._began)

    def out_of_time(self) -> StopMessage | None:
        if time.monotonic() - self._began < self._seconds:
            return None
        return StopMessage(content=f"Timeout of {self._seconds} seconds reached", source=type(self).__name__)

    async def met(self, messages: Sequence[Said]) -> str | None:
        stop = self.out_of_time()
        return stop.content if stop is not None else None

    async def reset(self) -> None:
        await super().reset()
        self._began = time.monotonic()

    def component(self) -> Condition:
        return TimeLimit(seconds=self._seconds)


class ExternalTermination(Rule):
    """Ends the run after the turn during which `set` was called, by whom and wherever."""

    _set = False

    def set(self) -> None:
        self._set = True

    async def met(self, messages: Sequence[Said]) -> str | None:
        return "External termination requested" if self._set else None

    async def reset(self) -> None:
        await super().reset()
        self._set = False


class SourceMatchTermination(Rule):
    def __init__(self, sources: Sequence[str]) -> None:
        self._sources = tuple(sources)

    async def met(self, messages: Sequence[Said]) -> str | None:
        source = next((message.source for message in messages if message.source in self._sources), None)
        return f"'{source}' answered" if source is not None else None

    def component(self) -> Condition:
        return SaidBy(sources=self._sources)


class TextMessageTermination(Rule):
    def __init__(self, source: str | None = None) -> None:
        self._source = source

    async def met(self, messages: Sequence[Said]) -> str | None:
        for message in messages:
            if isinstance(message, TextMessage) and self._source in (None, message.source):
                return f"Text message received from '{message.source}'"
        return None

    def component(self) -> Condition:
        return SaidBy(sources=(self._source,) if self._source is not None else ())


class FunctionCallTermination(Rule):
    def __init__(self, function_name: str) -> None:
        self._name = function_name

    async def met(self, messages: Sequence[Said]) -> str | None:
        for message in messages:
            if isinstance(message, ToolCallExecutionEvent) and any(result.name == self._name for result in message.content):
                return f"Function '{self._name}' was executed."
        return None

    def component(self) -> Condition:
        return ToolUsed(name=self._name)


def rule_of(component: EngineComponent) -> TerminationCondition:
    """The rule of a script for one of the engine's. Raises FlowError for one that AgentChat has not."""
    match component:
        case AnyOf(conditions=conditions):
            return OrTerminationCondition(*(rule_of(each) for each in conditions))
        case AllOf(conditions=conditions):
            return AndTerminationCondition(*(rule_of(each) for each in conditions))
        case MaxMessages(max_messages=most, include_task=True):
            return MaxMessageTermination(most)
        case TextMention(text=said, sources=sources, include_task=False):
            return TextMentionTermination(said, sources or None)
        case TokenLimit(total=total, prompt=prompt, completion=completion):
            return TokenUsageTermination(total, prompt, completion)
        case HandOffTo(target=target):
            return HandoffTermination(target)
        case TimeLimit(seconds=seconds):
            return TimeoutTermination(seconds)
        case SaidBy(sources=sources):
            return SourceMatchTermination(sources) if sources else TextMessageTermination()
        case ToolUsed(name=name, only_success=False) if name:
            return FunctionCallTermination(name)
        case _:
            raise FlowError(component.kind, text("engine.agentchat.not_read"), text("engine.agentchat.write_python"))


__all__ = [
    "ExternalTermination",
    "FunctionCallTermination",
    "FunctionalTermination",
    "HandoffTermination",
    "MaxMessageTermination",
    "SourceMatchTermination",
    "StopMessageTermination",
    "TextMentionTermination",
    "TextMessageTermination",
    "TimeoutTermination",
    "TokenUsageTermination",
    "rule_of",
]
