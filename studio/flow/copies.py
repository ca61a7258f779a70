"""A copy of a node, as an edit."""

from __future__ import annotations

import secrets
import string
from typing import Any

from studio.flow.document import FlowDocument, Node, Position
from studio.flow.sizes import below, box_of
from studio.flow.wires import Drawing

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
        place = node.position if inside else _beside(document, node)
        return node.model_copy(update={"id": ids[node.id], "position": place, "parent": ids.get(node.parent or "", node.parent)})

    wires = [
        edge.model_copy(update={"id": fresh_id("e"), "source": ids.get(edge.source, edge.source), "target": ids[edge.target]})
        for edge in document.edges
        if edge.target in ids and (edge.source in ids or edge.kind != "speaks")
    ]
    nodes = [moved(node).model_dump(mode="json") for node in chosen]
    return {"type": "add", "nodes": nodes, "edges": [edge.model_dump(mode="json") for edge in wires]}


def _beside(document: FlowDocument, node: Node) -> Position:
    """Where the copy of a node lies: a little below it, and of a team where there is room, since one on another cannot be read."""
    x, y = node.position.x + STEP, node.position.y + STEP
    if node.kind == "team" and node.parent is None:
        drawing = Drawing(document)
        others = [box_of(each, drawing) for each in drawing.nodes if drawing.team_of(each) is None]
        y = below([box_of(node, drawing).at(x, y)], others)[0].y
    return Position(x=x, y=y)
