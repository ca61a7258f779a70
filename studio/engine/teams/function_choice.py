"""A Python function of the flow chooses who speaks next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar

from pydantic import Field

from studio.engine.agents.agent import StopRun
from studio.engine.code.auto import AutoExecutor
from studio.engine.code.base import Executor
from studio.engine.component import Widget
from studio.engine.errors import FlowError
from studio.engine.events import FunctionReturned
from studio.engine.functions import FunctionSource, ask_function, messages_of
from studio.engine.teams.selection import Candidates, Choice, Selection
from studio.texts import text

PURPOSE = "speaker"


class FunctionChoice(Selection):
    """AutoGen's selector_func and 0.2's callable speaker_selection_method: a name, None for the end.

    With `fallback`, None leaves the choice to that strategy instead.
    """

    kind: ClassVar[str] = "function_choice"
    title: ClassVar[str] = "Function"
    summary: ClassVar[str] = "A function of yours names the next speaker"
    eager: ClassVar[bool] = True
    excludes: ClassVar[bool] = True

    source: Annotated[
        FunctionSource,
        Field(
            title="Function", description="Gets the messages as a list of {source, text} and the names; gives a name, or None for the end."
        ),
        Widget("code"),
    ] = "def next_speaker(messages: list[dict], names: list[str]) -> str | None:\n    return names[len(messages) % len(names)]\n"
    executor: Annotated[Executor, Field(title="Where it runs"), Widget("", advanced=True)] = AutoExecutor()
    timeout: Annotated[float, Field(title="Time limit", gt=0, le=600), Widget("seconds", advanced=True)] = 30.0
    fallback: Annotated[Selection | None, Field(title="When it names nobody"), Widget("hidden")] = None
    function: Annotated[Callable[..., Any] | None, Field(exclude=True), Widget("hidden")] = None

    def choose(self, candidates: Candidates) -> Any:
        answer = next((event for event in candidates.so_far if isinstance(event, FunctionReturned) and event.purpose == PURPOSE), None)
        if answer is None:
            return ask_function(self, PURPOSE, (messages_of(candidates.thread), list(candidates.names)), candidates.team)
        if answer.value is None and self.fallback is not None:
            return self.fallback.choose(candidates)
        if answer.value is None:
            return StopRun(text("engine.function_choice.named_nobody", function=answer.name), self.kind)
        if answer.value not in {agent.name for agent in candidates.agents}:
            known = ", ".join(agent.name for agent in candidates.agents)
            sentence = text("engine.function_choice.stranger", function=answer.name, named=repr(answer.value))
            raise FlowError(candidates.team, sentence, text("engine.function_choice.stranger.remedy", names=known))
        return Choice(answer.value, text("engine.choice.function", function=answer.name), self.kind)

    def on_reply(self, candidates: Candidates, reply: Any) -> Any:
        if self.fallback is None:
            raise FlowError(candidates.team, text("engine.function_choice.model_answered"))
        return self.fallback.on_reply(candidates, reply)
