"""Drawing the canvas of a flow as SVG on the server: from the document, its layout and the theme's colours, with the flow inside."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from studio.flow.document import FlowDocument, Node
from studio.flow.findings import Finding
from studio.flow.layout import place
from studio.flow.sizes import Box, size_of
from studio.flow.view import graph_view
from studio.flow.wires import Drawing
from studio.formats.picture.elements import plain, rect, words
from studio.formats.picture.hidden import hidden_flow, svg_metadata
from studio.formats.picture.measuring import width as width_of
from studio.formats.picture.nodes import AGENT_WIDTH, PART_HEIGHT, PART_WIDTH, Tokens, View, agent_height, node
from studio.formats.picture.tokens import FONT, TOKENS, Theme, mix
from studio.formats.picture.wires import OUT, TWIN, Curve, arrow, cross, curve, loop, number
from studio.texts import text

MARGIN = 32.0
MAX_SIDE = 60_000.0
"""Pixels. What is spread wider than that is laid out anew for its picture."""

MAX_NOTE = 4_000.0
"""Pixels of a side of what keeps its size when it is laid out anew."""

_JOIN = 22.0


def to_svg(document: FlowDocument, theme: Theme = "light") -> str:
    """The picture of any document: no script, no font and no file is fetched by it. It holds the flow unless that is too large."""
    picture = _Picture(document, theme)
    if not picture.is_bounded():
        picture = _Picture(place(_unsized(document)), theme)
    return picture.svg(hidden_flow(document))


def losses(document: FlowDocument) -> tuple[Finding, ...]:
    """Nothing, but for a flow that is too large to lie in its picture."""
    if hidden_flow(document):
        return ()
    return (Finding("decision", "picture_without_flow", text("picture.too_large"), text("picture.too_large.remedy")),)


def _unsized(document: FlowDocument) -> FlowDocument:
    """The document without the sizes that no screen has."""
    nodes = (each if _is_sane(each) else each.model_copy(update={"size": None}) for each in document.nodes)
    return document.model_copy(update={"nodes": tuple(nodes)})


def _is_sane(node: Node) -> bool:
    return node.size is None or (0 < node.size.width <= MAX_NOTE and 0 < node.size.height <= MAX_NOTE)


class _Picture:
    def __init__(self, document: FlowDocument, theme: Theme) -> None:
        self.document = document
        self.tokens: Tokens = TOKENS[theme]
        drawing = Drawing(document)
        view = graph_view(document, ())
        self.edges: list[dict[str, Any]] = view["edges"]
        self.nodes: list[View] = [{**each, "members": len(drawing.inside(drawing.by_id[each["id"]]))} for each in view["nodes"]]
        self.boxes: dict[str, Box] = {}
        for each in self.nodes:
            corner = self.boxes.get(each["parent"] or "", Box(0, 0, 0, 0))
            self.boxes[each["id"]] = Box(corner.x + each["x"], corner.y + each["y"], *_size(each, drawing))

    def bounds(self) -> Box:
        """What is drawn, with a margin."""
        drawn = self.boxes.values()
        left, top = min((box.x for box in drawn), default=0.0), min((box.y for box in drawn), default=0.0)
        right, bottom = max((box.right for box in drawn), default=320.0), max((box.bottom for box in drawn), default=120.0)
        return Box(left - MARGIN, top - MARGIN, right - left + 2 * MARGIN, bottom - top + 2 * MARGIN)

    def is_bounded(self) -> bool:
        numbers = (value for box in self.boxes.values() for value in (box.x, box.y, box.width, box.height))
        if not all(map(math.isfinite, numbers)):
            return False
        bounds = self.bounds()
        return max(bounds.width, bounds.height) <= MAX_SIDE

    def svg(self, flow: str) -> str:
        bounds = self.bounds()
        scale = min(1.0, MAX_SIDE / max(bounds.width, bounds.height))
        size = f'width="{number(bounds.width * scale)}" height="{number(bounds.height * scale)}"'
        corner = " ".join(map(number, (bounds.x, bounds.y, bounds.width, bounds.height)))
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="{corner}" role="img" font-family="{FONT}">'
        title = f"<title>{plain(self.document.name)}</title>"
        ground = rect(bounds.x, bounds.y, bounds.width, bounds.height, 0, self.tokens["ground"])
        return "\n".join(filter(None, [head, title, svg_metadata(flow), ground, *self.elements(), "</svg>"])) + "\n"

    def elements(self) -> Iterator[str]:
        """Teams, then wires, then arrows, then what stands on them."""
        teams = [each for each in self.nodes if each["category"] == "team"]
        others = [each for each in self.nodes if each["category"] != "team"]
        for each in teams:
            yield from node(each, self.boxes[each["id"]], self.tokens)
        views = {each["id"]: each for each in self.nodes}
        speaking = {(edge["source"], edge["target"]) for edge in self.edges if edge["kind"] == "speaks"}
        for edge in self.edges:
            if edge["kind"] != "speaks":
                yield from self.wire(edge)
        arrows = []
        for edge in self.edges:
            if edge["kind"] == "speaks":
                human = "human" in (views[edge["source"]]["kind"], views[edge["target"]]["kind"])
                way = self.way(edge, (edge["target"], edge["source"]) in speaking)
                arrows.append((edge, way))
                yield from self.arrow(way, human, edge["barred"])
        # Above all arrows, so that none crosses out what another one says.
        for edge, way in arrows:
            yield from self.tags(edge, way)
        for each in others:
            yield from node(each, self.boxes[each["id"]], self.tokens)

    def wire(self, edge: dict[str, Any]) -> Iterator[str]:
        """What somebody uses: a dotted wire with a port at its beginning."""
        if edge["source"] == edge["target"]:
            return
        way = curve(self.boxes[edge["source"]], self.boxes[edge["target"]], 0.0, has_arrow=False)
        color = self.tokens["wire-memory" if edge["kind"] == "memory" else "line-strong"]
        yield f'<path d="{way.path}" fill="none" stroke="{color}" stroke-width="2" stroke-dasharray="1 4" stroke-linecap="round"/>'
        yield f'<circle cx="{number(way.first.x)}" cy="{number(way.first.y)}" r="3" fill="{color}"/>'

    def way(self, edge: dict[str, Any], twin: bool) -> Curve:
        source, target = edge["source"], edge["target"]
        if source == target:
            return loop(self.boxes[source])
        shift = (TWIN if source < target else -TWIN) if twin else 0.0
        return curve(self.boxes[source], self.boxes[target], shift, has_arrow=True)

    def arrow(self, way: Curve, human: bool, barred: bool) -> Iterator[str]:
        """Who may speak after whom, or crossed out who may not."""
        color = self.tokens["error"] if barred else mix(self.tokens["muted"], self.tokens["ground"], 0.78)
        dashed = ' stroke-dasharray="6 4"' if barred else ' stroke-dasharray="4 4"' if human else ""
        yield f'<path d="{way.path}" fill="none" stroke="{color}" stroke-width="1.5"{dashed}/>'
        yield f'<path d="{arrow(way.last)}" fill="{color}"/>'
        if barred:
            yield f'<path d="{cross(way.middle)}" fill="none" stroke="{color}" stroke-width="2" stroke-linecap="round"/>'

    def tags(self, edge: dict[str, Any], way: Curve) -> Iterator[str]:
        """How arrows that meet are joined, and what this one waits for."""
        if edge["join"]:
            out_x, out_y = OUT[way.last.side]
            at = way.last.x + out_x * _JOIN, way.last.y + out_y * _JOIN
            yield from self.tag(*at, text(f"canvas.join.{edge['join']}"), 10, 16, self.tokens["muted"])
        if edge["label"]:
            yield from self.tag(*way.middle, edge["label"], 11, 20, self.tokens["text"])

    def tag(self, x: float, y: float, says: str, size: float, height: float, color: str) -> Iterator[str]:
        """A word on a wire, in a capsule."""
        wide = width_of(says, size) + (14 if height > 16 else 8)
        yield rect(x - wide / 2, y - height / 2, wide, height, height / 2, self.tokens["panel"], self.tokens["line-strong"])
        yield words(says, x, y + size * 0.36, size, color, middle=True)


def _size(view: View, drawing: Drawing) -> tuple[float, float]:
    match view["category"]:
        case "agent":
            return AGENT_WIDTH, agent_height(view)
        case "team" | "note":
            width, height = size_of(drawing.by_id[view["id"]], drawing)
            return _bounded(width), _bounded(height)
        case _:
            return PART_WIDTH, PART_HEIGHT


def _bounded(length: float) -> float:
    """A length as it can be drawn: what is written in a flow file may be any number."""
    return min(max(length, 0.0), MAX_SIDE) if math.isfinite(length) else 0.0
