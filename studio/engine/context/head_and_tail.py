"""The beginning and the end, and between them how much is left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from studio.engine.context.base import Context, units, with_gap
from studio.engine.events import ThreadEvent

if TYPE_CHECKING:
    from studio.engine.agents.agent import Turn


class HeadAndTail(Context):
    kind: ClassVar[str] = "head_and_tail"
    title: ClassVar[str] = "Beginning and end"
    summary: ClassVar[str] = "The first and the newest messages"

    head: Annotated[int, Field(title="Messages from the beginning", ge=0, le=10_000)] = 3
    tail: Annotated[int, Field(title="Messages from the end", ge=1, le=10_000)] = 20

    def view(self, turn: Turn) -> Sequence[ThreadEvent]:
        if len(turn.thread) <= self.head + self.tail:
            return turn.thread
        pieces = units(turn.thread)
        left_out = len(pieces) - self.head - self.tail
        if left_out <= 0:
            return turn.thread
        return with_gap(turn.thread, pieces[: self.head], pieces[-self.tail :], f"({left_out} messages are left out here.)")
