"""Code to read, and code or long texts to write."""

from __future__ import annotations

import reflex as rx

from components.library import CODE


class CodeView(rx.NoSSRComponent):
    """Generated code in step with the canvas. It fills the box around it; the editor is loaded when it is first shown."""

    library = "$/public/studio/code_view.jsx"
    tag = "StudioCodeView"
    lib_dependencies: list[str] = CODE

    text: rx.Var[str]
    language: rx.Var[str]
    """python, json or text."""

    highlight: rx.Var[list[list[int]]]
    """Lines to light up, [[first, last], …], counted from 1; a change scrolls to the first."""

    filename: rx.Var[str]
    download_href: rx.Var[str]
    """Where the file is to be had; without it there is no button."""

    project_href: rx.Var[str]
    """Where the zip project is to be had; without it there is no button."""

    on_line: rx.EventHandler[rx.event.passthrough_event_spec(int)]
    """The number of a line that was clicked."""


class CodeEditor(rx.NoSSRComponent):
    """A field for Python, JSON or a long text."""

    library = "$/public/studio/code_view.jsx"
    tag = "StudioCodeEditor"
    lib_dependencies: list[str] = CODE

    value: rx.Var[str]
    language: rx.Var[str]
    """python, json, or text (which wraps and lets Tab pass)."""

    name: rx.Var[str]
    """The field's name: `data-testid` becomes `field-<name>`."""

    label: rx.Var[str]
    placeholder: rx.Var[str]
    invalid: rx.Var[bool]
    disabled: rx.Var[bool]
    min_lines: rx.Var[int]

    on_change: rx.EventHandler[rx.event.passthrough_event_spec(str)]
    """The text, when the typing rests for 400 ms and when the focus leaves."""


code_view = CodeView.create
code_editor = CodeEditor.create
