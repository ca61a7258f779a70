"""The frame that all pages share: the bar with its ways through the studio, messages, the lost-connection line, command box and help."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_core.core.banner import has_connection_errors

from components.shell import Ahead, Alive, Binding, CommandBox, CommandEntry, Dialog, Shortcuts
from studio.ui.shared.controls import Words, button, icon, icon_button, keys, link
from studio.ui.shared.notices import notices
from studio.ui.shared.shell_state import ShellState
from studio.ui.theme import theme_menu
from studio.ui.words import t

PLACES = (
    ("flows", "/", "workflow"),
    ("runs", "/runs", "history"),
    ("memories", "/memories", "notebook-pen"),
    ("accounts", "/accounts", "key-round"),
)

EVERYWHERE: list[Binding] = [
    {"keys": "mod+k", "id": "commands", "always": True},
    {"keys": "?", "id": "help", "always": False},
]


def logo() -> rx.Component:
    """Two interlocking rings: one of the accent, one of the text's colour."""
    ring = {"fill": "none", "stroke_width": "2.4"}
    return rx.el.svg(
        rx.el.circle(cx="9.5", cy="9.5", r="6.3", stroke="var(--accent)", **ring),
        rx.el.circle(cx="14.5", cy="14.5", r="6.3", stroke="currentColor", **ring),
        rx.el.path(d="M14.6 5.9a6.3 6.3 0 0 1 .55 6.4", stroke="var(--accent)", stroke_linecap="butt", **ring),
        view_box="0 0 24 24",
        width="24",
        height="24",
        class_name="logo",
        custom_attrs={"aria-hidden": "true"},
    )


def search_button() -> rx.Component:
    return button(
        icon("search", 14),
        rx.el.span(t("ui.bar.search"), class_name="search-words"),
        keys("mod+k", hidden=True),
        look="search-button",
        test="search-or-do",
        title=t("ui.commands.title"),
        aria_keyshortcuts="Control+K",
        on_click=ShellState.show_commands,
    )


def frame(*content: rx.Component, here: str, on_undo: Any = None) -> rx.Component:
    """A page that scrolls: bar, content, and everything that lies over it. `here` is the key of the place in the bar."""
    bar = rx.el.header(
        link(logo(), rx.el.span(t("app.name"), class_name="wide-only"), href="/", look="brand", aria_label=t("app.name")),
        rx.el.nav(
            *(
                link(
                    icon(picture, 15),
                    t(f"ui.nav.{name}"),
                    href=href,
                    look="nav-link here" if name == here else "nav-link",
                    aria_current="page" if name == here else None,
                )
                for name, href, picture in PLACES
            ),
            class_name="nav",
            aria_label=t("ui.nav.title"),
        ),
        rx.el.span(class_name="grow"),
        search_button(),
        icon_button("circle-help", t("ui.help.title"), keys="?", look="quiet wide-only", on_click=ShellState.show_help),
        theme_menu(),
        class_name="bar",
    )
    return rx.el.div(
        bar,
        rx.el.main(*content, class_name="page", id="main"),
        over(on_undo=on_undo),
        class_name="frame",
    )


def over(
    actions: list[dict[str, Any]] | None = None,
    bindings: list[Binding] | None = None,
    entries: rx.Var[list[CommandEntry]] | None = None,
    on_command: list[Any] | None = None,
    shortcuts_help: list[tuple[str, list[tuple[str, str]]]] | None = None,
    alive: rx.Component | None = None,
    on_undo: Any = None,
) -> rx.Component:
    """What lies over every page. A page adds its own actions, key bindings and entries, and hears of those chosen by `on_command(id)`.

    `alive` names what the page waits for; without it the page is alive as soon as it is there. `on_undo(what)` takes back what a
    message tells.
    """
    own = [entry(each["id"], t("ui.commands.actions"), each["title"], each.get("keys", "")) for each in actions or []]
    go = [entry(f"go:{href}", t("ui.commands.go"), t(f"ui.nav.{name}"), "") for name, href, _ in PLACES]
    listed = rx.Var.create([*own, *go]).to(list[CommandEntry]) + ShellState.flows
    if entries is not None:
        listed = entries + listed
    chosen: Any = [ShellState.choose, *(on_command or [])]
    return rx.fragment(
        Ahead.create(),
        Shortcuts.create(bindings=rx.Var.create([*EVERYWHERE, *(bindings or [])]).to(list[Binding]), on_press=chosen),
        CommandBox.create(
            open=ShellState.commands_open, entries=listed.to(list[CommandEntry]), on_choose=chosen, on_close=ShellState.hide_commands
        ),
        help_sheet(shortcuts_help or []),
        notices(on_undo),
        lost_connection(),
        alive or Alive.create(loaded=rx.State.is_hydrated),
    )


def entry(entry_id: str, group: Words, title: Words, shortcut: str) -> dict[str, Any]:
    return {"id": entry_id, "group": group, "title": title, "words": "", "note": "", "color": "", "keys": shortcut}


def lost_connection() -> rx.Component:
    """Said while the server cannot be reached; nothing is lost, the page goes on when it is back."""
    return rx.cond(
        has_connection_errors,
        rx.el.div(icon("unplug", 14), t("ui.connection.lost"), class_name="lost-connection", role="status", data_testid="lost-connection"),
        rx.fragment(),
    )


def help_sheet(groups: list[tuple[str, list[tuple[str, str]]]]) -> rx.Component:
    """All shortcuts. `groups` are (text key, [(keys, text key)])."""
    everywhere = ("ui.help.everywhere", [("mod+k", "ui.commands.title"), ("?", "ui.help.title"), ("Escape", "ui.help.close")])
    return Dialog.create(
        rx.el.div(
            *(
                rx.el.section(
                    rx.el.h3(t(title)),
                    rx.el.dl(*(rx.el.div(rx.el.dt(t(words)), rx.el.dd(keys(combination))) for combination, words in rows)),
                )
                for title, rows in [*groups, everywhere]
            ),
            class_name="help-sheet",
        ),
        open=ShellState.help_open,
        title=t("ui.help.title"),
        test_id="help",
        on_close=ShellState.hide_help,
    )
