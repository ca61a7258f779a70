"""Stops when somebody hands over to a name."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.conditions.condition import Condition, Met, Progress


class HandOffTo(Condition):
    kind: ClassVar[str] = "hand_off"
    title: ClassVar[str] = "Hand-off"
    summary: ClassVar[str] = "When somebody hands over to a name"

    target: Annotated[str, Field(title="Handed over to", min_length=1)] = "user"
