"""What every document must keep, whatever is drawn: ids that occur once and places that can be drawn."""

from __future__ import annotations

import math

from studio.engine.errors import ConveneError
from studio.flow.document import FlowDocument, Node
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
    """Raises Malformed at the first id that occurs twice and at the first impossible place."""
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


def check_place(node: Node, where: str) -> None:
    """Raises Malformed for a position or a size that no canvas can show."""
    for axis, value in (("x", node.position.x), ("y", node.position.y)):
        if not math.isfinite(value) or abs(value) > MAX_COORDINATE:
            raise Malformed(text("malformed.place", where=f"{where}.position.{axis}"), f"{where}.position.{axis}")
    if node.size is not None:
        for side, value in (("width", node.size.width), ("height", node.size.height)):
            if not 0 < value <= MAX_COORDINATE:
                raise Malformed(text("malformed.place", where=f"{where}.size.{side}"), f"{where}.size.{side}")
