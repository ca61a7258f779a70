"""The canvas on which a flow is drawn, and on which it is seen running."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.library import FLOW


class Canvas(rx.Component):
    """Draws a flow and turns what a person does into edits. It fills the box around it.

    The person's edits are shown at once and go to the server by `Saved`; the server's graph and patches are the truth. While a run
    is shown (see the transcript) the speaking agent glows, streams its last line, and the travelled wire is drawn in its colour.
    """

    library = "$/public/studio/canvas.jsx"
    tag = "StudioCanvas"
    lib_dependencies: list[str] = [FLOW]

    graph: rx.Var[dict[str, Any]]
    """GraphView of the map. A new object replaces everything that is drawn: on load, and when an edit was refused."""

    patch: rx.Var[dict[str, Any] | list[dict[str, Any]]]
    """Patch of the map, or the last few of them in order (better: updates that come fast may be drawn as one)."""

    selected: rx.Var[list[str]]
    """Ids to choose. What `on_select` told may be sent back: it is known as an echo."""

    focus: rx.Var[dict[str, Any]]
    """{seq, ids}: with a new seq these nodes are chosen and brought into view, as a click on a problem wants."""

    readonly: rx.Var[bool]
    """Nothing can be changed (history)."""

    snap: rx.Var[bool]
    """Dragging snaps to the grid of 16 px."""

    on_select: rx.EventHandler[rx.event.passthrough_event_spec(list[str], bool)]
    """(ids of chosen nodes and wires, forward), whenever they change; not `forward` where the person turned to another panel since."""

    on_open: rx.EventHandler[rx.event.passthrough_event_spec(str)]
    """A double click or Enter on a node: its id."""

    on_command: rx.EventHandler[rx.event.passthrough_event_spec(str)]
    """undo, redo, help, palette, conversation, templates; resync: a patch was missed, send the graph again."""


canvas = Canvas.create
