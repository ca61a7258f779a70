"""How large things are on the canvas, which boxes overlap, and where there is room for one more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from studio.flow import words
from studio.flow.document import Node
from studio.flow.notes import note_height
from studio.flow.wires import Drawing

GRID = 16
AGENT = (180.0, 104.0)
"""An agent at its tallest: a name, two lines of what it is for, a row of chips. Most are flatter, see `size_of`."""
RESOURCE = (150.0, 52.0)
NOTE = (208.0, 96.0)
"""A note without a size of its own: taller where its text is."""
TEAM_MIN = (320.0, 200.0)
TEAM_HEADER = 44.0
PADDING = 32.0
CHARACTERS_A_LINE = 26
"""How many characters of an agent's line fit before it wraps."""
GAP = 32.0
"""Pixels at 100 % between things that belong together; an agent needs a little more below it, it grows while it speaks."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels at 100 %."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def overlaps(self, other: Box) -> bool:
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def at(self, x: float, y: float) -> Box:
        return Box(x, y, self.width, self.height)


def size_of(node: Node, drawing: Drawing) -> tuple[float, float]:
    """Width and height as they are drawn: teams and notes have their own size, everything else that of its category."""
    match drawing.categories[node.id]:
        case "team":
            if node.size is not None:
                return node.size.width, node.size.height
            return around(box_of(member, drawing) for member in drawing.inside(node))
        case "note":
            return (node.size.width, node.size.height) if node.size is not None else (NOTE[0], _note_height(node))
        case "agent":
            wraps = len(words.line(node, drawing)) > CHARACTERS_A_LINE
            return AGENT[0], AGENT[1] - 17.0 * (not wraps) - 25.0 * (not words.chips(node, drawing))
        case _:
            return RESOURCE


def _note_height(note: Node) -> float:
    held = note.config.get("text")
    return max(NOTE[1], note_height(held, NOTE[0])) if isinstance(held, str) else NOTE[1]


def box_of(node: Node, drawing: Drawing) -> Box:
    """Where a node lies, counted from the corner of its team or of the canvas."""
    return Box(node.position.x, node.position.y, *size_of(node, drawing))


def around(members: Iterable[Box]) -> tuple[float, float]:
    """The size that a team needs for its members."""
    boxes = tuple(members)
    right = max((box.right for box in boxes), default=0.0)
    bottom = max((box.bottom for box in boxes), default=0.0)
    return max(TEAM_MIN[0], up(right + PADDING)), max(TEAM_MIN[1], up(bottom + PADDING))


def up(length: float) -> float:
    """Rounded up to the grid."""
    return -(-length // GRID) * GRID


def flow(sizes: Sequence[tuple[float, float]], width: float, gap: float = GAP) -> list[Box]:
    """Boxes of these sizes in rows from the origin, a new row wherever the next one would pass `width`."""
    boxes: list[Box] = []
    x = y = row = 0.0
    for box_width, box_height in sizes:
        if x > 0 and x + box_width > width:
            x, y, row = 0.0, up(y + row + gap), 0.0
        boxes.append(Box(x, y, box_width, box_height))
        x, row = up(x + box_width + gap), max(row, box_height)
    return boxes


def columns(sizes: Sequence[tuple[float, float]], width: float, gap: float = GAP) -> list[Box]:
    """Boxes of these sizes in columns as wide as the widest, each in the one that ends first.

    There are as many columns as `width` has room for, and more where they would be taller than wide.
    """
    if not sizes:
        return []
    step = up(max(wide for wide, _ in sizes) + gap)
    square = (sum(up(tall + gap) for _, tall in sizes) / step) ** 0.5
    ends = [0.0] * max(1, int((width + gap) // step), round(square))
    boxes: list[Box] = []
    for wide, tall in sizes:
        column = ends.index(min(ends))
        boxes.append(Box(column * step, ends[column], wide, tall))
        ends[column] = up(ends[column] + tall + gap)
    return boxes


def below(boxes: Sequence[Box], taken: Sequence[Box], gap: float = GAP) -> list[Box]:
    """The boxes moved down together, just as far as they must so that none lies on what is taken."""
    moved = list(boxes)
    while hits := [other.bottom - box.y for box in moved for other in taken if box.overlaps(other)]:
        step = up(max(hits) + gap)
        moved = [box.at(box.x, box.y + step) for box in moved]
    return moved


def room_for(count: int, size: tuple[float, float], near: Box, taken: Sequence[Box]) -> list[Box]:
    """Free boxes in rows below another box; none overlaps what is taken, nor each other."""
    rows = flow([size] * count, max(near.width, 3 * size[0]))
    return below([box.at(near.x + box.x, near.bottom + GAP + box.y) for box in rows], taken)
