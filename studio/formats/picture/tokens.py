"""The theme's colours that a picture of the canvas needs, as `assets/studio/theme.css` has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Theme = Literal["light", "dark"]

TOKENS: Mapping[Theme, Mapping[str, str]] = {
    "light": {
        "ground": "#f5f6f8",
        "panel": "#ffffff",
        "raised": "#ffffff",
        "line": "#e3e6ec",
        "line-strong": "#c9ced8",
        "soft": "#f0f2f5",
        "text": "#181c25",
        "muted": "#5d6779",
        "human": "#c02f5a",
        "wire-memory": "#7c5cc4",
        "error": "#b3261e",
        "agent-0": "#3b6fd4",
        "agent-1": "#0c8577",
        "agent-2": "#b4540a",
        "agent-3": "#8a4bbf",
        "agent-4": "#4f7a12",
        "agent-5": "#a8327f",
        "agent-6": "#0a78a0",
        "agent-7": "#7a6238",
    },
    "dark": {
        "ground": "#101319",
        "panel": "#171b23",
        "raised": "#1c212b",
        "line": "#272d39",
        "line-strong": "#3a4252",
        "soft": "#1f242e",
        "text": "#e7eaf0",
        "muted": "#97a0b1",
        "human": "#f0769a",
        "wire-memory": "#b39bf0",
        "error": "#ff8a80",
        "agent-0": "#7aa5f7",
        "agent-1": "#2bb8a6",
        "agent-2": "#f0a058",
        "agent-3": "#c08df0",
        "agent-4": "#9cc95a",
        "agent-5": "#ee8fcd",
        "agent-6": "#5cc3ea",
        "agent-7": "#ccb27c",
    },
}
"""Colours as #rrggbb by the name of their custom property."""

FONT = "Inter, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', system-ui, sans-serif"


def mix(over: str, under: str, share: float) -> str:
    """A colour of which `share` (0 to 1) lies over another one."""
    parts = zip(_channels(over), _channels(under), strict=True)
    return "#" + "".join(f"{round(upper * share + lower * (1 - share)):02x}" for upper, lower in parts)


def _channels(color: str) -> tuple[int, ...]:
    return tuple(int(color[at : at + 2], 16) for at in (1, 3, 5))
