"""The form of a component, made from its field specifications."""

from __future__ import annotations

from typing import Any, TypedDict

import reflex as rx


class FieldChoice(TypedDict):
    value: str
    title: str
    help: str


class FieldRow(TypedDict, total=False):
    """One field as the form draws it.

    `name` is a path (`executor.timeout`); `type` is one of line, text, code, number, integer, bool, choice, lines, rows, script,
    account, component, table, shape, json, choices, document; `suggestions` are offered while typing; `error` is the sentence under
    the control. `columns` are those of a table, `row_names` the sides of rows that name participants, `row_titles` what the sides of a
    row are called.
    """

    name: str
    title: str
    help: str
    widget: str
    type: str
    value: Any
    default: Any
    choices: list[FieldChoice]
    suggestions: list[str]
    max_length: int | None
    placeholder: str
    advanced: bool
    nullable: bool
    required: bool
    changed: bool
    error: str | None
    columns: list[dict[str, Any]]
    row_names: list[str]
    row_titles: list[str]
    text_values: bool


class FieldForm(rx.Component):
    """Changes a field of `owner` in `flow` after each pause in typing, by `Saved`; values are whole field values, null for the default."""

    library = "$/public/studio/shell/field_form.jsx"
    tag = "FieldForm"
    flow: rx.Var[str]
    owner: rx.Var[str]
    label: rx.Var[str]
    fields: rx.Var[list[FieldRow]]
    accounts: rx.Var[list[str]]
    agents: rx.Var[list[str]]
