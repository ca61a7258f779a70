"""A node laid into a team, or out of it, by a choice in a form: what a drag does, without a mouse."""

from __future__ import annotations

from studio.flow.checks.repairs import moved_into
from studio.flow.document import FlowDocument
from studio.flow.edits.model import Edit, Move, Moved
from studio.flow.sizes import GAP, below, box_of
from studio.flow.wires import Drawing


def laid_into(document: FlowDocument, node_id: str, team_id: str | None) -> Edit | None:
    """The edit that lays a node where there is room in a team, or on the canvas (None); None when there is nothing to do."""
    drawing = Drawing(document)
    node = drawing.by_id.get(node_id)
    if node is None or node.parent == team_id:
        return None
    if team_id is not None:
        team = drawing.by_id.get(team_id)
        return moved_into(drawing, team, [node]) if team is not None else None
    outer = drawing.team_of(node)
    while outer is not None and (around := drawing.team_of(outer)) is not None:
        outer = around
    others = [box_of(other, drawing) for other in drawing.nodes if drawing.team_of(other) is None and other.id != node.id]
    size = box_of(node, drawing)
    place = size.at(0, 0) if outer is None else size.at(box_of(outer, drawing).x, box_of(outer, drawing).bottom + GAP)
    free = below([place], others)[0]
    return Move(moves=(Moved(id=node.id, x=free.x, y=free.y, parent=None),))
