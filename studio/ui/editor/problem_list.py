"""Problems as they are shown: each goes to its nodes, and is repaired with one click where that is possible."""

from __future__ import annotations

import reflex as rx

from studio.ui.editor.asking import changes
from studio.ui.editor.problems import ProblemRow
from studio.ui.editor.state import EditorState
from studio.ui.shared.controls import button, icon
from studio.ui.words import t


def problem_item(problem: rx.Var[ProblemRow]) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            rx.match(
                problem["level"],
                ("error", icon("circle-alert", 15)),
                ("warning", icon("triangle-alert", 15)),
                icon("info", 15),
            ),
            class_name="problem-sign",
            title=rx.match(
                problem["level"], ("error", t("ui.problems.error")), ("warning", t("ui.problems.warning")), t("ui.problems.hint")
            ),
        ),
        rx.el.button(
            rx.el.span(problem["text"], class_name="problem-text"),
            rx.el.span(problem["hint"], class_name="muted small-text"),
            type="button",
            class_name="problem-main",
            on_click=EditorState.go_to(problem["nodes"].to(list[str])),
        ),
        rx.cond(
            problem["repairable"],
            button(
                t("ui.problems.repair"),
                look="small",
                test="repair",
                aria_label=t("ui.problems.repair_named", problem=problem["text"]),
                on_click=changes({"type": "repair", "problem": problem["id"].to(str)}),
            ),
            rx.fragment(),
        ),
        class_name="problem problem-" + problem["level"].to(str),
        data_testid="problem",
    )


def repair_all() -> rx.Component:
    """Offered where several problems can be repaired together."""
    return rx.cond(
        EditorState.repairs > 1,
        button(
            t("ui.problems.repair_all"),
            look="small",
            test="repair-all",
            aria_label=t("ui.problems.repair_all_help"),
            on_click=changes({"type": "repair_all"}),
        ),
        rx.fragment(),
    )


def problem_list() -> rx.Component:
    return rx.cond(
        EditorState.problems.length() > 0,
        rx.fragment(
            rx.el.div(repair_all(), class_name="problem-head"),
            rx.el.ul(rx.foreach(EditorState.problems, problem_item), class_name="problem-list"),
        ),
        rx.el.p(icon("check", 15), t("ui.checklist.ready"), class_name="row ready pad"),
    )
