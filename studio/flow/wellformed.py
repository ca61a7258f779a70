"""What every document must keep, whatever is drawn: ids that occur once, places that can be drawn, and an end to what lies in what."""

from __future__ import annotations

import math

from studio.engine.errors import ConveneError
from studio.flow.document import FlowDocument, Node
from studio.flow.nesting import MAX_NESTED, MAX_PARTS, MAX_ROUND, too_much
from studio.texts import text

MAX_COORDINATE = 1_000_000
"""Pixels from the origin that a node may lie away, and pixels that it may be wide or high."""


class Malformed(ConveneError):
    """A document that cannot be drawn or stored; `where` is the path of the mistake, such as `nodes[3].position`."""

    code = "malformed"

    def __init__(self, why: str, where: str) -> None:
        super().__init__(why)
        self.where = where


def check_wellformed(document: FlowDocument) -> None:
    """Raises Malformed at the first id that occurs twice, the first impossible place and the first node with too much in it."""
    seen: set[str] = set()
    for index, node in enumerate(document.nodes):
        if node.id in seen:
            raise Malformed(text("malformed.twice", where=f"nodes[{index}].id", id=node.id), f"nodes[{index}].id")
        seen.add(node.id)
        check_place(node, f"nodes[{index}]")
    wires: set[str] = set()
    for index, edge in enumerate(document.edges):
        if edge.id in wires:
            raise Malformed(text("malformed.twice", where=f"edges[{index}].id", id=edge.id), f"edges[{index}].id")
        wires.add(edge.id)
    check_nesting(document)


def check_nesting(document: FlowDocument) -> None:
    """Raises Malformed at a node with too much in it: nothing could go through that in bounded time."""
    if (found := too_much(document)) is not None:
        index = next(index for index, node in enumerate(document.nodes) if node.id == found[0])
        limit = f"{ {'deep': MAX_NESTED, 'parts': MAX_PARTS, 'round': MAX_ROUND}[found[1]]:,}"
        raise Malformed(text(f"malformed.{found[1]}", name=document.nodes[index].name[:80] or found[0], limit=limit), f"nodes[{index}]")


def check_place(node: Node, where: str) -> None:
    """Raises Malformed for a position or a size that no canvas can show."""
    for axis, value in (("x", node.position.x), ("y", node.position.y)):
        if not math.isfinite(value) or abs(value) > MAX_COORDINATE:
            raise Malformed(text("malformed.place", where=f"{where}.position.{axis}"), f"{where}.position.{axis}")
    if node.size is not None:
        for side, value in (("width", node.size.width), ("height", node.size.height)):
            if not 0 < value <= MAX_COORDINATE:
                raise Malformed(text("malformed.place", where=f"{where}.size.{side}"), f"{where}.size.{side}")
