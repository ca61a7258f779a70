"""A copy of a node, as an edit."""

from __future__ import annotations

import secrets
import string
from typing import Any

from studio.flow.document import FlowDocument, Node, Position

STEP = 32.0
"""How far below and beside the original a copy lies, in pixels at 100 %."""


def fresh_id(letter: str) -> str:
    """An id for a new node ("n") or wire ("e")."""
    return f"{letter}_" + "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(10))


def copy_of(document: FlowDocument, node_id: str) -> dict[str, Any]:
    """The edit that adds a copy of a node, with what lies inside it, and with the wires from what they use."""
    within = {node_id}
    while more := {node.id for node in document.nodes if node.parent in within} - within:
        within |= more
    chosen = [node for node in document.nodes if node.id in within]
    ids = {node.id: fresh_id("n") for node in chosen}

    def moved(node: Node) -> Node:
        inside = node.parent in ids
        step = 0.0 if inside else STEP
        place = Position(x=node.position.x + step, y=node.position.y + step)
        return node.model_copy(update={"id": ids[node.id], "position": place, "parent": ids.get(node.parent or "", node.parent)})

    wires = [
        edge.model_copy(update={"id": fresh_id("e"), "source": ids.get(edge.source, edge.source), "target": ids[edge.target]})
        for edge in document.edges
        if edge.target in ids and (edge.source in ids or edge.kind != "speaks")
    ]
    nodes = [moved(node).model_dump(mode="json") for node in chosen]
    return {"type": "add", "nodes": nodes, "edges": [edge.model_dump(mode="json") for edge in wires]}
