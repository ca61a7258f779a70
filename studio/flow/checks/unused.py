"""Models, tools and stop rules that nobody uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import connected
from studio.flow.document import EdgeKind, Node
from studio.flow.edits.model import Edit, Remove
from studio.flow.kinds import Category
from studio.flow.ports import label, needs_model, port
from studio.flow.wires import Drawing

_RESOURCES: tuple[Category, ...] = ("model", "tool", "memory", "condition")
_WIRES: tuple[EdgeKind, ...] = ("model", "tool", "memory", "stop")


def problems(drawing: Drawing) -> Iterator[Problem]:
    if not drawing.of("agent"):
        return
    of_teams = {node.id for team in drawing.teams for node in (drawing.team_model(team), *drawing.stops_of(team)) if node is not None}
    if drawing.alone is not None:
        of_teams |= {node.id for node in (drawing.model_for(drawing.alone), *drawing.loose_stops) if node is not None}
    spare = [node for category in _RESOURCES for node in drawing.of(category) if node.id not in of_teams and not _is_wired(drawing, node)]
    takers = [agent for agent in drawing.of("agent") if port(agent.kind, "tool") is not None]
    served = bool(spare) and all(drawing.model_for(agent) for agent in drawing.of("agent") if needs_model(agent.kind))
    for node in spare:
        repair = _repair(drawing, node, takers, served)
        yield problem(f"unused_{drawing.categories[node.id]}", "hint", [node], node=label(node), repair=repair)


def _is_wired(drawing: Drawing, node: Node) -> bool:
    return any(drawing.out_of(node, kind) for kind in _WIRES)


def _repair(drawing: Drawing, node: Node, takers: Sequence[Node], served: bool) -> Edit | None:
    """A stop rule goes to the only team, a tool to the only agent that takes tools; a model goes when everybody is served."""
    match drawing.categories[node.id]:
        case "condition":
            return connected(drawing, "stop", node, drawing.teams) if len(drawing.teams) == 1 else None
        case "tool":
            return connected(drawing, "tool", node, takers) if len(takers) == 1 else None
        case "memory":
            keepers = [agent for agent in takers if port(agent.kind, "memory") is not None]
            return connected(drawing, "memory", node, keepers) if len(keepers) == 1 else None
        case _:
            return Remove(nodes=(node.id,)) if served else None
