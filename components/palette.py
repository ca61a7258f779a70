"""The palette from which nodes are dragged, clicked or typed onto the canvas of the same page."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.library import FLOW


class Palette(rx.Component):
    """What can be put onto the canvas. The canvas sends the edit; the palette itself needs no handler."""

    library = "$/public/studio/palette.jsx"
    tag = "StudioPalette"
    lib_dependencies: list[str] = [FLOW]

    catalogue: rx.Var[list[dict[str, Any]]]
    """Catalogue of the map: groups with their entries."""

    on_add: rx.EventHandler[rx.event.passthrough_event_spec(str)]
    """The id of an entry that was added by a click or Enter."""


palette = Palette.create
