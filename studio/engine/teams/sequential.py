"""Everybody once, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from studio.engine.agents.agent import StopRun
from studio.engine.teams.selection import Candidates, Choice, Selection
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.teams.team import Team


class Sequential(Selection):
    """For chats that follow one another, and for steps of a pipeline: after the last one it is over."""

    kind: ClassVar[str] = "sequence"
    title: ClassVar[str] = "One after the other"
    summary: ClassVar[str] = "Everybody once, in order, then the end"
    eager: ClassVar[bool] = True

    def choose(self, candidates: Candidates) -> Choice | StopRun:
        # A team that is asked again goes through its row again.
        here = candidates.turn + len(candidates.active)
        spoke = set(candidates.speakers[len(candidates.speakers) - here :])
        waiting = next((agent.name for agent in candidates.agents if agent.name not in spoke), None)
        if waiting is None:
            return StopRun(text("engine.sequence.over", team=candidates.team), self.kind)
        last = candidates.last
        reason = text("engine.choice.next_after", speaker=last) if last else text("engine.choice.first_in_order")
        return Choice(waiting, reason, self.kind)

    def may_begin(self, team: Team) -> tuple[str, ...]:
        return (team.participants[0].name,)
