"""Who asks a model: the agents that it speaks for, and the teams in which it decides who speaks."""

from __future__ import annotations

from collections.abc import Mapping

from studio.flow.document import Node
from studio.flow.held import nested_class
from studio.flow.ports import needs_model
from studio.flow.wires import Drawing


def askers(drawing: Drawing, model: Node) -> tuple[Node, ...]:
    """Agents, then teams; also of a model that is one of another model's."""
    asked = [model]
    for each in asked:
        asked.extend(outer for outer in drawing.out_of(each, "model") if drawing.categories[outer.id] == "model" and outer not in asked)
    agents = (each for each in drawing.of("agent") if (drawing.model_for if needs_model(each.kind) else drawing.own_model)(each) in asked)
    teams = (team for team in drawing.teams if decides(team) and (drawing.team_model(team) or drawing.model_around(team)) in asked)
    return (*agents, *teams)


def decides(team: Node) -> bool:
    """Whether a model decides who speaks in a team."""
    chosen = nested_class(team, "selection")
    held = team.config.get("selection")
    by_model = isinstance(held, Mapping) and held.get("after_work") == "model"
    return chosen is not None and (chosen.kind in ("model_choice", "planner") or (chosen.kind == "swarm" and by_model))
