"""The wires of a program over those that were there, and the order in which its nodes must stand."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from studio.engine.tools.team_tool import AgentTool
from studio.flow.document import Edge, EdgeKind, Node
from studio.formats.convene_python.base import Base
from studio.formats.convene_python.made import called_by, calling, telling
from studio.formats.convene_python.matching import ALONE, Match


def rewired(base: Base, match: Match, nodes: Mapping[str, Node]) -> list[Edge]:
    """The wires that were there and still hold, then new ones; what meant nothing before is left as it was."""
    arrows, calls = _arrows(match), _calls(match)
    wanted = _relations(match)
    before = _relations_before(base)
    kept: list[Edge] = []
    seen: set[tuple[EdgeKind, str, str]] = set()
    for edge in base.document.edges:
        relation = (edge.kind, edge.source, edge.target)
        if edge.source not in nodes or edge.target not in nodes:
            if edge.source in base.drawing.by_id and edge.target in base.drawing.by_id:
                continue
        elif edge.kind == "speaks" and (edge.target in match.staying or edge.source in match.staying):
            pass
        elif edge.kind == "speaks" and edge.target in match.made and edge.source in match.made:
            if relation in before and (edge.source, edge.target) not in arrows:
                continue
            edge = _said(edge, arrows.get((edge.source, edge.target)), relation in seen)
        elif relation not in wanted and (relation in before or (edge.kind == "model" and _has_new(wanted, before, edge.target))):
            continue
        elif relation in calls and relation not in seen and calling(edge.config) != calls[relation]:
            edge = edge.model_copy(update={"config": calls[relation]})
        seen.add(relation)
        kept.append(edge)
    taken = {edge.id for edge in base.document.edges} | nodes.keys()
    implied = _implied(base, match)
    for relation in [*wanted, *((kind, *pair) for pair in arrows for kind in _SPEAKS)]:
        if relation in seen or relation in implied or relation[2] == ALONE:
            continue
        said = arrows.get((relation[1], relation[2])) if relation[0] == "speaks" else calls.get(relation)
        kept.append(Edge(id=_edge_id(relation, taken), kind=relation[0], source=relation[1], target=relation[2], config=said or {}))
    return kept


_SPEAKS: tuple[EdgeKind, ...] = ("speaks",)


def _said(edge: Edge, now: Mapping[str, Any] | None, again: bool) -> Edge:
    """An arrow with what the program says of it; one that stands there twice, or of which it says nothing, as it was."""
    if now is None or again:
        return edge
    after = telling(now)
    return edge if telling(edge.config) == after else edge.model_copy(update={"config": after})


def _relations(match: Match) -> dict[tuple[EdgeKind, str, str], None]:
    """Everything that somebody gets by a wire, in the order of the program."""
    return dict.fromkeys((kind, source, owner) for (owner, kind), sources in match.uses.items() for source in sources)


def _relations_before(base: Base) -> set[tuple[EdgeKind, str, str]]:
    found: set[tuple[EdgeKind, str, str]] = set()
    for node_id in base.used:
        node = base.drawing.by_id[node_id]
        found |= {(kind, source.id, node_id) for kind, several in base.uses(node).items() for source in several}
        if base.drawing.categories[node_id] == "team":
            found |= {("speaks", before.id, after.id) for before, after in base.drawing.speaks(node)}
    return found


def _has_new(wanted: Iterable[tuple[EdgeKind, str, str]], before: set[tuple[EdgeKind, str, str]], target: str) -> bool:
    """Whether somebody has another model now: a second wire that did not count must not begin to."""
    return any(relation[0] == "model" and relation[2] == target and relation not in before for relation in wanted)


def _implied(base: Base, match: Match) -> set[tuple[EdgeKind, str, str]]:
    """What needs no wire, because it lies in the team that uses it."""
    lies_in = {node.id: node.parent for node in base.drawing.nodes}
    there = match.made.keys() | match.staying
    return {relation for relation in _relations_before(base) if lies_in.get(relation[1]) == relation[2] and relation[1] in there}


def _arrows(match: Match) -> dict[tuple[str, str], dict[str, Any] | None]:
    """Who speaks after whom by the ids of nodes, with what the arrow says; None where only a graph would read that."""
    found: dict[tuple[str, str], dict[str, Any] | None] = {}
    for made in match.made.values():
        ids = {member.name: match.ids[id(member)] for member in made.members if id(member) in match.ids}
        for (before, after), said in made.arrows.items():
            if before in ids and after in ids:
                found[ids[before], ids[after]] = said if made.follows_graph else None
    return found


def _calls(match: Match) -> dict[tuple[EdgeKind, str, str], dict[str, Any]]:
    """How agents that are tools are called, by the wire that makes them one."""
    found: dict[tuple[EdgeKind, str, str], dict[str, Any]] = {}
    for node, made in match.made.items():
        for tool in made.uses.get("tool", []):
            called = called_by(tool)
            if tool.cls is AgentTool and called is not None and id(called) in match.ids:
                found["tool", match.ids[id(called)], node] = calling(tool.own)
    return found


def _edge_id(relation: tuple[str, str, str], taken: set[str]) -> str:
    number = 0
    while True:
        found = "e_" + hashlib.sha256(f"{' '.join(relation)} {number}".encode()).hexdigest()[:10]
        if found not in taken:
            taken.add(found)
            return found
        number += 1


def member_orders(match: Match) -> list[list[str]]:
    """The members of each team in the order of their turns, by their ids."""
    return [[match.ids[id(member)] for member in made.members if id(member) in match.ids] for made in match.made.values() if made.members]


def use_orders(match: Match) -> list[list[str]]:
    """What somebody uses in the order of the program, by its ids."""
    return [list(sources) for sources in match.uses.values() if len(sources) > 1]


def reordered(keys: list[str], orders: Iterable[Sequence[str]]) -> list[str]:
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
