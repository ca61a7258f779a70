"""Models, tools and stop rules that nobody uses."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import connected
from studio.flow.document import Node
from studio.flow.edits.model import Edit, Remove
from studio.flow.ports import label, port
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    if not drawing.of("agent"):
        return
    of_teams = {node.id for team in drawing.teams for node in (drawing.team_model(team), *drawing.stops_of(team)) if node is not None}
    if drawing.alone is not None:
        of_teams |= {node.id for node in (drawing.model_for(drawing.alone), *drawing.loose_stops) if node is not None}
    for node in (*drawing.of("model"), *drawing.of("tool"), *drawing.of("condition")):
        if node.id in of_teams or any(drawing.out_of(node, kind) for kind in ("model", "tool", "stop")):
            continue
        yield problem(f"unused_{drawing.categories[node.id]}", "hint", [node], node=label(node), repair=_repair(drawing, node))


def _repair(drawing: Drawing, node: Node) -> Edit | None:
    """A stop rule goes to the only team, a tool to the only agent that takes tools; a model too many goes."""
    match drawing.categories[node.id]:
        case "condition":
            return connected(drawing, "stop", node, drawing.teams) if len(drawing.teams) == 1 else None
        case "tool":
            takers = [agent for agent in drawing.of("agent") if port(agent.kind, "tool") is not None]
            return connected(drawing, "tool", node, takers) if len(takers) == 1 else None
        case _:
            speaking = [agent for agent in drawing.of("agent") if port(agent.kind, "model") is not None]
            return Remove(nodes=(node.id,)) if all(drawing.model_for(agent) for agent in speaking) else None
