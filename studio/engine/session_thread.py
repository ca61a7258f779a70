"""What a run adds to the thread of its session: what the next task's agents know of it."""

from __future__ import annotations

from collections.abc import Iterable

from studio.engine.events import (
    Attachment,
    ConversationOpened,
    Event,
    HandedOff,
    MessageSaid,
    RunStarted,
    ThreadEvent,
    ToolFinished,
    ToolsCalled,
)


def thread_of(log: Iterable[Event]) -> tuple[ThreadEvent, ...]:
    """What a log adds to its session: the history it began with and what was said in its own conversation."""
    thread: list[ThreadEvent] = []
    heard: set[str | None] = {None}
    attachments: tuple[Attachment, ...] = ()
    for event in log:
        if isinstance(event, RunStarted):
            thread.extend(event.history)
            attachments = event.attachments
        elif isinstance(event, ConversationOpened):
            if event.heard and event.scope in heard:
                heard.add(event.id)
        elif isinstance(event, MessageSaid):
            if event.scope is None or (event.scope in heard and event.role != "task"):
                thread.append(with_attachments(event, attachments))
        elif isinstance(event, ToolFinished) and event.attachments and event.scope is None:
            thread.append(event.model_copy(update={"attachments": ()}))  # how something looked once is nothing for the next task
        elif isinstance(event, ToolsCalled | ToolFinished | HandedOff) and event.scope is None:
            thread.append(event)
    return tuple(thread)


def with_attachments(event: MessageSaid, attachments: tuple[Attachment, ...]) -> MessageSaid:
    """The task's message with what the run was started with: the log holds that once."""
    if event.role != "task" or event.scope is not None or not attachments or event.attachments:
        return event
    return event.model_copy(update={"attachments": attachments})
