"""A team within another one, or one that is a tool, without an end: each time it is asked it talks up to its safety net."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.no_stop import ends_by_itself
from studio.flow.checks.problem import Problem, problem
from studio.flow.edits.model import Configure
from studio.flow.held import value
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    outer = {team.id for team in drawing.main_teams}
    for team in drawing.teams:
        members = drawing.agents_in(team)
        if team.id in outer or not members or "max_turns" in team.config or drawing.stops_of(team) or ends_by_itself(drawing, team):
            continue
        repair = Configure(id=team.id, values={"max_turns": len(members)})
        facts = {"team": label(team), "count": value(team, "max_turns"), "members": len(members)}
        yield problem("inner_team_without_end", "warning", [team], field="max_turns", repair=repair, **facts)
