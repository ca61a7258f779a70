"""The drawer below the canvas: problems, code, timeline and files of the run, the runs of this flow; a line of tabs while it is closed."""

from __future__ import annotations

import reflex as rx

from components.run_files import run_files
from components.shell import Grip
from components.timeline import timeline
from studio.ui.editor.code_pane import code_panel
from studio.ui.editor.problem_list import problem_list
from studio.ui.editor.report_list import report_list
from studio.ui.editor.state import EditorState
from studio.ui.shared.controls import icon, icon_button
from studio.ui.shared.runs import run_line
from studio.ui.shared.shell_state import ShellState
from studio.ui.words import counted, t


def drawer(*, readonly: bool) -> rx.Component:
    """A run that is looked back at has its code, its timeline and its files; only a flow has problems and runs."""
    return rx.el.section(
        rx.cond(EditorState.drawer != "", drawer_content(readonly=readonly), rx.fragment()),
        rx.el.div(
            *([] if readonly else [problems_tab()]),
            drawer_tab("code", t("ui.bar.code")),
            drawer_tab("timeline", t("ui.timeline.title")),
            drawer_tab("files", t("files.title")),
            *([] if readonly else [drawer_tab("runs", t("ui.drawer.runs")), report_tab()]),
            rx.el.span(class_name="grow"),
            icon_button("circle-help", t("ui.help.title"), keys="?", look="quiet small", size=14, on_click=ShellState.show_help),
            class_name="drawer-bar",
        ),
        class_name="drawer",
        aria_label=t("ui.drawer.title"),
    )


def problems_tab() -> rx.Component:
    """Says how it stands while the drawer is closed: problems, only hints, or nothing."""
    return rx.el.button(
        rx.cond(
            EditorState.alarms > 0,
            rx.fragment(icon("triangle-alert", 13), counted("ui.problems.count", EditorState.alarms)),
            rx.cond(
                EditorState.problems.length() == 0,
                rx.fragment(icon("check", 13), t("ui.problems.none")),
                rx.cond(
                    EditorState.begun,
                    rx.fragment(icon("info", 13), counted("ui.problems.hints", EditorState.problems.length())),
                    t("ui.drawer.problems"),
                ),
            ),
        ),
        type="button",
        class_name=rx.cond(EditorState.alarms > 0, "drawer-tab alert", "drawer-tab"),
        aria_pressed=EditorState.drawer == "problems",
        data_testid="problems-tab",
        on_click=EditorState.toggle_drawer(EditorState.flow, "problems"),
    )


def report_tab() -> rx.Component:
    """There as long as something is to be said about the import of the flow."""
    return rx.cond(EditorState.report.length() > 0, drawer_tab("report", t("ui.report.title")), rx.fragment())


def drawer_tab(name: str, words: rx.Var[str]) -> rx.Component:
    return rx.el.button(
        words,
        type="button",
        class_name="drawer-tab",
        aria_pressed=EditorState.drawer == name,
        data_testid=f"{name}-tab",
        on_click=EditorState.toggle_drawer(EditorState.flow, name),
    )


def drawer_content(*, readonly: bool) -> rx.Component:
    return rx.el.div(
        Grip.create(
            name="drawer",
            label=t("ui.drawer.resize"),
            variable="--drawer-height",
            initial=280,
            min=140,
            max=720,
            axis="y",
            target=".editor",
        ),
        rx.el.div(
            rx.match(
                EditorState.drawer,
                ("code", code_panel(readonly=readonly)),
                ("timeline", timeline(agents=EditorState.agents)),
                ("files", run_files()),
                ("runs", runs_panel()),
                ("report", report_list()),
                rx.el.div(problem_list(), data_testid="problems"),
            ),
            class_name="drawer-panel",
        ),
        class_name="drawer-content",
    )


def runs_panel() -> rx.Component:
    return rx.cond(
        EditorState.runs.length() > 0,
        rx.el.div(rx.foreach(EditorState.runs, run_line), class_name="drawer-runs"),
        rx.el.p(t("ui.drawer.no_runs"), class_name="muted pad"),
    )
