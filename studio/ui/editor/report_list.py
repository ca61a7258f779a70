"""The report of an import as it is shown: each line goes to its node and says where in the source it comes from."""

from __future__ import annotations

import reflex as rx

from studio.ui.editor.report import ReportRow
from studio.ui.editor.state import EditorState
from studio.ui.shared.controls import button, icon
from studio.ui.words import t


def report_item(row: rx.Var[ReportRow]) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            rx.match(
                row["level"],
                ("decision", icon("circle-alert", 15)),
                ("approximated", icon("info", 15)),
                icon("check", 15),
            ),
            class_name="problem-sign",
            title=rx.match(
                row["level"],
                ("decision", t("ui.report.decision")),
                ("approximated", t("ui.report.approximated")),
                t("ui.report.exact"),
            ),
        ),
        rx.el.button(
            rx.el.span(row["text"], class_name="problem-text"),
            rx.cond(row["remedy"] != "", rx.el.span(row["remedy"], class_name="muted small-text"), rx.fragment()),
            rx.el.span(row["where"], class_name="muted small-text report-where"),
            type="button",
            class_name="problem-main",
            disabled=row["nodes"].to(list[str]).length() == 0,
            on_click=EditorState.go_to(row["nodes"].to(list[str])),
        ),
        class_name=rx.match(row["level"], ("decision", "problem problem-warning"), "problem problem-hint"),
        data_testid="report-line",
        data_level=row["level"],
    )


def report_list() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.p(EditorState.report_form, class_name="muted"),
            rx.el.span(class_name="grow"),
            button(
                t("ui.report.put_aside"),
                look="small",
                test="report-aside",
                on_click=EditorState.put_report_aside(EditorState.flow),
            ),
            class_name="row pad report-head",
        ),
        rx.el.ul(rx.foreach(EditorState.report, report_item), class_name="problem-list"),
        data_testid="report",
    )
