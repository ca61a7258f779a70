"""Edits that repairs are made of: new nodes where there is room, with ids that the same drawing always gives."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from studio.flow.document import MAX_NODES, Edge, EdgeKind, Node, Position
from studio.flow.edits.model import Add, Connect, Edit, Move, Moved, Resize, Several
from studio.flow.kinds import category
from studio.flow.names import default_name, unique_name
from studio.flow.ports import label
from studio.flow.sizes import AGENT, GAP, PADDING, RESOURCE, TEAM_HEADER, Box, around, below, box_of, flow, room_for, size_of, up
from studio.flow.wires import Drawing
from studio.texts import text


def fresh_id(drawing: Drawing, kind: Literal["n", "e"], *seed: str) -> str:
    """An id that nothing in the drawing has, made of the seed alone, so that checking twice finds the same repair."""
    taken = drawing.by_id.keys() | {edge.id for edge in drawing.document.edges}
    count = 0
    while True:
        made = f"{kind}_{hashlib.sha256(repr((seed, count)).encode()).hexdigest()[:10]}"
        if made not in taken:
            return made
        count += 1


def wire(drawing: Drawing, kind: EdgeKind, source: str, target: str) -> Edge:
    return Edge(id=fresh_id(drawing, "e", kind, source, target), kind=kind, source=source, target=target)


def connected(drawing: Drawing, kind: EdgeKind, source: Node, targets: Sequence[Node]) -> Edit:
    edits = tuple(Connect(edge=wire(drawing, kind, source.id, target.id)) for target in targets)
    return edits[0] if len(edits) == 1 else Several(edits=edits[:1000])


def added_below(
    drawing: Drawing, wanted: Sequence[tuple[str, Mapping[str, Any]]], wire_kind: EdgeKind, targets: Sequence[Node]
) -> Edit | None:
    """New nodes (kind, config) below the first target's team, each wired to all targets; None when the drawing is full."""
    if len(drawing.nodes) + len(wanted) > MAX_NODES:
        return None
    near = drawing.team_of(targets[0]) or targets[0]
    taken = [box_of(node, drawing) for node in drawing.nodes if drawing.team_of(node) is None]
    boxes = room_for(len(wanted), RESOURCE, box_of(near, drawing), taken)
    nodes = tuple(
        Node(
            id=fresh_id(drawing, "n", targets[0].id, kind),
            kind=kind,
            name=unique_name(default_name(kind), [node.name for node in drawing.nodes]),
            config=dict(config),
            position=Position(x=box.x, y=box.y),
        )
        for (kind, config), box in zip(wanted, boxes, strict=True)
    )
    return Add(nodes=nodes, edges=tuple(wire(drawing, wire_kind, node.id, target.id) for node in nodes for target in targets))


def stop_rules(drawing: Drawing, team: Node) -> Edit | None:
    """Two rules that suit nearly every team: a word that says it is finished, and a number of turns."""
    turns = max(12, 4 * len(drawing.agents_in(team)))
    return added_below(drawing, [("text_mention", {"text": "TERMINATE"}), ("max_turns", {"max_turns": turns})], "stop", [team])


def moved_into(drawing: Drawing, team: Node, nodes: Sequence[Node]) -> Edit:
    """Lay nodes into a team, in rows below what is there, and make the team as large as it then must be."""
    inside = [box_of(node, drawing) for node in drawing.inside(team)]
    width, height = size_of(team, drawing)
    top = max([up(TEAM_HEADER + 20), *(up(box.bottom + GAP) for box in inside)])
    rows = flow([size_of(node, drawing) for node in nodes], max(width - 2 * PADDING, AGENT[0]))
    boxes = [box.at(PADDING + box.x, top + box.y) for box in rows]
    needed = around([*inside, *boxes])
    moves = Move(moves=tuple(Moved(id=node.id, x=box.x, y=box.y, parent=team.id) for node, box in zip(nodes, boxes, strict=True)))
    sizes = grown(drawing, team, max(width, needed[0]), max(height, needed[1]))
    return Several(edits=(moves, *sizes)) if sizes else moves


def grown(drawing: Drawing, team: Node, width: float, height: float) -> list[Edit]:
    """Edits that make a team so large, and the teams around it as large as they then must be; none when they are already."""
    sizes: list[Edit] = []
    at: Node | None = team
    while at is not None:
        now = size_of(at, drawing)
        if width <= now[0] and height <= now[1]:
            return sizes
        width, height = max(width, now[0]), max(height, now[1])
        sizes.append(Resize(id=at.id, x=at.position.x, y=at.position.y, width=width, height=height))
        right, bottom = at.position.x + width + GAP, at.position.y + height + GAP
        width, height = right, bottom
        at = drawing.team_of(at)
    return sizes


def wrapped(drawing: Drawing, agents: Sequence[Node]) -> Edit | None:
    """A round robin team around agents that lie loose: they stay where they are relative to each other."""
    if len(drawing.nodes) >= MAX_NODES:
        return None
    boxes = [box_of(agent, drawing) for agent in agents]
    left, top = min(box.x for box in boxes) - PADDING, min(box.y for box in boxes) - up(TEAM_HEADER + 20)
    width, height = around(box.at(box.x - left, box.y - top) for box in boxes)
    team_id = fresh_id(drawing, "n", "team", *(agent.id for agent in agents))
    inside = {agent.id for agent in agents}
    others = [box_of(node, drawing) for node in drawing.nodes if drawing.team_of(node) is None and node.id not in inside]
    place = below([Box(left, top, width, height)], others)[0]
    team = Node(
        id=team_id,
        kind="team",
        name=unique_name(default_name("team"), [node.name for node in drawing.nodes]),
        position=Position(x=place.x, y=place.y),
    )
    moves = tuple(Moved(id=agent.id, x=box.x - left, y=box.y - top, parent=team_id) for agent, box in zip(agents, boxes, strict=True))
    return Several(edits=(Add(nodes=(team,)), Move(moves=moves), Resize(id=team_id, x=place.x, y=place.y, width=width, height=height)))


def listed(nodes: Sequence[Node]) -> str:
    """Names for a sentence: `a`, `a and b`, `a, b and 3 others`."""

    names = [label(node) for node in nodes]
    if len(names) == 1:
        return names[0]
    if len(names) <= 3:
        return text("check.list.two", first=", ".join(names[:-1]), last=names[-1])
    return text("check.list.many", first=", ".join(names[:2]), count=len(names) - 2)


def agent_names(drawing: Drawing) -> list[str]:
    return [node.name for node in drawing.nodes if category(node.kind) in ("agent", "team")]
