"""Automatic layout: members by who speaks after whom or in order, what they use below their team, nothing on top of another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from studio.flow.document import FlowDocument, Node
from studio.flow.edits.apply import apply_edit
from studio.flow.edits.model import Edit, Move, Moved, Resize, Several
from studio.flow.layers import Cell, layers
from studio.flow.sizes import AGENT, GAP, PADDING, RESOURCE, TEAM_HEADER, TEAM_MIN, Box, around, below, box_of, columns, flow, size_of, up
from studio.flow.wires import Drawing

LAYER_STEP = 256.0
"""From one agent to the next along an arrow."""

COLUMN_STEP = 224.0
ROW_STEP = 144.0
"""Rows leave an agent room to grow into while it speaks."""

TEAM_GAP = 96.0
ACROSS = 4
"""So many teams stand beside each other on the canvas at least; more stand in rows, about as many rows as there are columns."""

NOTES_WIDTH = 752.0
"""Notes stand in rows as wide as a team of three, below what they speak of."""

TEAMS_WIDTH = 800.0
"""Teams within a team stand beside each other up to this, so that they can be read beside the conversation."""

_RANK = {"condition": 2, "tool": 1, "model": 0, "agent": -1}


def arrange(document: FlowDocument, only: set[str] | None = None) -> Edit:
    """The edit that lays a drawing out tidily; the same drawing always gives the same layout.

    `only` limits it to these nodes (and what lies in the teams among them): they keep the upper left corner that they have
    together, and move down as far as they have to for the others.
    """
    drawing = Drawing(document)
    if only is None:
        places, sizes = _laid_out(drawing)
    else:
        places, sizes = _laid_out_only(drawing, only)
    return _edit(drawing, places, sizes)


def place(document: FlowDocument) -> FlowDocument:
    """The document laid out anew: for imports that bring no places."""
    return apply_edit(document, arrange(document)).document


def _edit(drawing: Drawing, places: Mapping[str, Box], sizes: Mapping[str, tuple[float, float]]) -> Edit:
    resizes: list[Edit] = []
    moves = []
    for key, box in places.items():
        node = drawing.by_id[key]
        moved = (box.x, box.y) != (node.position.x, node.position.y)
        if key in sizes and (node.size is None or (node.size.width, node.size.height) != sizes[key]):
            width, height = sizes[key]
            resizes.append(Resize(id=key, x=box.x, y=box.y, width=width, height=height))
        elif moved:
            moves.append(Moved(id=key, x=box.x, y=box.y, parent=node.parent))
    move = Move(moves=tuple(moves))
    return Several(edits=(*resizes[:999], move)) if resizes else move


def _laid_out(drawing: Drawing) -> tuple[dict[str, Box], dict[str, tuple[float, float]]]:
    """The place of every node, counted from its team or the canvas, and the size of every team."""
    places: dict[str, Box] = {}
    sizes: dict[str, tuple[float, float]] = {}
    for team in sorted(drawing.teams, key=drawing.depth, reverse=True):
        inner = inside(drawing, drawing.inside(team), sizes)
        places |= inner
        sizes[team.id] = around(inner.values())
    outside = [node for node in drawing.nodes if drawing.team_of(node) is None]
    notes = [node for node in outside if drawing.categories[node.id] == "note"]
    clusters, unattached = _clusters(drawing, outside)
    across = max(ACROSS, round(len(clusters) ** 0.5))
    x = y = bottom = widest = 0.0
    for number, (team_id, resources) in enumerate(clusters.items()):
        if number and number % across == 0:
            x, y = 0.0, up(bottom + TEAM_GAP)
        right, low = _cluster(drawing, team_id, resources, places, sizes, x, y)
        x, bottom = up(right + TEAM_GAP), max(bottom, low)
        widest = max(widest, x - TEAM_GAP)
    width = max(widest, NOTES_WIDTH)
    bottom = _put(places, unattached, flow([size_of(node, drawing) for node in unattached], width), 0.0, bottom)
    _put(places, notes, columns([size_of(note, drawing) for note in notes], width), 0.0, bottom)
    return places, sizes


def _clusters(drawing: Drawing, outside: Sequence[Node]) -> tuple[dict[str, list[Node]], list[Node]]:
    """What lies outside by the team that uses it ("" for agents without one), in the order of the teams; and what nobody uses."""
    clusters: dict[str, list[Node]] = {team.id: [] for team in drawing.teams if drawing.team_of(team) is None}
    if drawing.loose_agents:
        clusters[""] = []
    unattached = []
    loose = {agent.id for agent in drawing.loose_agents}
    for node in outside:
        if drawing.categories[node.id] in ("team", "note") or node.id in loose:
            continue
        teams = {_outermost(drawing, team) for team in drawing.teams_around(node)}
        home: str | None = next((key for key in clusters if key in teams), None)
        if home is None and loose & drawing.users_of(node):
            home = ""
        if home is None:
            unattached.append(node)
        else:
            clusters[home].append(node)
    return clusters, unattached


def _outermost(drawing: Drawing, team_id: str) -> str:
    """The team on the canvas that a team lies in, however deep, or is."""
    while (around_it := drawing.team_of(drawing.by_id[team_id])) is not None:
        team_id = around_it.id
    return team_id


def _cluster(
    drawing: Drawing,
    team_id: str,
    resources: list[Node],
    places: dict[str, Box],
    sizes: Mapping[str, tuple[float, float]],
    x: float,
    y: float,
) -> tuple[float, float]:
    """Put a team (or the agents without one) at x, y and what it uses below; the right edge and the next free y."""
    if team_id:
        width, height = sizes[team_id]
        places[team_id] = Box(x, y, width, height)
    else:
        inner = inside(drawing, drawing.loose_agents, sizes)
        for key, box in inner.items():
            places[key] = box.at(x + box.x - PADDING, y + box.y - _top())
        width = max(box.right for box in inner.values()) - PADDING
        height = max(box.bottom for box in inner.values()) - _top()
    ordered = sorted(resources, key=lambda node: (_RANK.get(drawing.categories[node.id], 3), _depth(drawing, node), drawing.order[node.id]))
    rows = _staggered(flow([size_of(node, drawing) for node in ordered], max(width, 3 * RESOURCE[0] + 2 * GAP)))
    below_it = up(y + height + 1.5 * GAP)
    bottom = _put(places, ordered, rows, x, below_it)
    return x + max([width, *(box.right for box in rows)]), max(bottom, below_it)


def _staggered(boxes: Sequence[Box]) -> list[Box]:
    """Every other row half a step to the right, so that its wires go up between the boxes above it and not behind them."""
    rows = sorted({box.y for box in boxes})
    return [box.at(up(box.x + (rows.index(box.y) % 2) * (RESOURCE[0] + GAP) / 2), box.y) for box in boxes]


def _depth(drawing: Drawing, node: Node) -> int:
    """How many stop rules a stop rule is a part of, so that the combining ones stand nearer to the team."""
    depth, seen = 0, {node.id}
    above = drawing.out_of(node, "stop")
    while above and drawing.categories[above[0].id] == "condition" and above[0].id not in seen:
        depth += 1
        seen.add(above[0].id)
        above = drawing.out_of(above[0], "stop")
    return depth


def _put(places: dict[str, Box], nodes: Sequence[Node], boxes: Sequence[Box], x: float, y: float) -> float:
    """Put boxes that count from the origin at x, y; the next free y below them."""
    for node, box in zip(nodes, boxes, strict=True):
        places[node.id] = box.at(x + box.x, y + box.y)
    return up(y + max(box.bottom for box in boxes) + 1.5 * GAP) if boxes else y


def _top() -> float:
    return up(TEAM_HEADER + 20)


def inside(drawing: Drawing, members: Iterable[Node], sizes: Mapping[str, tuple[float, float]]) -> dict[str, Box]:
    """The places of a team's members: who speaks by the arrows or in order, then everything else in rows below.

    `sizes` are those of the teams within it. A column is as wide, and a row as high, as what is largest in it.
    """
    nodes = tuple(members)
    speakers = [node for node in nodes if drawing.categories[node.id] in ("agent", "team")]
    others = [node for node in nodes if drawing.categories[node.id] not in ("agent", "team")]
    ids = {node.id for node in speakers}
    arrows = [(node.id, after.id) for node in speakers for after in drawing.out_of(node, "speaks") if after.id in ids and after != node]
    boxes = {node.id: sizes.get(node.id, AGENT) for node in speakers}
    cells = layers(list(boxes), arrows) if arrows else _grid(boxes)
    x_of = _tracks({key: column for key, (column, _) in cells.items()}, boxes, 0, LAYER_STEP if arrows else COLUMN_STEP)
    y_of = _tracks({key: row for key, (_, row) in cells.items()}, boxes, 1, ROW_STEP)
    places = {key: Box(PADDING + x_of(column), _top() + y_of(row), *boxes[key]) for key, (column, row) in cells.items()}
    right = max([TEAM_MIN[0] - PADDING, *(box.right for box in places.values())])
    free_y = up(max(box.bottom for box in places.values()) + 1.5 * GAP) if places else _top()
    _put(places, others, flow([size_of(node, drawing) for node in others], right - PADDING, 16.0), PADDING, free_y)
    return places


def _tracks(cells: Mapping[str, float], boxes: Mapping[str, tuple[float, float]], side: int, step: float) -> Callable[[float], float]:
    """Where a column (side 0) or a row (side 1) begins; one between two others lies between them."""
    extra = step - AGENT[side]
    sizes: dict[int, float] = {}
    for key, cell in cells.items():
        for index in {int(cell), -int(-cell // 1)}:
            sizes[index] = max(sizes.get(index, AGENT[side]), boxes[key][side])
    begins = [0.0]
    for index in range(max(sizes, default=0) + 1):
        size = sizes.get(index, AGENT[side])
        begins.append(begins[-1] + size + (extra if size <= AGENT[side] else max(extra, 1.5 * GAP)))

    def begin(cell: float) -> float:
        low = int(cell)
        return up(begins[low] + (begins[low + 1] - begins[low]) * (cell - low))

    return begin


def _grid(boxes: Mapping[str, tuple[float, float]]) -> dict[str, Cell]:
    """In reading order: one row of up to four, otherwise nearly a square that is rather wide; teams only as they fit."""
    columns = len(boxes) if len(boxes) <= 4 else max(3, round((len(boxes) * 1.2) ** 0.5))
    widest = max((width for width, _ in boxes.values()), default=0.0)
    if widest > AGENT[0]:
        columns = max(1, min(columns, int(TEAMS_WIDTH // widest)))
    return {key: (float(index % columns), float(index // columns)) for index, key in enumerate(boxes)}


def _laid_out_only(drawing: Drawing, only: set[str]) -> tuple[dict[str, Box], dict[str, tuple[float, float]]]:
    chosen = {key for key in only if key in drawing.by_id}
    whole_teams = {team.id for team in drawing.teams if team.id in chosen}
    while more := {node.id for node in drawing.nodes if (team := drawing.team_of(node)) is not None and team.id in whole_teams} - chosen:
        chosen |= more
        whole_teams |= {team.id for team in drawing.teams if team.id in more}
    holders = {team.id for key in chosen if (team := drawing.team_of(drawing.by_id[key])) is not None}
    part = drawing.document.model_copy(update={"nodes": tuple(node for node in drawing.nodes if node.id in chosen | holders)})
    laid_out, sizes = _laid_out(Drawing(part))
    places: dict[str, Box] = {}
    new_sizes = {key: size for key, size in sizes.items() if key in whole_teams}
    groups: tuple[Node | None, ...] = (None, *(team for team in drawing.teams if team.id in holders))
    for holder in groups:
        siblings = [node for node in drawing.nodes if drawing.team_of(node) == holder]
        group = [node for node in siblings if node.id in chosen]
        if not group:
            continue
        if holder is not None and holder.id in whole_teams:
            places |= {node.id: laid_out[node.id] for node in group}
            continue
        fixed = [box_of(node, drawing) for node in siblings if node.id not in chosen]
        moved = _fitted({node.id: laid_out[node.id] for node in group}, [box_of(node, drawing) for node in group], fixed)
        places |= moved
        if holder is not None:
            needed, now = around([*moved.values(), *fixed]), size_of(holder, drawing)
            new_sizes[holder.id] = (max(needed[0], now[0]), max(needed[1], now[1]))
            places[holder.id] = box_of(holder, drawing)
    return places, new_sizes


def _fitted(group: dict[str, Box], before: list[Box], fixed: list[Box]) -> dict[str, Box]:
    """The group moved to where its upper left corner was, and on down until it lies on none of the fixed boxes."""
    dx = min(box.x for box in before) - min(box.x for box in group.values())
    dy = min(box.y for box in before) - min(box.y for box in group.values())
    moved = below([box.at(box.x + dx, box.y + dy) for box in group.values()], fixed)
    return dict(zip(group, moved, strict=True))
