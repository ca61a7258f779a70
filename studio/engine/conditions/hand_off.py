"""Stops when somebody hands over to a name."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.conditions.condition import Condition, Met, Progress
from studio.texts import text


class HandOffTo(Condition):
    kind: ClassVar[str] = "hand_off"
    title: ClassVar[str] = "Hand-off"
    summary: ClassVar[str] = "When somebody hands over to a name"

    target: Annotated[str, Field(title="Handed over to", min_length=1)] = "user"

    def check(self, progress: Progress) -> Met | None:
        for event in progress.new:
            if event.type == "handoff" and event.target == self.target:
                return Met(text("engine.stop.hand_off", agent=event.source, target=self.target), self.kind)
        return None
