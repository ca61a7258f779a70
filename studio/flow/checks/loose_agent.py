"""Agents beside a team take no part in it."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import moved_into
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    if not drawing.main_teams:
        return
    team = drawing.main_teams[0]
    for agent in drawing.loose_agents:
        repair = moved_into(drawing, team, [agent]) if len(drawing.teams) == 1 else None
        yield problem("loose_agent", "warning", [agent], agent=label(agent), team=label(team), repair=repair)
