"""Stops after a number of turns."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.conditions.condition import Condition, Met, Progress
from studio.texts import counted


class MaxTurns(Condition):
    kind: ClassVar[str] = "max_turns"
    title: ClassVar[str] = "Number of turns"
    summary: ClassVar[str] = "After so many turns"

    max_turns: Annotated[int, Field(title="Turns", ge=1, le=100_000)] = 12

    def check(self, progress: Progress) -> Met | None:
        return Met(counted("engine.stop.turns", progress.turns), self.kind) if progress.turns >= self.max_turns else None
