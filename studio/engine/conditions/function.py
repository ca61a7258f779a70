"""Stops when a Python function of the flow says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from studio.engine.agents.agent import Perform
from studio.engine.code.auto import AutoExecutor
from studio.engine.code.base import Executor
from studio.engine.component import Widget
from studio.engine.conditions.condition import Condition, Met, Progress
from studio.engine.functions import FunctionSource, ask_function, messages_of
from studio.texts import text


class FunctionRule(Condition):
    """AutoGen's FunctionalTermination: a function of the messages that says True when it is over.

    It is asked after every message, outside of the fold: its answer is an event, which this rule then sees.
    """

    kind: ClassVar[str] = "function_rule"
    title: ClassVar[str] = "Own rule"
    summary: ClassVar[str] = "When a function of yours says so"

    source: Annotated[
        FunctionSource,
        Field(title="Function", description="Gets the messages as a list of {source, text}; True ends the conversation."),
        Widget("code"),
    ] = "def is_over(messages: list[dict]) -> bool:\n    return messages[-1]['text'].endswith('.')\n"
    executor: Annotated[Executor, Field(title="Where it runs"), Widget("", advanced=True)] = AutoExecutor()
    timeout: Annotated[float, Field(title="Time limit", gt=0, le=600), Widget("seconds", advanced=True)] = 30.0
    function: Annotated[Callable[..., Any] | None, Field(exclude=True), Widget("hidden")] = None

    def observe(self, progress: Progress, memory: Any) -> tuple[Any, Met | None]:
        """The memory is whether a message came that the function was not asked about yet."""
        asked = bool(memory)
        for event in progress.new:
            if event.type == "message" and event.role != "task":
                asked = True
            elif event.type == "function_result" and event.purpose == self._purpose:
                asked = False
                if event.value is True:
                    return False, Met(text("engine.stop.function", function=event.name), self.kind)
        return asked, None

    def pending(self, memory: Any, thread: Sequence[Any], source: str) -> Perform | None:
        if not memory:
            return None
        return ask_function(self, self._purpose, (messages_of(thread),), source)

    @property
    def _purpose(self) -> str:
        """Which rule an answer is of: rules of different functions, joined by & or |, are asked each for itself."""
        from hashlib import sha256

        which = self.source if self.function is None else _identity(self.function)
        return f"stop:{sha256(which.encode('utf-8', 'replace')).hexdigest()[:12]}"


def _identity(function: Callable[..., Any]) -> str:
    """What tells a function of the program from others, and is the same in every process that runs the program."""
    code = getattr(function, "__code__", None)
    cells = [cell.cell_contents for cell in getattr(function, "__closure__", None) or ()]
    plain = [value for value in cells if isinstance(value, str | int | float | bool | None)]
    name = getattr(function, "__qualname__", type(function).__qualname__)
    return repr((getattr(function, "__module__", ""), name, code and (code.co_firstlineno, code.co_code.hex(), code.co_names), plain))
