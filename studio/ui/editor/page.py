"""The editor's page, and the page of one run: the same room, once to draw in and once to look back."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.canvas import canvas
from components.palette import palette
from components.run_controls import run_mark
from components.shell import Abreast, Alive, Grip
from components.transcript import transcript
from studio.flow.catalogue import palette as offered
from studio.ui.editor.bar import editor_bar, run_bar
from studio.ui.editor.changing import changing_dialog
from studio.ui.editor.commands import HELP, CommandState, actions, on_command
from studio.ui.editor.drawer import drawer
from studio.ui.editor.inspector import inspector
from studio.ui.editor.sharing import sharing_dialog
from studio.ui.editor.state import EditorState
from studio.ui.editor.versions import versions_dialog
from studio.ui.frame import frame, over
from studio.ui.shared.controls import button, empty, icon, link
from studio.ui.words import t

VIEWS = (("palette", "plus"), ("canvas", "workflow"), ("inspector", "sliders-horizontal"), ("conversation", "message-square"))


def editor() -> rx.Component:
    """The page in which a flow is drawn and run."""
    catalogue: Any = [group.to_dict() for group in offered()]
    # A flow that was deleted is followed too: it can come back.
    flow = rx.cond(EditorState.deleted != "", EditorState.deleted, EditorState.flow)
    room = _room(
        editor_bar(),
        rx.el.aside(palette(catalogue=catalogue), class_name="editor-palette", aria_label=t("ui.palette.title")),
        _drawing(readonly=False),
        _side(readonly=False),
        drawer(readonly=False),
        _views(VIEWS),
        versions_dialog(),
        sharing_dialog(),
        changing_dialog(),
        kind="editor",
        parts=["canvas", "palette", "transcript", "run_controls"],
    )
    return rx.fragment(room, Abreast.create(flow=flow, rev=EditorState.rev, on_news=EditorState.catch_up(flow)))


def run_page() -> rx.Component:
    """The page of one run: what was drawn when it ran, and everything that was said."""
    return _room(
        run_bar(),
        _drawing(readonly=True),
        _side(readonly=True),
        drawer(readonly=True),
        _views(VIEWS[1:]),
        kind="editor replay",
        parts=["canvas", "transcript"],
    )


def _drawing(**more: Any) -> rx.Component:
    return rx.el.main(
        canvas(
            # Another drawing is another canvas: it begins with the whole flow in view.
            key=EditorState.drawing,
            graph=EditorState.graph,
            patch=EditorState.patch,
            selected=EditorState.selected,
            focus=EditorState.focus,
            on_select=lambda ids, forward: EditorState.select(EditorState.flow, ids, forward),
            on_open=EditorState.open_node,
            on_command=on_command(),
            **more,
        ),
        class_name="editor-canvas",
        id="main",
    )


def _room(*panels: rx.Component, kind: str, parts: list[str]) -> rx.Component:
    return rx.cond(
        EditorState.trouble != "",
        frame(
            rx.el.h1(t("ui.flow.missing"), class_name="sr-only"),
            empty(
                "search-x",
                EditorState.trouble,
                rx.cond(EditorState.deleted != "", t("ui.flow.deleted_hint"), t("ui.flow.missing_hint")),
                rx.cond(
                    EditorState.deleted != "",
                    button(
                        t("ui.deleted.bring_back"), look="primary", test="bring-back", on_click=EditorState.bring_back(EditorState.deleted)
                    ),
                    rx.fragment(),
                ),
                link(t("ui.nav.flows"), href="/", look="button"),
            ),
            here="",
        ),
        rx.el.div(
            *panels,
            over(
                actions=actions(),
                entries=CommandState.entries,
                on_command=on_command(),
                shortcuts_help=HELP,
                alive=Alive.create(parts=parts, drawing=EditorState.drawing),
            ),
            class_name=kind,
            data_view=EditorState.view,
            data_drawer=EditorState.drawer,
        ),
    )


def _side(*, readonly: bool) -> rx.Component:
    return rx.el.aside(
        Grip.create(name="side", label=t("ui.side.resize"), variable="--side", initial=416, min=320, max=820, axis="x", target=".editor"),
        rx.el.div(
            rx.el.div(
                _tab("inspector"),
                _tab("conversation"),
                class_name="tabs",
                role="tablist",
                aria_label=t("ui.side.title"),
            ),
            class_name="side-head",
        ),
        rx.el.div(inspector(), class_name="side-panel-body", hidden=EditorState.side != "inspector"),
        rx.el.div(
            transcript(
                run=EditorState.run,
                flow=EditorState.flow,
                session=EditorState.session,
                readonly=readonly,
                sample_tasks=EditorState.sample_tasks,
                agents=EditorState.agents,
                max_turns=EditorState.max_turns,
                repairs=EditorState.repairs,
                show_totals=True,
                on_command=on_command(),
            ),
            class_name="side-panel-body",
            role="tabpanel",
            aria_label=t("ui.side.conversation"),
            hidden=EditorState.side != "conversation",
        ),
        class_name="editor-side",
        aria_label=t("ui.side.title"),
    )


def _tab(name: str) -> rx.Component:
    return rx.el.button(
        t(f"ui.side.{name}"),
        *([run_mark()] if name == "conversation" else []),
        type="button",
        role="tab",
        class_name="tab",
        aria_selected=EditorState.side == name,
        # One stop of the Tab key for all tabs; arrow keys go from one to the next.
        tab_index=rx.cond(EditorState.side == name, 0, -1),
        data_testid=f"tab-{name}",
        on_click=EditorState.show_side(name),
    )


def _views(views: tuple[tuple[str, str], ...]) -> rx.Component:
    """One panel at a time, where the screen is a phone's."""
    return rx.el.nav(
        *(
            rx.el.button(
                icon(picture, 18),
                rx.el.span(t(f"ui.view.{name}")),
                *([run_mark()] if name == "conversation" else []),
                type="button",
                class_name="view",
                aria_pressed=EditorState.view == name,
                on_click=EditorState.show_view(name),
            )
            for name, picture in views
        ),
        class_name="views",
        aria_label=t("ui.view.title"),
    )
