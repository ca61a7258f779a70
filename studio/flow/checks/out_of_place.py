"""Societies, filters and chats that are no members of a team, and filters that stand before several members."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.problem import Problem, problem
from studio.flow.edits.model import Rekind
from studio.flow.ports import label
from studio.flow.wires import Drawing

MEMBERS = ("society", "filter", "chat")
"""Kinds of teams that mean something only to a team around them."""


def problems(drawing: Drawing) -> Iterator[Problem]:
    for team in drawing.teams:
        members = drawing.agents_in(team)
        repair = Rekind(id=team.id, kind="team")
        if team.kind == "filter" and len(members) > 1:
            yield problem("filter_of_many", "error", [team], team=label(team), count=len(members), repair=repair)
        elif team.kind in MEMBERS and members and drawing.team_of(team) is None and not drawing.out_of(team, "tool"):
            yield problem(f"out_of_place.{team.kind}", "hint", [team], team=label(team), repair=repair)
