"""As much of the newest as fits into a number of tokens, and the task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.context.base import TOKEN, Context, size, units, with_gap
from studio.engine.events import ThreadEvent

if TYPE_CHECKING:
    from studio.engine.agents.agent import Turn


class TokenBudget(Context):
    """What every agent has unless told otherwise: a conversation that grows for ever is refused by every model (AutoGen issues 1467, 858).

    Tokens are estimated as characters divided by four. The task stays; the newest message stays however long it is.
    """

    kind: ClassVar[str] = "token_budget"
    title: ClassVar[str] = "Token budget"
    summary: ClassVar[str] = "As much of the newest as fits"

    tokens: Annotated[int, Field(title="Tokens", ge=100, le=10_000_000)] = 100_000
    keep_task: Annotated[bool, Field(title="The first message always"), Widget("", advanced=True)] = True

    def view(self, turn: Turn) -> Sequence[ThreadEvent]:
        if turn.characters <= self.tokens * TOKEN:
            return turn.thread
        left = self.tokens * TOKEN
        pieces = units(turn.thread)
        first = pieces[:1] if self.keep_task else []
        left -= sum(size(event) for unit in first for event in unit)
        kept: list[list[ThreadEvent]] = []
        for unit in reversed(pieces[len(first) :]):
            left -= sum(size(event) for event in unit)
            if left < 0 and kept:
                break
            kept.append(unit)
        left_out = len(pieces) - len(first) - len(kept)
        note = f"({left_out} earlier messages are left out.)" if left_out else ""
        return with_gap(turn.thread, first, kept[::-1], note)
