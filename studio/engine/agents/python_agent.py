"""An agent whose answers a Python function, or a class, of your own gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar

from pydantic import Field

from studio.engine.agents.agent import Agent, Say, Step, Turn
from studio.engine.code.auto import AutoExecutor
from studio.engine.code.base import Executor
from studio.engine.component import Widget
from studio.engine.events import FunctionReturned, MessageSaid
from studio.engine.functions import FunctionSource, ask_function, ask_object, messages_of
from studio.engine.guards import Guards
from studio.engine.own_class import class_of_source
from studio.texts import text

PURPOSE = "reply"


class PythonAgent(Agent):
    """The function gets the messages as a list of {source, text} and gives its own, as text. What is no text is said as it prints.

    A source without a public function may hold a class instead: `reply(self, messages)` of an object of it answers. The object lives
    as long as the run as far as JSON can hold its attributes: each turn makes a new one and gives it what the last one had.
    """

    kind: ClassVar[str] = "python_agent"
    title: ClassVar[str] = "Python agent"
    summary: ClassVar[str] = "Answers by a function or a class of yours"

    source: Annotated[
        FunctionSource,
        Field(
            title="Function or class",
            description="A function, or a class with a method reply(self, messages), that gets the messages, {source, text} each, and "
            "gives its answer. An object's plain attributes are kept from turn to turn.",
        ),
        Widget("code"),
    ] = 'def reply(messages: list[dict]) -> str:\n    return f"I heard {len(messages)} messages."\n'
    executor: Annotated[Executor, Field(title="Where it runs"), Widget("", advanced=True)] = AutoExecutor()
    timeout: Annotated[float, Field(title="Time limit", gt=0, le=3_600), Widget("seconds", advanced=True)] = 60.0
    guards: Guards = ()
    function: Annotated[Callable[..., Any] | None, Field(exclude=True), Widget("hidden")] = None

    def next_step(self, turn: Turn) -> Step:
        answer = next((event for event in turn.so_far if isinstance(event, FunctionReturned)), None)
        if answer is None:
            own = class_of_source(self.source) if self.function is None else None
            if own is not None:
                return ask_object(self, own, PURPOSE, messages_of(turn.thread), turn.kept, self.name)
            return ask_function(self, PURPOSE, (messages_of(turn.thread),), self.name)
        said = answer.value if isinstance(answer.value, str) else str(answer.value)
        return Say((MessageSaid(source=self.name, text=said or text("engine.agent.nothing_said")),))
