"""Where the nodes of an edited program stand: those that were there stay, new ones find room, and what a team grows into makes way."""

from __future__ import annotations

from collections.abc import Collection

from studio.flow.document import FlowDocument, Node, Position
from studio.flow.edits.apply import apply_edit
from studio.flow.layout import arrange, place
from studio.flow.sizes import GAP, PADDING, Box, box_of
from studio.flow.wires import Drawing
from studio.formats.convene_python.base import Base
from studio.formats.convene_python.matching import Match


def laid_out(base: Base, match: Match, document: FlowDocument) -> FlowDocument:
    """The document with places for what is new and for what lies in another team now; one that is all new is laid out as a whole."""
    moved = {node.id for node in document.nodes if (was := base.drawing.by_id.get(node.id)) is None or was.parent != node.parent}
    if not moved:
        return document
    if not base.used:
        return place(document)
    drawing = Drawing(document)
    members = {key for key in moved if drawing.team_of(drawing.by_id[key]) is not None}
    document = _put(document, match, members)
    document = _with_room(base.drawing, document, moved)
    return _put(document, match, moved - members)


def _put(document: FlowDocument, match: Match, moved: Collection[str]) -> FlowDocument:
    """The document with these nodes beside those that they belong to."""
    if not moved:
        return document
    drawing = Drawing(document)
    near = {node_id: _beside(drawing, match, node_id, moved) for node_id in moved}
    nodes = tuple(node.model_copy(update={"position": near[node.id]}) if node.id in near else node for node in document.nodes)
    document = document.model_copy(update={"nodes": nodes})
    return apply_edit(document, arrange(document, only=set(moved))).document


def _beside(drawing: Drawing, match: Match, node_id: str, moved: Collection[str]) -> Position:
    """Where to begin to look for room: to the right of the last fellow member, or below who uses it."""
    node = drawing.by_id[node_id]
    team = drawing.team_of(node)
    if team is not None:
        fellows = [box_of(other, drawing) for other in drawing.agents_in(team) if other.id not in moved]
        last = max(fellows, key=lambda box: (box.y, box.x), default=None)
        return Position(x=last.right + GAP, y=last.y) if last is not None else Position(x=PADDING, y=2 * PADDING)
    users = [owner for (owner, _), sources in match.uses.items() if node_id in sources and owner in drawing.by_id]
    user = drawing.by_id[users[0]] if users else None
    while user is not None and (around := drawing.team_of(user)) is not None:
        user = around
    if user is None:
        return Position()
    box = box_of(user, drawing)
    return Position(x=box.x, y=box.bottom + GAP)


def _with_room(before: Drawing, document: FlowDocument, moved: Collection[str]) -> FlowDocument:
    """The document with what stood below a team, or to its right, as far from it as it was, where the team has grown onto any of that."""
    for team in Drawing(document).teams:
        if team.id in moved or team.id not in before.by_id:
            continue
        drawing = Drawing(document)
        was, now = box_of(before.by_id[team.id], before), box_of(drawing.by_id[team.id], drawing)
        beside = {
            node.id: box_of(node, drawing)
            for node in drawing.nodes
            if node.parent == team.parent and node.id != team.id and node.id not in moved and node.id in before.by_id
        }
        below = {key for key, box in beside.items() if box.y >= was.bottom and box.x < now.right and now.x < box.right}
        right = {key for key, box in beside.items() if box.x >= was.right and box.y < now.bottom and now.y < box.bottom} - below
        down, across = _pushed(below, beside, now, now.bottom - was.bottom), _pushed(right, beside, now, now.right - was.right)
        if down or across:
            nodes = (
                _shifted(node, across if node.id in right else 0, down if node.id in below else 0) if node.id in beside else node
                for node in document.nodes
            )
            document = document.model_copy(update={"nodes": tuple(nodes)})
    return document


def _pushed(keys: Collection[str], boxes: dict[str, Box], grown: Box, by: float) -> float:
    """How far these have to move: as far as the team has grown, where it lies on any of them now."""
    return by if any(boxes[key].overlaps(grown) for key in keys) else 0


def _shifted(node: Node, x: float, y: float) -> Node:
    position = Position(x=node.position.x + x, y=node.position.y + y)
    return node.model_copy(update={"position": position}) if x or y else node
