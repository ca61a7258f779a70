"""A team of people only: no model says anything."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.problem import Problem, problem
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    groups = [(team, drawing.agents_in(team)) for team in drawing.teams]
    if drawing.alone is not None:
        groups.append((drawing.alone, (drawing.alone,)))
    for where, agents in groups:
        if agents and all(agent.kind == "human" for agent in agents):
            yield problem("only_humans", "warning", [where], where=label(where))
