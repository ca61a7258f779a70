"""Somebody, at random."""

from __future__ import annotations

import random
from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.teams.selection import Candidates, Choice, Selection
from studio.texts import text


class RandomChoice(Selection):
    """Drawn from the seed (or else the time at which the run began) and the turn, so that a replay draws the same."""

    kind: ClassVar[str] = "random_choice"
    title: ClassVar[str] = "Random"
    summary: ClassVar[str] = "Somebody, at random"
    excludes: ClassVar[bool] = True

    seed: Annotated[int | None, Field(title="Seed", description="The same seed gives the same order.")] = None
    allow_repeat: Annotated[bool, Field(title="Somebody may speak twice in a row")] = False

    def choose(self, candidates: Candidates) -> Choice:
        names = [name for name in candidates.names if self.allow_repeat or name != candidates.last]
        seed = self.seed if self.seed is not None else candidates.seed
        drawn = random.Random(f"{seed}:{candidates.turn}").choice(names)  # noqa: S311 - a lot, not a secret
        return Choice(drawn, text("engine.choice.by_lot"), self.kind)
