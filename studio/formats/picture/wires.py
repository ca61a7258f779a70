"""Where a wire runs between two boxes: from side to side, straight where they face each other, round a corner where they do not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from studio.flow.sizes import Box

Side = Literal["left", "right", "top", "bottom"]

GAP = 3.0
ARROW = 8.0
TWIN = 9.0
"""How far two arrows that go there and back are moved apart, each."""

CORNER = 20.0
LOOP = 26.0
CROSS = 5.0
"""How far the strokes of a cross reach from its middle, in each direction."""

OUT: dict[Side, tuple[int, int]] = {"right": (1, 0), "left": (-1, 0), "top": (0, -1), "bottom": (0, 1)}


@dataclass(frozen=True, slots=True)
class End:
    x: float
    y: float
    side: Side


@dataclass(frozen=True, slots=True)
class Curve:
    """A path of SVG, its two ends, and the middle of its way."""

    path: str
    first: End
    last: End
    middle: tuple[float, float]


def number(value: float) -> str:
    """A coordinate with as few digits as say it to a hundredth."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if math.isfinite(value) else "0"


def ends(a: Box, b: Box, shift: float = 0.0) -> tuple[End, End]:
    """Where a wire leaves one box and where it meets the other; from within a team at the team's own frame."""
    if _is_within(a, b):
        return _outwards(a, b, shift)
    if _is_within(b, a):
        end, start = _outwards(b, a, shift, GAP)
        return start, end
    gap_x, gap_y = max(b.x - a.right, a.x - b.right), max(b.y - a.bottom, a.y - b.bottom)
    to_right = b.x + b.width / 2 >= a.x + a.width / 2
    down = b.y + b.height / 2 >= a.y + a.height / 2
    sideways = End(b.x - GAP if to_right else b.right + GAP, b.y + b.height / 2 + shift, "left" if to_right else "right")
    if gap_x > CORNER and gap_y > CORNER:
        return End(a.x + a.width / 2 + shift, a.bottom if down else a.y, "bottom" if down else "top"), sideways
    if gap_x >= gap_y:
        level = _shared(a.y, a.bottom, b.y, b.bottom)
        here, there = ((level if level is not None else box.y + box.height / 2) + shift for box in (a, b))
        return End(a.right if to_right else a.x, here, "right" if to_right else "left"), End(sideways.x, there, sideways.side)
    level = _shared(a.x, a.right, b.x, b.right)
    here, there = ((level if level is not None else box.x + box.width / 2) + shift for box in (a, b))
    return (
        End(here, a.bottom if down else a.y, "bottom" if down else "top"),
        End(there, b.y - GAP if down else b.bottom + GAP, "top" if down else "bottom"),
    )


def _is_within(a: Box, b: Box) -> bool:
    return a.x >= b.x and a.y >= b.y and a.right <= b.right and a.bottom <= b.bottom


def _outwards(a: Box, b: Box, shift: float, gap: float = 0.0) -> tuple[End, End]:
    """The ends of a wire between a box and one around it: straight to the side of the frame that is nearest, its head last of equals."""
    level, column, rest = a.y + a.height / 2 + shift, a.x + a.width / 2 + shift, GAP - gap
    ways = (
        (a.x - b.x, End(a.x - gap, level, "left"), End(b.x + rest, level, "right")),
        (b.right - a.right, End(a.right + gap, level, "right"), End(b.right - rest, level, "left")),
        (b.bottom - a.bottom, End(column, a.bottom + gap, "bottom"), End(column, b.bottom - rest, "top")),
        (a.y - b.y, End(column, a.y - gap, "top"), End(column, b.y + rest, "bottom")),
    )
    _, here, there = min(ways, key=lambda way: way[0])
    return here, there


def _shared(first: float, last: float, other_first: float, other_last: float) -> float | None:
    low, high = max(first, other_first), min(last, other_last)
    return (low + high) / 2 if high - low > 24 else None


def curve(a: Box, b: Box, shift: float, has_arrow: bool) -> Curve:
    """The wire from one box to another."""
    start, end = ends(a, b, shift)
    out_x, out_y = OUT[end.side]
    tip = ARROW - 1 if has_arrow else -GAP
    x, y = end.x + out_x * tip, end.y + out_y * tip
    first, second = _control(start.x, start.y, x, y, start.side), _control(x, y, start.x, start.y, end.side)
    middle = tuple(
        0.125 * here + 0.375 * one + 0.375 * two + 0.125 * there
        for here, one, two, there in zip((start.x, start.y), first, second, (x, y), strict=True)
    )
    return Curve(_bezier((start.x, start.y), first, second, (x, y)), start, end, (middle[0], middle[1]))


def loop(box: Box) -> Curve:
    """The wire of somebody who may speak twice in a row: above the right corner."""
    right, left = box.right - 18, box.right - 46
    path = _bezier((right, box.y), (right + 4, box.y - LOOP), (left - 4, box.y - LOOP), (left, box.y - GAP - ARROW + 1))
    return Curve(path, End(right, box.y, "top"), End(left, box.y - GAP, "top"), ((left + right) / 2, box.y - LOOP))


def arrow(end: End) -> str:
    """The head of an arrow as a path."""
    out_x, out_y = OUT[end.side]
    base_x, base_y = end.x + out_x * ARROW, end.y + out_y * ARROW
    wing_x, wing_y = -out_y * ARROW * 0.5, out_x * ARROW * 0.5
    corners = ((end.x, end.y), (base_x + wing_x, base_y + wing_y), (base_x - wing_x, base_y - wing_y))
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in corners) + "Z"


def _bezier(*points: tuple[float, float]) -> str:
    start, *rest = (f"{number(x)} {number(y)}" for x, y in points)
    return f"M{start}C{' '.join(rest)}"


def _control(x: float, y: float, other_x: float, other_y: float, side: Side) -> tuple[float, float]:
    """How far the curve goes straight on at an end: half the way, or a little where the way leads back."""
    out_x, out_y = OUT[side]
    ahead = (other_x - x) * out_x + (other_y - y) * out_y
    reach = ahead / 2 if ahead >= 0 else 0.25 * 25 * math.sqrt(-ahead)
    return x + out_x * reach, y + out_y * reach


def cross(at: tuple[float, float]) -> str:
    """The path of a cross on the middle of a wire."""
    x, y = at
    left, right, top, bottom = (number(value) for value in (x - CROSS, x + CROSS, y - CROSS, y + CROSS))
    return f"M{left} {top}L{right} {bottom}M{left} {bottom}L{right} {top}"
