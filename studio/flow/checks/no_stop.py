"""The team that runs ends only at its safety net."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from studio.flow.checks.graph import ways
from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import stop_rules
from studio.flow.document import Node
from studio.flow.held import nested_class, value
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for team in drawing.main_teams:
        most = value(team, "max_turns")
        if not drawing.agents_in(team) or drawing.stops_of(team) or ends_by_itself(drawing, team) or not isinstance(most, int):
            continue
        people = [agent for agent in drawing.agents_in(team) if agent.kind == "human"]
        facts: dict[str, Any] = {"team": label(team), "count": most}
        if people:
            yield problem("no_stop.human", "hint", [team], human=label(people[0]), repair=stop_rules(drawing, team), **facts)
        elif not closed_cycles(drawing, team):
            yield problem("no_stop", "warning", [team], repair=stop_rules(drawing, team), **facts)


def ends_by_itself(drawing: Drawing, team: Node) -> bool:
    """Whether its way of choosing has an end of its own, or every way along the arrows comes to one."""
    chosen = nested_class(team, "selection")
    kind = chosen.kind if chosen is not None else ""
    if team.kind == "filter" or kind in ("sequence", "planner"):
        return True
    if kind == "swarm":
        held = team.config.get("selection")
        after_work = held.get("after_work") if isinstance(held, Mapping) else None
        return after_work in (None, "end")
    graph = ways(drawing, team)
    if graph is None:
        return False
    import networkx as nx

    if kind == "graph":
        graph.remove_edges_from([(key, after) for key in may_end_after(drawing, team) for after in list(graph.successors(key))])
    return bool(nx.is_directed_acyclic_graph(graph))


def may_end_after(drawing: Drawing, team: Node) -> set[str]:
    """The ids of members of a graph after whom it may happen that no arrow is taken: all of theirs wait for something."""
    members = {member.id for member in drawing.agents_in(team)}
    always: set[str] = set()
    for edge in drawing.document.edges:
        conditional = bool(edge.config.get("condition")) and edge.config.get("how") != "otherwise"
        if edge.kind == "speaks" and edge.source in members and not conditional:
            always.add(edge.source)
    return members - always


def closed_cycles(drawing: Drawing, team: Node) -> list[list[Node]]:
    """Groups of agents who go round in a circle of arrows with no arrow that leads out."""
    graph = ways(drawing, team) if not drawing.excludes(team) else None
    if graph is None:
        return []
    import networkx as nx

    found = []
    chosen = nested_class(team, "selection")
    enders = may_end_after(drawing, team) if chosen is not None and chosen.kind == "graph" else set()
    for group in nx.strongly_connected_components(graph):
        turns = len(group) > 1 or any(graph.has_edge(key, key) for key in group)
        if turns and not group & enders and all(after in group for key in group for after in graph.successors(key)):
            found.append([node for node in drawing.agents_in(team) if node.id in group])
    return sorted(found, key=lambda nodes: drawing.order[nodes[0].id])
