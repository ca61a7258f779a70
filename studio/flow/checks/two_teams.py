"""More than one team: only one can be run."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import listed
from studio.flow.edits.model import Remove
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    teams = drawing.main_teams
    if len(teams) < 2:
        return
    empty = [team for team in teams if not drawing.inside(team)]
    one_is_left = len(teams) - len(empty) == 1
    repair = Remove(nodes=tuple(team.id for team in empty)) if one_is_left else None
    yield problem("two_teams", "error", teams, names=listed(teams), repair=repair)
