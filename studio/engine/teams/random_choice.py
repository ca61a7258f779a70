"""Somebody, at random."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.teams.selection import Candidates, Choice, Selection


class RandomChoice(Selection):
    kind: ClassVar[str] = "random_choice"
    title: ClassVar[str] = "Random"
    summary: ClassVar[str] = "Somebody, at random"

    seed: Annotated[int | None, Field(title="Seed", description="The same seed gives the same order.")] = None
    allow_repeat: Annotated[bool, Field(title="Somebody may speak twice in a row")] = False
