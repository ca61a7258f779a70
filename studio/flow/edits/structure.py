"""Edits of what lies where: add, remove, move, resize, reorder."""

from __future__ import annotations

from studio.flow.document import Edge, FlowDocument, Node, Position, Size
from studio.flow.edits.model import Add, EditRefused, Move, Remove, Reorder, Resize
from studio.flow.edits.wiring import node_of, wired
from studio.flow.kinds import category
from studio.flow.names import default_name, unique_name, with_new_name
from studio.flow.ports import label
from studio.flow.wellformed import Malformed, check_place
from studio.texts import text


def add(document: FlowDocument, edit: Add) -> FlowDocument:
    """Put nodes and wires in. Among the added ones, mentions of a name follow when the name had to be made unique."""
    ids = {node.id for node in document.nodes}
    for node in edit.nodes:
        if node.id in ids:
            raise EditRefused(text("edit.id_taken", id=node.id), node.id)
        ids.add(node.id)
        try:
            check_place(node, label(node))
        except Malformed as error:
            raise EditRefused(error.sentence, node.id) from None
    after = document.model_copy(update={"nodes": document.nodes + _named(document, edit.nodes)})
    by_id = {node.id: node for node in after.nodes}
    for node in edit.nodes:
        _check_parent(node, node.parent, by_id)
    known = {edge.id for edge in document.edges}
    for edge in edit.edges:
        if edge.id in known:
            raise EditRefused(text("edit.id_taken", id=edge.id), edge.id)
        known.add(edge.id)
        after = wired(after, edge, by_id)
    return after


def remove(document: FlowDocument, edit: Remove) -> FlowDocument:
    """Take nodes and wires out, with the members of teams and the wires of everything that goes."""
    known, wires = {node.id for node in document.nodes}, {edge.id for edge in document.edges}
    for key in edit.nodes:
        if key not in known:
            raise EditRefused(text("edit.no_node", id=key), key)
    for key in edit.edges:
        if key not in wires:
            raise EditRefused(text("edit.no_edge", id=key), key)
    gone = set(edit.nodes)
    while more := {node.id for node in document.nodes if node.parent in gone} - gone:
        gone |= more
    lost = set(edit.edges)
    return document.model_copy(
        update={
            "nodes": tuple(node for node in document.nodes if node.id not in gone),
            "edges": tuple(edge for edge in document.edges if edge.id not in lost and edge.source not in gone and edge.target not in gone),
        }
    )


def move(document: FlowDocument, edit: Move) -> FlowDocument:
    """Lay nodes elsewhere, into a team or out of it; arrows between agents that are no longer together go."""
    by_id = {node.id: node for node in document.nodes}
    changed: dict[str, Node] = {}
    for item in edit.moves:
        node = changed.get(item.id) or node_of(by_id, item.id)
        parent = item.parent if "parent" in item.model_fields_set else node.parent
        if parent != node.parent:
            _check_parent(node, parent, by_id)
        changed[item.id] = node.model_copy(update={"position": Position(x=item.x, y=item.y), "parent": parent})
    nodes = tuple(changed.get(node.id, node) for node in document.nodes)
    moved = {key for key, node in changed.items() if node.parent != by_id[key].parent}
    if not moved:
        return document.model_copy(update={"nodes": nodes})
    lies_in = {node.id: node.parent for node in nodes}

    def stays(edge: Edge) -> bool:
        touched = edge.source in moved or edge.target in moved
        return not (edge.kind == "speaks" and touched and lies_in.get(edge.source) != lies_in.get(edge.target))

    return document.model_copy(update={"nodes": nodes, "edges": tuple(edge for edge in document.edges if stays(edge))})


def resize(document: FlowDocument, edit: Resize) -> FlowDocument:
    node = node_of({item.id: item for item in document.nodes}, edit.id)
    if category(node.kind) not in ("team", "note"):
        raise EditRefused(text("edit.fixed_size", node=label(node)), node.id)
    changed = node.model_copy(update={"position": Position(x=edit.x, y=edit.y), "size": Size(width=edit.width, height=edit.height)})
    return document.model_copy(update={"nodes": tuple(changed if item.id == node.id else item for item in document.nodes)})


def reorder(document: FlowDocument, edit: Reorder) -> FlowDocument:
    by_id = {item.id: item for item in document.nodes}
    node = node_of(by_id, edit.id)
    rest = [item for item in document.nodes if item.id != node.id]
    at = len(rest)
    if edit.before is not None:
        node_of(by_id, edit.before)
        if edit.before == node.id:
            return document
        at = next(index for index, item in enumerate(rest) if item.id == edit.before)
    return document.model_copy(update={"nodes": (*rest[:at], node, *rest[at:])})


def _named(document: FlowDocument, added: tuple[Node, ...]) -> tuple[Node, ...]:
    taken = {node.name for node in document.nodes if node.name}
    renamed: dict[str, str] = {}
    named = []
    for node in added:
        wanted = node.name.strip() or default_name(node.kind)
        name = unique_name(wanted, taken)
        if node.name and name != node.name and category(node.kind) in ("agent", "team"):
            renamed.setdefault(node.name, name)
        taken.add(name)
        named.append(node if name == node.name else node.model_copy(update={"name": name}))
    still_there = {node.name for node in named}
    for old, new in renamed.items():
        if old not in still_there:
            named = [with_new_name(node, old, new) for node in named]
    return tuple(named)


def _check_parent(node: Node, parent: str | None, by_id: dict[str, Node]) -> None:
    if parent is None:
        return
    team = by_id.get(parent)
    if team is None:
        raise EditRefused(text("edit.no_team", node=label(node), id=parent), node.id)
    if category(team.kind) != "team":
        raise EditRefused(text("edit.not_a_team", node=label(node), target=label(team)), node.id)
    at: Node | None = team if category(node.kind) == "team" else None
    seen: set[str] = set()  # a file may hold teams that lie in each other
    while at is not None and at.id not in seen:
        seen.add(at.id)
        if at.id == node.id:
            raise EditRefused(text("edit.team_in_team", node=label(node), target=label(team)), node.id)
        at = by_id.get(at.parent) if at.parent is not None else None
