"""Nobody is there, or agents lie on the canvas without a team that says who speaks next."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import wrapped
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    if drawing.main_teams or drawing.alone is not None:
        return
    if not drawing.loose_agents:
        if not drawing.called_agents and not drawing.teams:
            yield problem("nobody", "error")
    else:
        agents = drawing.loose_agents
        yield problem("no_team", "error", agents, count=len(agents), repair=wrapped(drawing, agents))
