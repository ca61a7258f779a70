"""AgentChat's person over the engine's: whoever an input function asks, or the terminal."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import Field

from studio.engine.agentchat.agents.chat_agent import EngineAgent
from studio.engine.agentchat.messages import BaseChatMessage, HandoffMessage, TextMessage
from studio.engine.agents.agent import Ask, Say, Step, Turn
from studio.engine.agents.human import Human
from studio.engine.component import Component as EngineComponent
from studio.engine.errors import FlowError
from studio.engine.events import HandedOff, MessageSaid, QuestionAnswered, QuestionAsked
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.agentchat.running import Run

_REQUEST: ContextVar[str] = ContextVar("input_request")


class UserProxyAgent(EngineAgent):
    """`input_func(prompt)` or `async input_func(prompt, cancellation_token)`; without one a line of the terminal."""

    asks_people = True

    class InputRequestContext:
        """Which request an input function answers."""

        @classmethod
        def request_id(cls) -> str:
            """Raises RuntimeError outside of an input function."""
            try:
                return _REQUEST.get()
            except LookupError:
                raise RuntimeError("request_id() is known within the input function of a UserProxyAgent only.") from None

        @classmethod
        @contextmanager
        def populate_context(cls, ctx: str) -> Iterator[None]:
            token = _REQUEST.set(ctx)
            try:
                yield
            finally:
                _REQUEST.reset(token)

    def __init__(self, name: str, *, description: str = "A human user", input_func: Callable[..., Any] | None = None) -> None:
        super().__init__(name, description)
        self.input_func = input_func

    @property
    def produced_message_types(self) -> Sequence[type[BaseChatMessage]]:
        return (TextMessage, HandoffMessage)

    def playing(self, run: Run) -> Human:
        return _Person(owner=self, name=self.name, description=self.description, end_word="")

    def component(self) -> Human:
        return Human(name=self.name, description=self.description, end_word="")

    @classmethod
    def of_component(cls, component: EngineComponent) -> Self:
        if not isinstance(component, Human):
            raise FlowError(component.kind, text("engine.agentchat.no_person"))
        return cls(component.name, description=component.description)

    async def answer(self, question: QuestionAsked, run: Run) -> tuple[str, bool | None] | None:
        """Raises RuntimeError for whatever the input function raises."""
        with self.InputRequestContext.populate_context(question.id):
            try:
                return str(await self._typed(question.text, run)), None
            except asyncio.CancelledError:
                raise
            except Exception as mistake:
                raise RuntimeError(f"Failed to get user input: {mistake}") from mistake

    async def _typed(self, prompt: str, run: Run) -> Any:
        if self.input_func is None:
            from studio.engine.terminal import typed

            return await typed(prompt)
        if inspect.iscoroutinefunction(self.input_func):
            return await self.input_func(prompt, run.token) if _takes_token(self.input_func) else await self.input_func(prompt)
        value = await asyncio.to_thread(self.input_func, prompt)
        return await value if inspect.isawaitable(value) else value


def _takes_token(function: Callable[..., Any]) -> bool:
    try:
        inspect.signature(function).bind("", None)
    except TypeError:
        return False
    return True


class _Person(Human):
    """A UserProxyAgent in a run: asked at every turn, whatever was said; a hand-over is answered by one back."""

    kind: ClassVar[str] = Human.kind
    drawable: ClassVar[bool] = False
    owner: Annotated[Any, Field(exclude=True, repr=False)]

    def next_step(self, turn: Turn) -> Step:
        last = next((event for event in reversed(turn.thread) if isinstance(event, MessageSaid | HandedOff)), None)
        handed = last if isinstance(last, HandedOff) and last.target == self.name else None
        answer = next((event for event in turn.so_far if isinstance(event, QuestionAnswered)), None)
        if answer is None:
            prompt = "Enter your response: "
            if handed is not None:
                prompt = f"Handoff received from {handed.source}. {prompt}"
            return Ask(QuestionAsked(source=self.name, text=prompt))
        if handed is not None:
            return Say((HandedOff(source=self.name, target=handed.source, text=answer.text),))
        return Say((MessageSaid(source=self.name, role="human", text=answer.text),))
