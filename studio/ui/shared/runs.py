"""A run as a line of a list: what was asked, of which flow, how it ended, when, and what it cost."""

from __future__ import annotations

from typing import Any, TypedDict

import reflex as rx

from components.shell import Ago
from studio.texts import text
from studio.ui.shared.controls import icon, link
from studio.ui.shared.money import money
from studio.ui.shared.times import iso, lasted

STATUSES = ("running", "waiting", "paused", "done", "stopped", "failed", "interrupted")


class RunRow(TypedDict):
    id: str
    flow: str
    flow_id: str
    task: str
    status: str
    status_text: str
    started: str
    lasted: str
    messages: int
    tokens: str
    cost: str


def run_row(run: Any) -> RunRow:
    """The row of a `RunSummary`."""
    return {
        "id": run.id,
        "flow": run.flow or text("ui.runs.nameless"),
        "flow_id": run.flow_id or "",
        "task": run.task.strip() or text("ui.runs.no_task"),
        "status": run.status,
        "status_text": text(f"ui.status.{run.status}"),
        "started": iso(run.started),
        "lasted": lasted(run.seconds),
        "messages": run.messages,
        "tokens": f"{run.tokens:,}" if run.tokens else "",
        "cost": money(run.cost, run.unpriced) if run.cost or run.unpriced else "",
    }


def status_chip(row: rx.Var[RunRow]) -> rx.Component:
    """A run's status as a word with its sign; colour is never the only difference."""
    return rx.el.span(
        rx.match(
            row["status"],
            ("running", icon("loader-circle", 13)),
            ("waiting", icon("message-circle-question", 13)),
            ("paused", icon("pause", 13)),
            ("done", icon("check", 13)),
            ("failed", icon("circle-alert", 13)),
            ("interrupted", icon("unplug", 13)),
            icon("square", 13),
        ),
        row["status_text"],
        class_name="status status-" + row["status"].to(str),
    )


def run_line(row: rx.Var[RunRow]) -> rx.Component:
    """A run in a narrow list."""
    return link(
        rx.el.span(row["task"], class_name="clip strong"),
        rx.el.span(
            status_chip(row),
            rx.el.span(row["flow"], class_name="clip"),
            rx.el.span(Ago.create(time=row["started"]), class_name="nowrap"),
            class_name="row muted small-text",
        ),
        href="/run/" + row["id"].to(str),
        look="run-line",
    )
