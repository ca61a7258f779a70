"""The drawing of a program: the nodes that were there with what the program says of them now, new ones beside them, others gone."""

from __future__ import annotations

import hashlib
import heapq
import json
import zlib
from base64 import b64decode
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from studio.engine.conditions.combined import AllOf, AnyOf
from studio.engine.teams.team import Team
from studio.flow.document import Edge, EdgeKind, FlowDocument, Node, Position
from studio.flow.edits.apply import apply_edit
from studio.flow.layout import arrange, place
from studio.flow.sizes import GAP, PADDING, box_of
from studio.flow.wires import Drawing
from studio.formats.convene_python.base import Base, Hints, own_config
from studio.formats.convene_python.made import Made, own_values, telling
from studio.formats.convene_python.matching import ALONE, Match

_ABSENT = object()
MAX_PACKED = 400_000
"""Characters that one packed text may unpack to."""


def redrawn(base: Base, match: Match) -> FlowDocument:
    """The document of a program over the one that was there; the very same one when the program says nothing else."""
    gone = base.used - match.made.keys()
    gone |= _lost_with(base, gone)
    nodes = {node.id: _node(base, match, node) for node in base.drawing.nodes if node.id not in gone}
    for node_id in _in_order_of_birth(match):
        nodes[node_id] = _new_node(match, node_id)
    edges = _edges(base, match, nodes)
    ordered = _ordered(list(nodes), [*_member_orders(match), *_use_orders(match)])
    document = base.document.model_copy(update={"nodes": tuple(nodes[key] for key in ordered), "edges": tuple(edges)})
    return _laid_out(base, match, document)


def _lost_with(base: Base, gone: Iterable[str]) -> set[str]:
    """Stop rules and models that lay in a team that is gone and that nobody used: nothing could show them any more."""
    teams = {key for key in gone if base.drawing.categories[key] == "team"}
    kept = ("note", "agent", "team")
    return {node.id for node in base.drawing.nodes if node.parent in teams and base.drawing.categories[node.id] not in kept}


# Nodes ---------------------------------------------------------------------------------------------------------------


def _node(base: Base, match: Match, node: Node) -> Node:
    made = match.made.get(node.id)
    if made is None:
        parent = node.parent if node.parent is None or node.parent not in base.used or node.parent in match.made else None
        return node if parent == node.parent else node.model_copy(update={"parent": parent})
    changes: dict[str, Any] = {}
    if node.kind != made.cls.kind:
        changes["kind"] = made.cls.kind
    if made.is_speaker:
        if (node.name.strip() or ("team" if issubclass(made.cls, Team) else "")) != made.name:
            changes["name"] = made.name
        parent = match.parents.get(node.id)
        if parent != _lies_in(base, node):
            changes["parent"] = parent
    config = _config(base, node, made)
    if config != node.config or json.dumps(config, default=str) != json.dumps(node.config, default=str):
        changes["config"] = config
    return node.model_copy(update=changes) if changes else node


def _lies_in(base: Base, node: Node) -> str | None:
    team = base.drawing.team_of(node)
    return team.id if team is not None else None


def _config(base: Base, node: Node, made: Made) -> dict[str, Any]:
    """The fields of a node: as they stood on the canvas wherever the program means the same."""
    hints = base.hints.get(node.id, Hints()) if base.hints is not None else None
    before = _before(node, made, hints)
    known = hints is None or node.kind != made.cls.kind
    if hints is not None and not known:
        candidate = {name: value for name, value in made.own.items() if name not in hints.left_out} | before
    else:
        candidate = {name: value for name, value in before.items() if name in made.cls.model_fields}
    was, now = own_values(made.cls, candidate), own_values(made.cls, made.own)
    found: dict[str, Any] = {}
    for name in dict.fromkeys((*candidate, *made.own)):
        unsure = name in made.unsure and name not in made.own
        same = unsure or _same(was.get(name, _ABSENT), now.get(name, _ABSENT))
        value = candidate.get(name, _ABSENT) if same else made.own.get(name, _ABSENT)
        if value is not _ABSENT:
            found[name] = value
    return found


