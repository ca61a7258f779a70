"""The drawn edges say who speaks after whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from studio.engine.teams.selection import Candidates, Choice, Selection
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.teams.team import Team


class FollowEdges(Selection):
    """Of several who may speak, the one who has been silent longest; whoever was drawn first among equals."""

    kind: ClassVar[str] = "follow_edges"
    title: ClassVar[str] = "Follow the edges"
    summary: ClassVar[str] = "The drawn arrows say who speaks after whom"

    def choose(self, candidates: Candidates) -> Choice:
        spoke = {name: turn for turn, name in enumerate(candidates.speakers)}
        silent = min(candidates.names, key=lambda name: spoke.get(name, -1))
        last = candidates.last
        reason = text("engine.choice.silent_longest", speaker=last) if last else text("engine.choice.first_drawn")
        return Choice(silent, reason, self.kind)

    def may_begin(self, team: Team) -> tuple[str, ...]:
        return team.beginners[:1]
