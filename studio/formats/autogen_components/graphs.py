"""A directed graph as AutoGen accepts it: circles that begin and can be left, all arrows of a node with conditions or none, joins apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Arrows = Mapping[tuple[str, str], Mapping[str, Any]]
"""What the drawing says of each arrow, by the names of its ends."""


def made_acceptable(graph: Mapping[str, Any], arrows: Arrows, always: Any) -> None:
    """Changes the edges so that AutoGen takes the graph; `always` is a condition that always holds."""
    for node in graph["nodes"].values():
        if any(edge["condition"] is not None for edge in node["edges"]):
            _conditional(node, always)
    _let_circles_begin(graph, arrows)
    _keep_joins_apart(graph)
    if _circles(graph):
        for node in graph["nodes"].values():
            _conditional(node, always)


def _let_circles_begin(graph: Mapping[str, Any], arrows: Arrows) -> None:
    """An arrow that comes back waits for no other one: it is a group of its own."""
    after = {name: {edge["target"] for edge in node["edges"]} for name, node in graph["nodes"].items()}
    for source, node in graph["nodes"].items():
        for edge in node["edges"]:
            alone = not any(edge["target"] in then for name, then in after.items() if name != source)
            if not alone and not arrows.get((source, edge["target"]), {}).get("group") and source in _reached(after, edge["target"]):
                edge["activation_group"] = f"{source} again"


def _keep_joins_apart(graph: Mapping[str, Any]) -> None:
    """AutoGen wants one kind of join a group: where both meet, arrows of which any begins are groups of their own."""
    edges = [(source, edge) for source, node in graph["nodes"].items() for edge in node["edges"]]
    joins: dict[tuple[str, str], set[str]] = {}
    for _, edge in edges:
        joins.setdefault((edge["target"], edge["activation_group"]), set()).add(edge["activation_condition"])
    for source, edge in edges:
        if edge["activation_condition"] == "any" and len(joins[edge["target"], edge["activation_group"]]) > 1:
            edge["activation_group"] = f"{source} alone"


def _reached(after: Mapping[str, set[str]], start: str) -> set[str]:
    """Everybody to whom arrows lead from `start`, itself included."""
    seen, ends = {start}, [start]
    while ends:
        for name in after[ends.pop()] - seen:
            seen.add(name)
            ends.append(name)
    return seen


def _conditional(node: Mapping[str, Any], always: Any) -> None:
    """AutoGen wants all arrows of a node to have conditions, or none."""
    for edge in node["edges"]:
        if edge["condition"] is None:
            edge["condition"] = always


def _circles(graph: Mapping[str, Any]) -> bool:
    """Whether arrows without conditions lead round in a circle."""
    after = {name: {edge["target"] for edge in node["edges"] if edge["condition"] is None} for name, node in graph["nodes"].items()}
    while ends := [name for name, then in after.items() if not then]:
        for name in ends:
            del after[name]
        after = {name: then & after.keys() for name, then in after.items()}
    return bool(after)
