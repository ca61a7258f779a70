"""Small pictures of flows for the first page."""

from __future__ import annotations

from typing import Any

from components.sketch import SketchBox, SketchData, SketchLine
from studio.flow.document import FlowDocument
from studio.flow.view import graph_view
from studio.ui.shared.colors import color_of

AGENT = (176.0, 56.0)
RESOURCE = (144.0, 44.0)
MARGIN = 24.0
LETTER = 7.5
MAX_BOXES = 80
"""More than that cannot be told apart in a picture this small."""


def sketch(document: FlowDocument) -> SketchData:
    """The picture of a flow, in canvas coordinates: its teams with what is in them, and its agents."""
    view = graph_view(document, ())
    shown = [node for node in view["nodes"] if node["category"] in ("team", "agent") or node["parent"] is not None]
    nodes = {node["id"]: node for node in shown[:MAX_BOXES]}
    boxes = {node_id: _box(node, nodes) for node_id, node in nodes.items()}
    if not boxes:
        return {"view": "0 0 1 1", "boxes": [], "lines": []}
    left = min(box["x"] for box in boxes.values()) - MARGIN
    top = min(box["y"] for box in boxes.values()) - MARGIN
    right = max(box["x"] + box["width"] for box in boxes.values()) + MARGIN
    bottom = max(box["y"] + box["height"] for box in boxes.values()) + MARGIN
    lines = [
        _line(boxes[edge["source"]], boxes[edge["target"]], edge["kind"])
        for edge in view["edges"]
        if {edge["source"], edge["target"]} <= boxes.keys()
    ]
    return {"view": f"{left:g} {top:g} {right - left:g} {bottom - top:g}", "boxes": list(boxes.values()), "lines": lines}


def _box(node: dict[str, Any], nodes: dict[str, dict[str, Any]]) -> SketchBox:
    x, y = node["x"], node["y"]
    parent = nodes.get(node["parent"] or "")
    while parent is not None:
        x, y = x + parent["x"], y + parent["y"]
        parent = nodes.get(parent["parent"] or "")
    look = {"team": "team", "agent": "agent"}.get(node["category"], "resource")
    width, height = AGENT if look == "agent" else RESOURCE
    return {
        "x": x,
        "y": y,
        "width": node["width"] or (560.0 if look == "team" else width),
        "height": node["height"] or (260.0 if look == "team" else height),
        "look": look,
        "color": color_of(node) if look == "agent" else "",
        "word": LETTER * min(len(node["name"] or node["title"]), 18),
    }


def _line(source: SketchBox, target: SketchBox, kind: str) -> SketchLine:
    x1, y1 = source["x"] + source["width"] / 2, source["y"] + source["height"] / 2
    x2, y2 = target["x"] + target["width"] / 2, target["y"] + target["height"] / 2
    return {"path": f"M{x1:g} {y1:g}L{x2:g} {y2:g}", "look": kind}
