"""A team that ends only at its safety net."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.graph import ways
from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import stop_rules
from studio.flow.document import Node
from studio.flow.ports import label
from studio.flow.wires import Drawing
from studio.flow.words import value


def problems(drawing: Drawing) -> Iterator[Problem]:
    for team in drawing.teams:
        if not drawing.agents_in(team) or drawing.stops_of(team) or _ends_by_itself(drawing, team):
            continue
        people = [agent for agent in drawing.agents_in(team) if agent.kind == "human"]
        facts = {"team": label(team), "count": value(team, "max_turns")}
        if people:
            yield problem("no_stop.human", "hint", [team], human=label(people[0]), repair=stop_rules(drawing, team), **facts)
        elif not closed_cycles(drawing, team):
            yield problem("no_stop", "warning", [team], repair=stop_rules(drawing, team), **facts)


def _ends_by_itself(drawing: Drawing, team: Node) -> bool:
    """Whether every way along the arrows comes to an end."""
    graph = ways(drawing, team)
    if graph is None:
        return False
    import networkx as nx

    return bool(nx.is_directed_acyclic_graph(graph))


def closed_cycles(drawing: Drawing, team: Node) -> list[list[Node]]:
    """Groups of agents who go round in a circle of arrows with no arrow that leads out."""
    graph = ways(drawing, team)
    if graph is None:
        return []
    import networkx as nx

    found = []
    for group in nx.strongly_connected_components(graph):
        turns = len(group) > 1 or any(graph.has_edge(key, key) for key in group)
        if turns and all(after in group for key in group for after in graph.successors(key)):
            found.append([node for node in drawing.agents_in(team) if node.id in group])
    return sorted(found, key=lambda nodes: drawing.order[nodes[0].id])
