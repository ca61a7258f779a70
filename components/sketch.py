"""A flow as a small still picture."""

from __future__ import annotations

from typing import TypedDict

import reflex as rx


class SketchBox(TypedDict):
    """A node: its place, `look` (team, agent or resource), its CSS colour or "", and how long its name's bar is."""

    x: float
    y: float
    width: float
    height: float
    look: str
    color: str
    word: float


class SketchLine(TypedDict):
    path: str
    look: str


class SketchData(TypedDict):
    """`view` is the SVG viewBox."""

    view: str
    boxes: list[SketchBox]
    lines: list[SketchLine]


class Sketch(rx.Component):
    """Draws a `SketchData`."""

    library = "$/public/studio/shell/sketch.jsx"
    tag = "Sketch"
    sketch: rx.Var[SketchData]
