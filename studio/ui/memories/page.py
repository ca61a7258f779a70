"""The page of what agents remember for all runs."""

from __future__ import annotations

import reflex as rx

from components.shell import Ago
from studio.ui.frame import frame
from studio.ui.memories.state import MOST, MemoriesState, NoteRow
from studio.ui.shared.controls import button, chip, empty, icon, icon_button
from studio.ui.words import counted, t


def memories() -> rx.Component:
    return frame(
        rx.el.div(
            rx.el.div(
                rx.el.div(
                    rx.el.h1(t("ui.memories.title")), rx.el.p(t("ui.memories.about"), class_name="muted"), class_name="section-title grow"
                ),
                rx.el.input(
                    type="search",
                    class_name="input search",
                    placeholder=t("ui.memories.search"),
                    aria_label=t("ui.memories.search"),
                    on_change=MemoriesState.set_search.debounce(150),
                ),
                class_name="section-head",
            ),
            rx.cond(
                MemoriesState.rows.length() > 0,
                rx.fragment(
                    rx.el.ul(rx.foreach(MemoriesState.rows, note_line), class_name="lines", data_testid="memories"),
                    rx.el.div(
                        rx.cond(
                            MemoriesState.count > MOST, rx.el.span(t("ui.memories.newest", count=MOST), class_name="muted"), rx.fragment()
                        ),
                        rx.el.span(class_name="grow"),
                        button(
                            icon("trash-2", 14),
                            counted("ui.memories.forget_all", MemoriesState.count),
                            look="small quiet danger",
                            test="forget-all",
                            on_click=MemoriesState.forget_found,
                        ),
                        class_name="section-head",
                    ),
                ),
                rx.cond(
                    MemoriesState.loaded,
                    rx.cond(
                        MemoriesState.search != "",
                        rx.el.p(t("ui.memories.nothing_found"), class_name="muted pad"),
                        empty("notebook-pen", t("ui.memories.empty"), t("ui.memories.empty_hint")),
                    ),
                    rx.fragment(),
                ),
            ),
            class_name="narrow section",
        ),
        here="memories",
        on_undo=MemoriesState.bring_back,
    )


def note_line(note: rx.Var[NoteRow]) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            rx.el.span(note["text"], class_name="note-text"),
            rx.el.span(rx.cond(note["at"] != "", Ago.create(time=note["at"].to(str)), rx.fragment()), class_name="muted small-text"),
            class_name="line-main",
        ),
        rx.cond(note["person"] != "", chip(note["person"]), rx.fragment()),
        rx.el.span(note["memory"], class_name="muted mono small-text nowrap line-key"),
        icon_button(
            "x",
            t("ui.memories.forget_named", note=note["text"]),
            test="forget",
            size=14,
            on_click=MemoriesState.forget(note["key"].to(str)),
        ),
        class_name="line",
        key=note["key"].to(str),
    )
