"""Code to read, and code or long texts to write."""

from __future__ import annotations

from typing import TypedDict

import reflex as rx

from components.library import CODE


class CodeTarget(TypedDict):
    """Something that code is written for: `language` is how its text is highlighted, "" for a picture; `project` whether it has a zip."""

    name: str
    title: str
    language: str
    project: bool


class CodeView(rx.NoSSRComponent):
    """Generated code in step with the canvas, for one of several targets. It fills the box around it; its children stand above the text.

    The editor is loaded when it is first shown.
    """

    library = "$/public/studio/code_view.jsx"
    tag = "StudioCodeView"
    lib_dependencies: list[str] = CODE

    text: rx.Var[str]
    targets: rx.Var[list[CodeTarget]]
    target: rx.Var[str]
    """The name of the target that is shown."""

    highlight: rx.Var[list[list[int]]]
    """Lines to light up, [[first, last], …], counted from 1; a change scrolls to the first."""

    filename: rx.Var[str]
    trouble: rx.Var[str]
    """Why there is no text; `trouble_title` stands above it."""

    trouble_title: rx.Var[str]
    picture: rx.Var[str]
    """The address of an SVG that is shown in place of text; with `-dark` behind it, of the dark one."""

    version: rx.Var[int]
    """Which state of the flow is shown: another one is another picture."""

    download_href: rx.Var[str]
    """Where the file is to be had, with `&project=1` behind it the zip project; without it there is no button."""

    editable: rx.Var[bool]
    """Whether the text may be edited and applied."""

    applied: rx.Var[str]
    """The id of the text that was taken last: the pane shows `text` again, where nobody typed on meanwhile."""

    again: rx.Var[bool]
    """Whether the text was applied, something of it was not understood, and it may be applied all the same."""

    on_apply: rx.EventHandler[rx.event.passthrough_event_spec(str, str, bool)]
    """The edited text, an id for it, and whether it was to be applied all the same."""

    on_put_back: rx.EventHandler[rx.event.no_args_event_spec]
    """The edited text was thrown away."""

    on_target: rx.EventHandler[rx.event.passthrough_event_spec(str)]
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
