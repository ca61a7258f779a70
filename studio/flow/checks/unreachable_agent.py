"""Agents to whom no way along the arrows leads."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.graph import first_speakers, ways
from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import wire
from studio.flow.edits.model import Connect, Remove
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for team in drawing.teams:
        graph = ways(drawing, team)
        if graph is None:
            continue
        import networkx as nx

        firsts = first_speakers(drawing, team)
        reached = {first.id for first in firsts}
        for first in firsts:
            reached |= nx.descendants(graph, first.id)
        for agent in drawing.agents_in(team):
            if agent.id not in reached and drawing.excludes(team):
                into = tuple(edge.id for edge in drawing.document.edges if edge.kind == "speaks" and edge.target == agent.id)
                yield problem("unreachable_agent.excluded", "warning", [agent], agent=label(agent), repair=Remove(edges=into[:1000]))
            elif agent.id not in reached:
                repair = Connect(edge=wire(drawing, "speaks", firsts[0].id, agent.id))
                yield problem("unreachable_agent", "warning", [agent], agent=label(agent), first=label(firsts[0]), repair=repair)
