"""The one colour that an agent has everywhere: on the canvas, in the transcript, in pictures and lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def color_of(node: Mapping[str, Any]) -> str:
    """The CSS colour of a drawn node (a NodeView); "" for those that have none."""
    if node["kind"] == "human":
        return "var(--human)"
    return "" if node["color"] is None else f"var(--agent-{node['color'] % 8})"
