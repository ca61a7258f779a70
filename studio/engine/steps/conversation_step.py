"""Conversations within a conversation: opening one, and closing it with what came of it."""

from __future__ import annotations

from studio.engine.agents.agent import Converse
from studio.engine.decide import Due
from studio.engine.events import ConversationClosed, ConversationOpened, ToolFinished
from studio.engine.state import Conversation
from studio.engine.steps.writer import Writer
from studio.texts import text


async def open_conversation(writer: Writer, due: Due, step: Converse) -> None:
    opened = ConversationOpened(
        source=due.source,
        team=step.team.name,
        task=step.task,
        key=step.key,
        call=step.call,
        hears=step.hears,
        keep=step.keep,
        heard=step.heard,
    )
    await writer.append(due.talk.scope, opened)


async def close_conversation(writer: Writer, talk: Conversation, reason: str, by: str) -> None:
    """End a conversation; where a tool call opened it, what came of it is the call's result."""
    opened, around = talk.opened, talk.around
    if opened is None or around is None:
        return
    # A tool's caller is told what its team says to others: everything, or the last message.
    whole = opened.call is not None and talk.team.heard == "all"
    outcome = talk.team.outcome(talk.thread[talk.history :], whole)
    closed = ConversationClosed(
        source=opened.source, id=opened.id, team=talk.team.name, call=opened.call, stop_reason=reason, by=by, text=outcome
    )
    if opened.call is None:
        await writer.append(around.scope, closed)
        return
    name = _called(around, opened.call)
    finished = ToolFinished(source=opened.source, call=opened.call, name=name, output=outcome or text("engine.agent.nothing_said"))
    await writer.append(around.scope, closed, finished)


def _called(around: Conversation, call: str) -> str:
    """The name of the tool that a call is of."""
    calls = (each for event in reversed(around.thread) if event.type == "tool_calls" for each in event.calls)
    return next((each.name for each in calls if each.id == call), "")
