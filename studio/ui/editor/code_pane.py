"""The code pane of the drawer: the flow for any target, with what that target cannot express above it."""

from __future__ import annotations

import reflex as rx

from components.code_view import CodeTarget, code_view
from studio.formats.targets import offered
from studio.ui.editor.code import OWN
from studio.ui.editor.report_list import report_item
from studio.ui.editor.state import EditorState
from studio.ui.shared.controls import icon, menu_item
from studio.ui.words import counted, t

DIRECT = ("convene", "json")
"""Targets that lose nothing: the menu downloads them at once. The others show first what they cannot express."""


def target_title(name: str) -> rx.Var[str]:
    return t(f"target.{name}")


def code_panel(*, readonly: bool) -> rx.Component:
    """A run's page shows only targets that are text: pictures are drawn from stored flows."""
    target, address = EditorState.target, "/api/flows/" + EditorState.flow + "/export?to="
    targets: list[CodeTarget] = [
        {"name": each.name, "title": target_title(each.name), "language": each.language, "project": each.project is not None}  # type: ignore[typeddict-item]
        for each in offered()
        if each.language or not readonly
    ]
    return rx.el.div(
        code_view(
            losses_view(),
            told_view(),
            text=EditorState.code_text,
            targets=rx.Var.create(targets),
            target=target,
            highlight=EditorState.code_marks,
            filename=EditorState.code_file,
            trouble=EditorState.code_trouble,
            trouble_title=t("ui.code.not_yet"),
            picture="" if readonly else rx.cond(EditorState.code_picture, address + "svg", ""),
            version=EditorState.code_rev,
            download_href="" if readonly else address + target,
            on_target=lambda name: EditorState.choose_target(EditorState.flow, name),
            on_line=EditorState.choose_line,
            editable=False if readonly else target == OWN,
            applied=EditorState.code_applied,
            again=EditorState.code_again,
            on_apply=lambda text, key, again: EditorState.apply_code(EditorState.flow, text, key, again),
            on_put_back=EditorState.put_code_back,
        ),
        class_name="code-panel",
    )


def losses_view() -> rx.Component:
    """What the target cannot express and what it does instead, each line leading to its node; nothing where nothing is lost."""
    return rx.cond(
        EditorState.code_losses.length() > 0,
        rx.el.details(
            rx.el.summary(icon("info", 14), counted("ui.code.losses", EditorState.code_losses.length()), data_testid="losses-count"),
            rx.el.ul(rx.foreach(EditorState.code_losses, report_item), class_name="problem-list"),
            open=True,
            class_name="cd-losses",
            data_testid="losses",
        ),
        rx.fragment(),
    )


def told_view() -> rx.Component:
    """What was not understood of a text that somebody edited and applied."""
    return rx.cond(
        EditorState.code_told.length() > 0,
        rx.el.div(
            rx.el.p(
                rx.cond(EditorState.code_again, t("ui.code.told"), t("ui.code.refused")),
                class_name="cd-told-title",
            ),
            rx.el.ul(rx.foreach(EditorState.code_told, report_item), class_name="problem-list"),
            class_name="cd-losses",
            role="alert",
            data_testid="code-told",
        ),
        rx.fragment(),
    )


def export_items() -> list[rx.Component]:
    """Every target in the export menu, with how many things it cannot express."""
    flow = EditorState.flow
    address = "/api/flows/" + flow + "/export?to="
    return [
        menu_item(
            target_title(each.name),
            icon_name=_ICONS.get(each.language, "image"),
            after=_count(each.name),
            test=f"export-{each.name}",
            on_click=EditorState.show_target(flow, each.name),
        )
        if each.name not in DIRECT
        else menu_item(t("ui.export.json"), icon_name="braces", href=address + each.name, download=True)
        for each in offered()
        if each.name != "convene"
    ]


def _count(name: str) -> rx.Component:
    count = EditorState.loss_counts[name]
    return rx.cond(
        count > 0,
        rx.el.span(count, class_name="menu-count", title=counted("ui.code.losses", count), data_testid=f"losses-of-{name}"),
        rx.fragment(),
    )


_ICONS = {"python": "file-code", "json": "braces", "mermaid": "workflow"}
