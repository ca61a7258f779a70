"""The task and the last messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.context.base import Context, joined, units
from studio.engine.events import ThreadEvent

if TYPE_CHECKING:
    from studio.engine.agents.agent import Turn


class LastMessages(Context):
    """AutoGen's BufferedChatCompletionContext; an agent's calls with their results count as one message."""

    kind: ClassVar[str] = "last_messages"
    title: ClassVar[str] = "The last messages"
    summary: ClassVar[str] = "So many of the newest messages"

    count: Annotated[int, Field(title="Messages", ge=1, le=10_000)] = 20
    keep_task: Annotated[bool, Field(title="The first message always"), Widget("", advanced=True)] = True

    def view(self, turn: Turn) -> Sequence[ThreadEvent]:
        if len(turn.thread) <= self.count:
            return turn.thread
        pieces = units(turn.thread)
        if len(pieces) <= self.count:
            return turn.thread
        first = pieces[:1] if self.keep_task else []
        return joined(turn.thread, first + pieces[-self.count :])
