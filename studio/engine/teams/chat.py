"""A chat in a row of chats: it is told its own task and what came of the chats before, and hands on a summary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from studio.engine.agents.agent import CallModel, Converse, Say, Step, Turn
from studio.engine.code.auto import AutoExecutor
from studio.engine.code.base import Executor
from studio.engine.component import Widget
from studio.engine.events import ConversationClosed, Event, FunctionReturned, MessageSaid
from studio.engine.functions import FunctionSource, ask_function, messages_of
from studio.engine.models.base import ModelReply, ModelRequest
from studio.engine.teams.team import Team
from studio.texts import text

SUMMARY_PROMPT = "Summarise the takeaway of the conversation. Add no introduction and name no speakers unless it matters who said it."


PURPOSE = "summary"


@dataclass(frozen=True, slots=True)
class _Summariser:
    """The function that summarises a chat: text that runs where there is a sandbox, or one that a script holds."""

    source: str
    function: Callable[..., Any] | None
    executor: Executor = field(default_factory=AutoExecutor)
    timeout: float = 60.0


class Chat(Team):
    """AutoGen 0.2's initiate_chats and nested chats, with `sequence` as the strategy of the team around it.

    Its members hear only its task: `message`, or what was said last when that is empty, and as context the summaries of the chats
    before (`carryover`).
    """

    kind: ClassVar[str] = "chat"
    title: ClassVar[str] = "Chat"
    summary: ClassVar[str] = "A chat in a row of chats, with a summary"

    message: Annotated[str, Field(title="Its task", description="Empty: what was said last before it."), Widget("text")] = ""
    carryover: Annotated[bool, Field(title="Is told what came before", description="The summaries of the chats before it.")] = True
    summarised: Annotated[
        Literal["last", "model", "all", "function"],
        Field(
            title="Hands on",
            description="The last message, a summary that a model writes, everything that was said, or what a function makes of it.",
        ),
    ] = "last"
    summary_prompt: Annotated[
        str, Field(title="How to summarise", description="What the model is asked."), Widget("text", advanced=True)
    ] = SUMMARY_PROMPT
    summary_source: Annotated[
        FunctionSource,
        Field(title="Function that summarises", description="Gets the messages, {source, text} each, and gives the summary."),
        Widget("code"),
    ] = 'def summary(messages: list[dict]) -> str:\n    return "\\n".join(message["text"] for message in messages)\n'
    summary_function: Annotated[Callable[..., Any] | None, Field(exclude=True), Widget("hidden")] = None

    @property
    def is_heard_within(self) -> bool:
        """It hands on itself what came of it."""
        return False

    def next_step(self, turn: Turn) -> Step:
        closed = next((event for event in turn.so_far if isinstance(event, ConversationClosed)), None)
        if closed is None:
            return Converse(self, task=self._task(turn), heard=self.is_heard_within)
        said = turn.inner.get(closed.id, ())
        if self.summarised == "model" and turn.model is not None and closed.text:
            request = ModelRequest(
                agent=self.name,
                thread=tuple(said),
                extra=(self.summary_prompt,),
                purpose="summary",
                earlier_calls=turn.model_calls,
            )
            return CallModel(turn.model, request)
        if self.summarised == "function":
            made = next((event for event in turn.so_far if isinstance(event, FunctionReturned) and event.purpose == PURPOSE), None)
            if made is None:
                asked = _Summariser(self.summary_source, self.summary_function)
                return ask_function(asked, PURPOSE, (messages_of(said),), self.name)
            summary = made.value if isinstance(made.value, str) else str(made.value)
        else:
            summary = self.outcome(said, whole=self.summarised == "all")
        return Say((MessageSaid(source=self.name, text=summary or text("engine.agent.nothing_said")),))

    def on_reply(self, turn: Turn, reply: ModelReply, seconds: float) -> tuple[Event, ...]:
        said = MessageSaid(
            source=self.name,
            text=reply.text or text("engine.agent.nothing_said"),
            model=reply.model or None,
            usage=reply.usage,
            seconds=seconds,
            practice=reply.practice,
        )
        return (said,)

    def _task(self, turn: Turn) -> str:
        messages = [event for event in turn.thread if isinstance(event, MessageSaid)]
        task = self.message or (messages[-1].text if messages else "")
        before = [event.text for event in messages if event.role != "task" and event.source in turn.names]
        if not self.message:
            before = before[:-1]
        if not self.carryover or not before:
            return task
        return f"{task}\nContext:\n" + "\n".join(before)
