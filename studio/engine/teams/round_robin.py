"""Everybody in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from studio.engine.teams.selection import Candidates, Choice, Selection
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.teams.team import Team


class RoundRobin(Selection):
    kind: ClassVar[str] = "round_robin"
    title: ClassVar[str] = "Round robin"
    summary: ClassVar[str] = "Everybody in turn"
    excludes: ClassVar[bool] = True

    def choose(self, candidates: Candidates) -> Choice:
        last = candidates.last
        reason = text("engine.choice.next_after", speaker=last) if last else text("engine.choice.first_in_round")
        return Choice(candidates.next_in_order(), reason, self.kind)

    def may_begin(self, team: Team) -> tuple[str, ...]:
        return team.beginners[:1]
