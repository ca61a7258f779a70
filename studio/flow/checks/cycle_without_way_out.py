"""Arrows that go round in a circle without an arrow out of it, in a team without a stop rule."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.no_stop import closed_cycles
from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import listed, stop_rules
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for team in drawing.teams:
        if drawing.stops_of(team) or any(agent.kind == "human" for agent in drawing.agents_in(team)):
            continue
        for cycle in closed_cycles(drawing, team):
            repair = stop_rules(drawing, team)
            yield problem("cycle_without_way_out", "warning", [*cycle, team], agents=listed(cycle), team=label(team), repair=repair)
