"""How deep things lie within each other, and how many they come to where whatever is wired into several is written out in each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from studio.flow.document import FlowDocument

MAX_NESTED = 100
"""Teams within teams, rules within rules and agents as tools of others, one within the other."""

MAX_PARTS = 10_000
"""What one node may come to with all that is wired into it. A row of rules, each wired into the next two, doubles at every other one."""

MAX_ROUND = 3
"""Ways round through one circle of things that lie within each other. Each is a mistake that the checks name; together they multiply."""


def too_much(document: FlowDocument) -> tuple[str, str] | None:
    """The first node with too much in it, by its id, and what is too much of it: "deep", "parts" or "round"; None where nothing is."""
    inside: dict[str, list[str]] = defaultdict(list)
    known = {node.id for node in document.nodes}
    for node in document.nodes:
        if node.parent in known:
            inside[node.parent].append(node.id)
    for edge in document.edges:
        if edge.kind != "speaks" and edge.source in known and edge.target in known:
            inside[edge.target].append(edge.source)
    depth: dict[str, int] = {}
    parts: dict[str, int] = {}
    in_circles = False
    for place in _inner_first(known, inside):
        within = [each for each in inside.get(place, ()) if each in depth]
        in_circles = in_circles or len(within) < len(inside.get(place, ()))
        depth[place] = 1 + max((depth[each] for each in within), default=0)
        parts[place] = 1 + sum(parts[each] for each in within)
        if depth[place] > MAX_NESTED:
            return place, "deep"
        if parts[place] > MAX_PARTS:
            return place, "parts"
    return _too_round(inside) if in_circles else None


def _too_round(inside: dict[str, list[str]]) -> tuple[str, str] | None:
    import networkx as nx

    graph = nx.DiGraph((node, each) for node, within in inside.items() for each in within)
    for circle in nx.strongly_connected_components(graph):
        if graph.subgraph(circle).number_of_edges() - len(circle) >= MAX_ROUND:
            return min(circle), "round"
    return None


def _inner_first(nodes: Iterable[str], inside: dict[str, list[str]]) -> Iterable[str]:
    """Every node once, after all that lies in it but what it lies in itself."""
    begun: set[str] = set()
    for start in sorted(nodes):
        if start in begun:
            continue
        begun.add(start)
        open_nodes = [(start, iter(inside.get(start, ())))]
        while open_nodes:
            node, left = open_nodes[-1]
            for inner in left:
                if inner not in begun:
                    begun.add(inner)
                    open_nodes.append((inner, iter(inside.get(inner, ()))))
                    break
            else:
                open_nodes.pop()
                yield node
