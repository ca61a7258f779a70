"""A summary of the old part, written by the agent's model, and the newest messages as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.context.base import TOKEN, Context, newest, size, told, units
from studio.engine.events import ThreadEvent
from studio.engine.models.base import ModelRequest

if TYPE_CHECKING:
    from studio.engine.agents.agent import Turn

PROMPT = (
    "Summarise the conversation so far for somebody who goes on with it: the task, what was decided and found out, what is open, "
    "names, numbers and file names exactly. Say nothing else."
)


class SummaryOfOld(Context):
    """When more than `tokens` (estimated as characters divided by four) are not summarised, all but the newest `keep` messages are."""

    kind: ClassVar[str] = "summary_of_old"
    title: ClassVar[str] = "Summary of the old"
    summary: ClassVar[str] = "A summary of the old part, the newest as they are"

    tokens: Annotated[int, Field(title="Summarise from", description="So many tokens on.", ge=100, le=10_000_000)] = 20_000
    keep: Annotated[int, Field(title="Newest messages kept", ge=1, le=1_000)] = 10
    prompt: Annotated[str, Field(title="How to summarise"), Widget("text", advanced=True)] = PROMPT

    def view(self, turn: Turn) -> Sequence[ThreadEvent]:
        known = newest(turn.summaries)
        if known is None:
            return turn.thread
        rest = turn.thread[known.upto :]
        calls = {call.id for event in rest if event.type == "tool_calls" for call in event.calls}
        whole = tuple(event for event in rest if event.type != "tool_result" or event.call in calls)
        return (told(f"What was said before, in short:\n{known.text}"), *whole)

    def summary_due(self, turn: Turn, agent: str) -> ModelRequest | None:
        upto = self.covers(turn)
        known = newest(turn.summaries)
        begin = known.upto if known is not None else 0
        if upto <= begin:
            return None
        before = (told(f"What was said before, in short:\n{known.text}"),) if known is not None else ()
        old = (*before, *turn.thread[begin:upto])
        return ModelRequest(agent=agent, thread=old, extra=(self.prompt,), purpose="summary", earlier_calls=turn.model_calls)

    def covers(self, turn: Turn) -> int:
        known = newest(turn.summaries)
        begin = known.upto if known is not None else 0
        if turn.characters <= self.tokens * TOKEN:
            return 0
        rest = turn.thread[begin:]
        if sum(size(event) for event in rest) <= self.tokens * TOKEN:
            return 0
        pieces = units(rest)
        if len(pieces) <= self.keep:
            return 0
        return begin + _whole_before(rest, pieces, pieces[-self.keep])


def _whole_before(thread: Sequence[ThreadEvent], pieces: Sequence[Sequence[ThreadEvent]], first_kept: Sequence[ThreadEvent]) -> int:
    """How many events can go before a unit that stays; a call whose results come after that unit's beginning stays with them."""
    places = {id(event): place for place, event in enumerate(thread)}
    cut = places[id(first_kept[0])]
    for unit in reversed(pieces):
        first, last = places[id(unit[0])], places[id(unit[-1])]
        if first < cut <= last:
            cut = first
    return cut
