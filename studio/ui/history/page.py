"""The list of all runs."""

from __future__ import annotations

import reflex as rx

from components.shell import Ago
from studio.ui.frame import frame
from studio.ui.history.state import MOST, HistoryState
from studio.ui.shared.controls import empty, link
from studio.ui.shared.runs import STATUSES, RunRow, status_chip
from studio.ui.words import t


def history() -> rx.Component:
    return frame(
        rx.el.div(
            rx.el.div(
                rx.el.h1(t("ui.runs.title")),
                rx.el.span(class_name="grow"),
                rx.el.input(
                    type="search",
                    class_name="input search",
                    placeholder=t("ui.runs.search"),
                    aria_label=t("ui.runs.search"),
                    on_change=HistoryState.set_search.debounce(120),
                ),
                rx.el.select(
                    rx.el.option(t("ui.runs.any_status"), value=""),
                    *(rx.el.option(t(f"ui.status.{status}"), value=status) for status in STATUSES),
                    class_name="input select narrow-select",
                    aria_label=t("ui.runs.status"),
                    value=HistoryState.status,
                    on_change=HistoryState.set_status,
                ),
                class_name="section-head",
            ),
            rx.cond(
                HistoryState.runs.length() > 0,
                rx.cond(
                    HistoryState.found.length() > 0,
                    runs_table(),
                    rx.el.p(t("ui.runs.nothing_found"), class_name="muted pad"),
                ),
                rx.cond(
                    HistoryState.loaded,
                    empty("history", t("ui.runs.empty"), t("ui.runs.empty_hint"), link(t("ui.nav.flows"), href="/", look="button")),
                    rx.fragment(),
                ),
            ),
            rx.cond(HistoryState.runs.length() >= MOST, rx.el.p(t("ui.runs.newest", count=MOST), class_name="muted pad"), rx.fragment()),
            class_name="wide section",
        ),
        here="runs",
    )


def runs_table() -> rx.Component:
    return rx.el.div(
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    rx.el.th(t("ui.runs.task"), scope="col"),
                    rx.el.th(t("ui.runs.flow"), scope="col"),
                    rx.el.th(t("ui.runs.status"), scope="col"),
                    rx.el.th(t("ui.runs.started"), scope="col"),
                    rx.el.th(t("ui.runs.lasted"), scope="col", class_name="right"),
                    rx.el.th(t("ui.runs.messages"), scope="col", class_name="right"),
                    rx.el.th(t("ui.runs.tokens"), scope="col", class_name="right"),
                    rx.el.th(t("ui.runs.cost"), scope="col", class_name="right"),
                )
            ),
            rx.el.tbody(rx.foreach(HistoryState.found, table_row)),
            class_name="table",
            data_testid="runs",
        ),
        class_name="table-box",
    )


def table_row(run: rx.Var[RunRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(link(run["task"], href="/run/" + run["id"].to(str), look="row-link clip-2"), class_name="cell-task"),
        rx.el.td(
            rx.cond(
                run["flow_id"] != "",
                link(run["flow"], href="/flow/" + run["flow_id"].to(str), look="text-link over"),
                rx.el.span(run["flow"], class_name="muted"),
            ),
            class_name="cell-flow",
        ),
        rx.el.td(status_chip(run)),
        rx.el.td(Ago.create(time=run["started"]), class_name="muted nowrap"),
        rx.el.td(run["lasted"], class_name="right number"),
        rx.el.td(run["messages"], class_name="right number"),
        rx.el.td(run["tokens"], class_name="right number"),
        rx.el.td(run["cost"], class_name="right number"),
        key=run["id"].to(str),
    )
