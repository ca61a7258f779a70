"""Stops after a time."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.conditions.condition import Condition, Met, Progress
from studio.texts import text


class TimeLimit(Condition):
    kind: ClassVar[str] = "time_limit"
    title: ClassVar[str] = "Time"
    summary: ClassVar[str] = "After so many seconds"

    seconds: Annotated[float, Field(title="Seconds", gt=0, le=864_000), Widget("seconds")] = 300.0

    def check(self, progress: Progress) -> Met | None:
        if progress.elapsed < self.seconds:
            return None
        one = self.seconds == 1
        return Met(text("engine.stop.seconds.one") if one else text("engine.stop.seconds.other", seconds=f"{self.seconds:g}"), self.kind)

    def seconds_left(self, progress: Progress, memory: Any) -> float | None:
        return max(0.0, self.seconds - progress.elapsed)