def _before(node: Node, made: Made, hints: Hints | None) -> dict[str, Any]:
    """The fields as they stood on the canvas, as far as they are known."""
    if hints is None:
        return own_config(node)
    unpacked = {name: unpack(packed, str(made.own.get(name, ""))) for name, packed in hints.packed.items()}
    return {**hints.held, **{name: value for name, value in unpacked.items() if value is not None}}


def unpack(packed: str, dictionary: str) -> str | None:
    """A text that was packed with another one at hand; None when that one is no longer the same."""
    try:
        unpacker = zlib.decompressobj(zdict=dictionary.encode("utf-8", "surrogatepass"))
        data = unpacker.decompress(b64decode(packed, validate=True), MAX_PACKED)
        return data.decode("utf-8", "surrogatepass") if unpacker.eof else None
    except (ValueError, zlib.error):
        return None


def _same(one: Any, other: Any) -> bool:
    if one is _ABSENT or other is _ABSENT:
        return one is other
    return json.dumps(one, sort_keys=True, default=str) == json.dumps(other, sort_keys=True, default=str)


def _new_node(match: Match, node_id: str) -> Node:
    made = match.made[node_id]
    label = made.name if made.is_speaker else "" if made.cls in (AnyOf, AllOf) else _spoken(made.variable)
    return Node(id=node_id, kind=made.cls.kind, name=label[:200], config=dict(made.own), parent=match.parents.get(node_id))


def _spoken(variable: str) -> str:
    return " ".join(variable.split("_")).strip()


def _in_order_of_birth(match: Match) -> list[str]:
    return [key for key in match.made if key in match.new]


# Wires ---------------------------------------------------------------------------------------------------------------


def _edges(base: Base, match: Match, nodes: Mapping[str, Node]) -> list[Edge]:
    arrows = _arrows(match)
    wanted = _relations(match)
    before = _relations_before(base)
    kept: list[Edge] = []
    seen: set[tuple[EdgeKind, str, str]] = set()
    for edge in base.document.edges:
        relation = (edge.kind, edge.source, edge.target)
        if edge.source not in nodes or edge.target not in nodes:
            if edge.source in base.drawing.by_id and edge.target in base.drawing.by_id:
                continue
        elif edge.kind == "speaks" and edge.target in match.made and edge.source in match.made:
            if relation in before and (edge.source, edge.target) not in arrows:
                continue
            edge = _said(edge, arrows.get((edge.source, edge.target)), relation in seen)
        elif relation not in wanted and (relation in before or (edge.kind == "model" and _has_new(wanted, before, edge.target))):
            continue
        seen.add(relation)
        kept.append(edge)
    taken = {edge.id for edge in base.document.edges} | nodes.keys()
    implied = _implied(base, match)
    for relation in [*wanted, *((kind, *pair) for pair in arrows for kind in _SPEAKS)]:
        if relation in seen or relation in implied or relation[2] == ALONE:
            continue
        said = arrows.get((relation[1], relation[2])) if relation[0] == "speaks" else None
        kept.append(Edge(id=_edge_id(relation, taken), kind=relation[0], source=relation[1], target=relation[2], config=said or {}))
    return kept


_SPEAKS: tuple[EdgeKind, ...] = ("speaks",)


def _said(edge: Edge, now: Mapping[str, Any] | None, again: bool) -> Edge:
    """An arrow with what the program says of it; one that stands there twice, or says nothing that counts, as it was."""
    if now is None or again:
        return edge
    after = telling(now)
    return edge if telling(edge.config) == after else edge.model_copy(update={"config": after})


def _relations(match: Match) -> list[tuple[EdgeKind, str, str]]:
    """Everything that somebody gets by a wire, in the order of the program."""
    return list(dict.fromkeys((kind, source, owner) for (owner, kind), sources in match.uses.items() for source in sources))


