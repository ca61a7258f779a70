"""Places for nodes that a file brought without one: whatever has a place of its own stays exactly there."""

from __future__ import annotations

from collections.abc import Sequence

from studio.flow.document import FlowDocument, Node, Position, Size
from studio.flow.layout import NOTES_WIDTH, inside, place
from studio.flow.sizes import Box, around, below, box_of, flow, size_of
from studio.flow.wires import Drawing


def placed(document: FlowDocument) -> FlowDocument:
    """The document with a place for every node whose `position` was not given; teams grow where they must to hold them."""
    new = {node.id for node in document.nodes if not node.position.model_fields_set}
    if not new:
        return document
    if len(new) == len(document.nodes):
        return place(document)
    drawing = Drawing(document)
    places: dict[str, Box] = {}
    for team in sorted(drawing.teams, key=drawing.depth, reverse=True):
        members = drawing.inside(team)
        places |= _among(drawing, members, new, places, team)
        if new & {member.id for member in members} or (team.id in new and team.size is None):
            needed = around(_box(member, drawing, places) for member in members)
            now = size_of(team, drawing) if team.size is not None else (0.0, 0.0)
            places[team.id] = Box(team.position.x, team.position.y, max(needed[0], now[0]), max(needed[1], now[1]))
    places |= _among(drawing, [node for node in drawing.nodes if drawing.team_of(node) is None], new, places, None)
    sized = {team.id for team in drawing.teams}
    nodes = tuple(_at(node, places[node.id], resized=node.id in sized) if node.id in places else node for node in document.nodes)
    return document.model_copy(update={"nodes": nodes})


def _among(drawing: Drawing, siblings: Sequence[Node], new: set[str], places: dict[str, Box], team: Node | None) -> dict[str, Box]:
    """The boxes of the new ones among nodes of one team, or of the canvas: laid out together, and below what has a place."""
    fresh = [node for node in siblings if node.id in new]
    fixed = [_box(node, drawing, places) for node in siblings if node.id not in new]
    boxes = {node.id: _box(node, drawing, places) for node in fresh}
    sizes = {key: (box.width, box.height) for key, box in boxes.items()}
    if team is not None:
        laid_out = inside(drawing, fresh, {key: size for key, size in sizes.items() if drawing.categories[key] == "team"})
    else:
        laid_out = dict(zip(sizes, flow(list(sizes.values()), NOTES_WIDTH), strict=True))
    return dict(zip(laid_out, below(list(laid_out.values()), fixed), strict=True))


def _box(node: Node, drawing: Drawing, places: dict[str, Box]) -> Box:
    return places.get(node.id) or box_of(node, drawing)


def _at(node: Node, box: Box, *, resized: bool) -> Node:
    size = Size(width=box.width, height=box.height) if resized else node.size
    return node.model_copy(update={"position": Position(x=box.x, y=box.y), "size": size})
