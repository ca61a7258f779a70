"""What a context policy is: the part of a thread that a model is shown, with calls and their results kept together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from studio.engine.component import Component
from studio.engine.events import MessageSaid, Summarised, ThreadEvent, ToolFinished, ToolsCalled
from studio.engine.models.base import ModelRequest

if TYPE_CHECKING:
    from studio.engine.agents.agent import Turn

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""What stands in a view for something else was said at no time of its own, or two views of one thread would differ."""

TOKEN = 4
"""Characters that count as a token where nobody has counted: the usual estimate for English."""


class Context(Component):
    """A context policy. Pure: the same thread gives the same view."""

    category: ClassVar[str] = "context"

    def view(self, turn: Turn) -> Sequence[ThreadEvent]:
        """What the model is shown, in order; never a call without its results. The thread itself where nothing is left out."""
        raise NotImplementedError

    def summary_due(self, turn: Turn, agent: str) -> ModelRequest | None:
        """What a model must be asked for before the view can be made; the answer becomes a `summary` event."""
        return None

    def covers(self, turn: Turn) -> int:
        """How many events of the thread the summary that is due stands for."""
        return 0


def units(thread: Sequence[ThreadEvent]) -> list[list[ThreadEvent]]:
    """The thread in pieces that must not be torn apart: a message, or an agent's calls with all their results.

    Results are put with their calls, so that between them other agents' messages may stand.
    """
    found: list[list[ThreadEvent]] = []
    calls: dict[str, list[ThreadEvent]] = {}
    for event in thread:
        if isinstance(event, ToolFinished) and event.call in calls:
            calls[event.call].append(event)
            continue
        unit = [event]
        found.append(unit)
        if isinstance(event, ToolsCalled):
            calls |= {call.id: unit for call in event.calls}
    return found


def joined(thread: Sequence[ThreadEvent], kept: Sequence[Sequence[ThreadEvent]]) -> tuple[ThreadEvent, ...]:
    """The events of some units, in the order of the thread."""
    ids = {id(event) for unit in kept for event in unit}
    return tuple(event for event in thread if id(event) in ids)


def with_gap(
    thread: Sequence[ThreadEvent], before: Sequence[Sequence[ThreadEvent]], after: Sequence[Sequence[ThreadEvent]], note: str
) -> tuple[ThreadEvent, ...]:
    """The units before and after a gap, in the order of the thread, and a note where the second part begins.

    A result of the first part may have come after the second part began: it keeps its place.
    """
    kept = joined(thread, (*before, *after))
    if not note or not after:
        return kept
    place = next(index for index, event in enumerate(kept) if event is after[0][0])
    return (*kept[:place], told(note), *kept[place:])


def size(event: ThreadEvent) -> int:
    """The characters of an event that a model would read."""
    match event:
        case ToolFinished():
            return len(event.output)
        case ToolsCalled():
            return len(event.text) + sum(len(call.name) + len(call.arguments) for call in event.calls)
        case _:
            return len(event.text)


def told(text: str) -> MessageSaid:
    """A text that stands in a view for what is left out of it."""
    return MessageSaid(source="", role="task", text=text, time=_NO_TIME)


def newest(summaries: Sequence[Summarised]) -> Summarised | None:
    """The summary of the agent's thread that reaches furthest."""
    return max((each for each in summaries if each.of is None), key=lambda each: each.upto, default=None)
