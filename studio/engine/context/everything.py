"""The whole conversation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from studio.engine.context.base import Context
from studio.engine.events import ThreadEvent

if TYPE_CHECKING:
    from studio.engine.agents.agent import Turn


class Everything(Context):
    kind: ClassVar[str] = "everything"
    title: ClassVar[str] = "Everything"
    summary: ClassVar[str] = "The whole conversation"

    def view(self, turn: Turn) -> Sequence[ThreadEvent]:
        return turn.thread
