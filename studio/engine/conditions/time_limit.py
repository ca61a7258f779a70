"""Stops after a time."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.conditions.condition import Condition, Met, Progress


class TimeLimit(Condition):
    kind: ClassVar[str] = "time_limit"
    title: ClassVar[str] = "Time"
    summary: ClassVar[str] = "After so many seconds"

    seconds: Annotated[float, Field(title="Seconds", gt=0, le=864_000), Widget("seconds")] = 300.0
