"""Agents that a model speaks for, and teams in which a model chooses, without a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from studio.flow.askers import decides
from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import added_below, connected, listed
from studio.flow.document import Node
from studio.flow.edits.model import Edit
from studio.flow.held import nested_class
from studio.flow.ports import label, needs_model
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for team in drawing.teams:
        chosen = nested_class(team, "selection")
        model = drawing.team_model(team) or drawing.model_around(team)
        chooses = decides(team) and model is None
        without = _without(drawing, drawing.agents_in(team))
        if without:
            nodes = [team, *without] if chooses else without
            yield _problem(drawing, without, nodes, [team])
        elif chooses and chosen is not None and (chosen.kind == "planner" or len(drawing.agents_in(team)) > 1):
            key = "missing_model.planner" if chosen.kind == "planner" else "missing_model.team"
            yield problem(key, "error", [team], team=label(team), repair=_repair(drawing, [team]))
    if without := _without(drawing, (*drawing.loose_agents, *drawing.called_agents)):
        yield _problem(drawing, without, without, without)


def _without(drawing: Drawing, agents: Sequence[Node]) -> list[Node]:
    return [agent for agent in agents if needs_model(agent.kind) and drawing.model_for(agent) is None]


def _problem(drawing: Drawing, without: Sequence[Node], nodes: Sequence[Node], targets: Sequence[Node]) -> Problem:
    code = "missing_model" if len(without) == 1 else "missing_model.many"
    return problem(code, "error", nodes, agents=listed(without), repair=_repair(drawing, targets))


def _repair(drawing: Drawing, targets: Sequence[Node]) -> Edit | None:
    """The model that is there, rather one that nobody uses; without any, a practice model."""
    models = sorted(drawing.of("model"), key=lambda node: (not drawing.is_loose(node), drawing.order[node.id]))
    if models:
        return connected(drawing, "model", models[0], targets)
    return added_below(drawing, [("practice", {})], "model", targets)