def _relations_before(base: Base) -> set[tuple[EdgeKind, str, str]]:
    found: set[tuple[EdgeKind, str, str]] = set()
    for node_id in base.used:
        node = base.drawing.by_id[node_id]
        found |= {(kind, source.id, node_id) for kind, several in base.uses(node).items() for source in several}
        if base.drawing.categories[node_id] == "team":
            found |= {("speaks", before.id, after.id) for before, after in base.drawing.speaks(node)}
    return found


def _has_new(wanted: Sequence[tuple[EdgeKind, str, str]], before: set[tuple[EdgeKind, str, str]], target: str) -> bool:
    """Whether somebody has another model now: a second wire that did not count must not begin to."""
    return any(relation[0] == "model" and relation[2] == target and relation not in before for relation in wanted)


def _implied(base: Base, match: Match) -> set[tuple[EdgeKind, str, str]]:
    """What needs no wire, because it lies in the team that uses it."""
    lies_in = {node.id: node.parent for node in base.drawing.nodes}
    return {relation for relation in _relations_before(base) if lies_in.get(relation[1]) == relation[2] and relation[1] in match.made}


def _arrows(match: Match) -> dict[tuple[str, str], dict[str, Any]]:
    """Who speaks after whom by the ids of nodes."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for made in match.made.values():
        ids = {member.name: match.ids[id(member)] for member in made.members if id(member) in match.ids}
        for (before, after), said in made.arrows.items():
            if before in ids and after in ids:
                found[ids[before], ids[after]] = said if made.follows_graph else {}
    return found


def _edge_id(relation: tuple[str, str, str], taken: set[str]) -> str:
    number = 0
    while True:
        found = "e_" + hashlib.sha256(f"{' '.join(relation)} {number}".encode()).hexdigest()[:10]
        if found not in taken:
            taken.add(found)
            return found
        number += 1


# Order ---------------------------------------------------------------------------------------------------------------


def _member_orders(match: Match) -> list[list[str]]:
    return [[match.ids[id(member)] for member in made.members if id(member) in match.ids] for made in match.made.values() if made.members]


def _use_orders(match: Match) -> list[list[str]]:
    return [list(sources) for sources in match.uses.values() if len(sources) > 1]


def _ordered(keys: list[str], orders: Iterable[Sequence[str]]) -> list[str]:
    """The keys in their order, moved only where the orders want it; an order that contradicts an earlier one is passed over."""
    after: dict[str, set[str]] = {key: set() for key in keys}
    for order in orders:
        for before, follower in pairwise(order):
            if before in after and follower in after and not _reaches(after, follower, before):
                after[before].add(follower)
    place_of = {key: at for at, key in enumerate(keys)}
    waits = dict.fromkeys(keys, 0)
    for followers in after.values():
        for follower in followers:
            waits[follower] += 1
    ready = [place_of[key] for key in keys if not waits[key]]
    heapq.heapify(ready)
    done: list[str] = []
    while ready:
        key = keys[heapq.heappop(ready)]
        done.append(key)
        for follower in after[key]:
            waits[follower] -= 1
            if not waits[follower]:
                heapq.heappush(ready, place_of[follower])
    return done


def _reaches(after: Mapping[str, set[str]], start: str, end: str) -> bool:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        key = waiting.pop()
        if key == end:
            return True
        if key not in seen:
            seen.add(key)
            waiting += after[key]
    return False


# Places --------------------------------------------------------------------------------------------------------------


def _laid_out(base: Base, match: Match, document: FlowDocument) -> FlowDocument:
    """New nodes beside those that were there, which stay where they are; a drawing that is all new is laid out as a whole."""
    if not match.new:
        return document
    if not base.used:
        return place(document)
    moved = {node.id for node in document.nodes if (was := base.drawing.by_id.get(node.id)) is None or was.parent != node.parent}
    drawing = Drawing(document)
    near = {node_id: _beside(drawing, match, node_id, moved) for node_id in moved}
    nodes = tuple(node.model_copy(update={"position": near[node.id]}) if node.id in near else node for node in document.nodes)
    document = document.model_copy(update={"nodes": nodes})
    return apply_edit(document, arrange(document, only=moved)).document


def _beside(drawing: Drawing, match: Match, node_id: str, moved: set[str]) -> Position:
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
