"""The bar of the editor: where one is, what state it is in, and what can be done with the flow as a whole."""

from __future__ import annotations

import reflex as rx

from components.run_controls import run_controls
from components.shell import Ago, Rename, Saved
from studio.ui.editor.asking import changes
from studio.ui.editor.code_pane import export_items
from studio.ui.editor.commands import on_command
from studio.ui.editor.sharing import share_button
from studio.ui.editor.state import EditorState
from studio.ui.editor.versions import VersionsState
from studio.ui.frame import logo, search_button
from studio.ui.shared.controls import button, icon, icon_button, link, menu, menu_item, menu_line
from studio.ui.shared.notices import NoticeState
from studio.ui.theme import theme_menu
from studio.ui.words import counted, t


def editor_bar() -> rx.Component:
    flow = EditorState.flow
    return rx.el.header(
        link(logo(), href="/", look="brand", aria_label=t("app.name")),
        rx.el.h1(EditorState.name, class_name="sr-only"),
        rx.el.div(
            link(t("ui.nav.flows"), rx.el.span(" /", aria_hidden="true"), href="/", look="crumb wide-only"),
            Rename.create(
                flow=flow,
                value=EditorState.name,
                label=t("ui.flow.rename"),
                test_id="flow-name",
            ),
            rx.cond(
                EditorState.saved != "",
                Saved.create(
                    flow=flow,
                    time=EditorState.saved,
                    taken=EditorState.taken,
                    on_changes=lambda changes: EditorState.change(flow, changes),
                    on_refused=lambda sentence, remedy: NoticeState.tell("error", sentence, remedy, ""),
                ),
                rx.fragment(),
            ),
            problems_badge(),
            class_name="where",
        ),
        rx.el.span(class_name="grow"),
        _step("undo", "undo-2", "mod+z", possible=EditorState.can_undo),
        _step("redo", "redo-2", "mod+shift+z", possible=EditorState.can_redo),
        button(t("ui.bar.arrange"), look="quiet wide-only", test="arrange", on_click=changes({"type": "arrange"})),
        search_button(),
        button(
            icon("code-xml", 15),
            rx.el.span(t("ui.bar.code"), class_name="roomy-only"),
            look="wide-only",
            test="code-button",
            aria_label=t("ui.bar.code"),
            aria_pressed=EditorState.drawer == "code",
            on_click=EditorState.toggle_drawer(flow, "code"),
        ),
        share_button(),
        export_menu(),
        theme_menu(),
        run_controls(
            flow=flow,
            run=EditorState.run,
            session=EditorState.session,
            on_command=on_command(),
            on_run=EditorState.started,
            on_elsewhere=lambda run, busy: EditorState.take_up_run(flow, run, busy),
        ),
        class_name="bar editor-bar",
    )


def _step(name: str, picture: str, shortcut: str, *, possible: rx.Var[bool]) -> rx.Component:
    return icon_button(picture, t(f"ui.bar.{name}"), keys=shortcut, test=name, disabled=~possible, on_click=changes({"type": name}))


def problems_badge() -> rx.Component:
    return rx.cond(
        EditorState.alarms > 0,
        rx.el.button(
            icon("triangle-alert", 13),
            counted("ui.problems.count", EditorState.alarms),
            type="button",
            class_name="badge wide-only",
            on_click=EditorState.toggle_drawer(EditorState.flow, "problems"),
        ),
        rx.fragment(),
    )


def export_menu() -> rx.Component:
    address = "/api/flows/" + EditorState.flow + "/export?to="
    return menu(
        t("ui.export.title"),
        menu_item(t("ui.export.python"), icon_name="file-code", href=address + "convene", download=True),
        menu_item(t("ui.export.zip"), icon_name="package", href=address + "convene&project=1", download=True),
        *export_items(),
        menu_line(),
        menu_item(t("ui.versions.title"), icon_name="history", on_click=VersionsState.show(EditorState.flow)),
        face=rx.fragment(icon("share", 15), rx.el.span(t("ui.export.title"), class_name="roomy-only")),
        look="button",
        test="export",
        on_open=EditorState.count_losses,
    )


def run_bar() -> rx.Component:
    """The bar of a run that is looked at: what ran, when, and the way to the flow as it is now."""
    return rx.el.header(
        link(logo(), href="/", look="brand", aria_label=t("app.name")),
        rx.el.h1(EditorState.name, class_name="sr-only"),
        rx.el.div(
            link(t("ui.nav.runs"), rx.el.span(" /", aria_hidden="true"), href="/runs", look="crumb wide-only"),
            rx.el.span(EditorState.name, class_name="run-name clip"),
            rx.el.span(Ago.create(time=EditorState.saved), class_name="muted nowrap wide-only saved"),
            class_name="where",
        ),
        rx.el.span(class_name="grow"),
        search_button(),
        rx.cond(
            EditorState.flow != "",
            link(
                icon("square-pen", 15),
                rx.el.span(t("ui.run.open_flow"), class_name="wide-only"),
                href="/flow/" + EditorState.flow + "?run=" + EditorState.run,
                look="button",
                aria_label=t("ui.run.open_flow"),
                data_testid="open-flow",
            ),
            rx.fragment(),
        ),
        theme_menu(),
        class_name="bar editor-bar",
    )
