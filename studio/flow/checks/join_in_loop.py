"""Arrows of a graph that meet within a loop: without a group nobody waits for them, since the loop could then never begin."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.graph import ways
from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import listed
from studio.flow.document import Edge
from studio.flow.edits.model import Arrow, Several
from studio.flow.held import nested_class
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for team in drawing.teams:
        chosen = nested_class(team, "selection")
        graph = ways(drawing, team)
        if chosen is None or chosen.kind != "graph" or graph is None:
            continue
        import networkx as nx

        loops = {key: number for number, group in enumerate(nx.strongly_connected_components(graph)) for key in group}
        for target in drawing.agents_in(team):
            meeting = [
                edge for edge in _waiting(drawing, target.id) if loops.get(edge.source) == loops[target.id] and edge.source != target.id
            ]
            if len(meeting) < 2:
                continue
            sources = [drawing.by_id[edge.source] for edge in meeting]
            name = target.name.strip()[:64] or "together"
            repair = Several(edits=tuple(Arrow(id=edge.id, values={"group": name}) for edge in meeting[:1000]))
            facts = {"target": label(target), "sources": listed(sources)}
            yield problem("join_in_loop", "warning", [target, *sources], repair=repair, **facts)


def _waiting(drawing: Drawing, target: str) -> list[Edge]:
    """The arrows to a member that are always taken, are to be waited for, and are in no group."""
    return [
        edge
        for edge in drawing.document.edges
        if edge.kind == "speaks"
        and edge.target == target
        and edge.source in drawing.by_id
        and not edge.config.get("condition")
        and edge.config.get("how") != "otherwise"
        and edge.config.get("join") != "any"
        and not edge.config.get("group")
    ]
