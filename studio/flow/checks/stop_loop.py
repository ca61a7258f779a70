"""Stop rules, and models, that are a part of themselves."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import listed
from studio.flow.document import EdgeKind
from studio.flow.edits.model import Remove
from studio.flow.kinds import Category
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    yield from _loops(drawing, "stop", "condition", "stop_loop")
    yield from _loops(drawing, "model", "model", "model_loop")


def _loops(drawing: Drawing, kind: EdgeKind, combining: Category, code: str) -> Iterator[Problem]:
    known = drawing.by_id
    wires = [edge for edge in drawing.document.edges if edge.kind == kind and edge.source in known and edge.target in known]
    wires = [edge for edge in wires if drawing.categories[edge.source] == drawing.categories[edge.target] == combining]
    if not wires:
        return
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from((edge.source, edge.target) for edge in wires)
    for loop in nx.strongly_connected_components(graph):
        if len(loop) > 1 or any(graph.has_edge(key, key) for key in loop):
            nodes = [node for node in drawing.nodes if node.id in loop]
            last = [edge for edge in wires if edge.source in loop and edge.target in loop][-1]
            twins = tuple(edge.id for edge in wires if (edge.source, edge.target) == (last.source, last.target))
            yield problem(code, "error", nodes, names=listed(nodes), repair=Remove(edges=twins))
