"""The log of a chat: what happens in it as events of our engine, numbered, nested chats in scopes of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from studio.engine.errors import ConveneError
from studio.engine.events import (
    YOU,
    ConversationClosed,
    ConversationOpened,
    ErrorHappened,
    Event,
    MessageSaid,
    QuestionAsked,
    RunFinished,
    RunStarted,
)
from studio.engine.usage import NOTHING, Usage


@dataclass(slots=True)
class ChatLog:
    """All durable events of a chat, from `run_started` to `run_finished`."""

    events: list[Event] = field(default_factory=list)
    usage: Usage = NOTHING
    listener: Callable[[Event], None] | None = field(default=None, repr=False)
    held: dict[int, Any] = field(default_factory=dict, repr=False)
    """Connections that are used in the chat, to be let go at its end."""

    def write(self, event: Event, scope: str | None = None) -> str:
        """Number an event and keep it; returns the id that its number gives it."""
        seq = len(self.events) + 1
        changes: dict[str, Any] = {"seq": seq, "scope": scope}
        identifier = ""
        match event:
            case MessageSaid():
                changes["id"] = identifier = f"m{seq}"
            case ConversationOpened():
                changes["id"] = identifier = f"t{seq}"
            case QuestionAsked():
                changes["id"] = identifier = f"q{seq}"
        written = event.model_copy(update=changes)
        self.events.append(written)
        if self.listener is not None:
            self.listener(written)
        self.usage = self.usage + getattr(event, "usage", NOTHING)
        return identifier


@dataclass(slots=True)
class Opened:
    """A chat that goes on. `close` says why it ended and what came of it."""

    log: ChatLog
    scope: str | None
    first: int
    reason: str = ""
    text: str = ""

    def take_held(self) -> list[Any]:
        """What must be let go now: nothing in a chat within another."""
        if self.scope is not None:
            return []
        held = list(self.log.held.values())
        self.log.held.clear()
        return held

    @property
    def events(self) -> tuple[Event, ...]:
        """What has happened since it was opened."""
        return tuple(self.log.events[self.first :])


listening: ContextVar[Callable[[Event], None] | None] = ContextVar("listening", default=None)
"""Who is told of every event of the chats that are begun here."""

_here: ContextVar[tuple[ChatLog, str | None] | None] = ContextVar("_here", default=None)


def record(event: Event) -> str:
    """Put an event into the log of the chat that goes on; outside of a chat nothing is kept. Returns the event's id."""
    here = _here.get()
    return "" if here is None else here[0].write(event, here[1])


def hold(connection: Any) -> bool:
    """Keep a connection until the chat is over; False outside of a chat."""
    here = _here.get()
    if here is not None:
        here[0].held[id(connection)] = connection
    return here is not None


@contextmanager
def chat_opened(who: str, whom: str, task: str) -> Iterator[Opened]:
    """A chat between two agents: a run, or within another chat a conversation in it. An exception is written down and goes on its way."""
    outer = _here.get()
    if outer is None:
        opened = Opened(ChatLog(listener=listening.get()), None, 0)
        opened.log.write(RunStarted(source=YOU, task=task))
    else:
        log, around = outer
        first = len(log.events)
        opened = Opened(log, log.write(ConversationOpened(source=who, team=whom, task=task), around), first)
    token = _here.set((opened.log, opened.scope))
    status = "done"
    try:
        yield opened
    except BaseException as mistake:
        status = "failed" if isinstance(mistake, Exception) else "stopped"
        opened.reason = f"{type(mistake).__name__}: {mistake}"
        remedy = mistake.remedy if isinstance(mistake, ConveneError) else ""
        if status == "failed":
            record(ErrorHappened(source=who, code=getattr(mistake, "code", "error") or "error", text=str(mistake), remedy=remedy))
        mistake.events = opened.events  # type: ignore[attr-defined]
        raise
    finally:
        _here.reset(token)
        if outer is None:
            ended = RunFinished(source=whom, status=status, stop_reason=opened.reason, usage=opened.log.usage)
            opened.log.write(ended)
        else:
            closed = ConversationClosed(
                source=who, id=opened.scope or "", team=whom, stop_reason=opened.reason or "The chat is over.", text=opened.text
            )
            opened.log.write(closed, outer[1])
