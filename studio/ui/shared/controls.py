"""Buttons, links, chips, tabs and empty states: each control once, each with an accessible name."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_core.react_router import ReactRouterLink

from components.shell import Keys, Menu

Words = str | rx.Var


def icon(name: str, size: int = 16) -> rx.Component:
    """A line icon that says nothing by itself; the control around it has the name."""
    return rx.icon(name, size=size, stroke_width=1.6, custom_attrs={"aria-hidden": "true"})


def button(*face: Any, look: str = "", test: str = "", **props: Any) -> rx.Component:
    """A button with words on it. `look`: primary, quiet, danger, small, or several."""
    if test:
        props["data_testid"] = test
    return rx.el.button(*face, type=props.pop("type", "button"), class_name=f"button {look}".strip(), **props)


def icon_button(
    name: str, label: Words, *, keys: str = "", look: str = "quiet", test: str = "", size: int = 16, **props: Any
) -> rx.Component:
    """A button with an icon only; `label` is its name and its tooltip."""
    if keys:
        props["aria_keyshortcuts"] = keys.replace("mod", "Control")
    return button(icon(name, size), look=f"square {look}", test=test, aria_label=label, title=label, **props)


def link(*face: Any, href: Words, look: str = "", **props: Any) -> rx.Component:
    """A link within the studio; the page is not loaded anew."""
    return ReactRouterLink.create(*face, to=href, class_name=look, **props)


def keys(combination: str, *, hidden: bool = False) -> rx.Component:
    return Keys.create(keys=combination, hidden=hidden)


def menu(
    label: Words, *items: rx.Component, face: rx.Component, look: str = "button quiet square", test: str = "", **props: Any
) -> rx.Component:
    """A button that opens a list of `menu_item`s and `menu_line`s."""
    return Menu.create(*items, label=label, face=face, look=look, test_id=test, **props)


def menu_item(
    words: Words,
    *,
    icon_name: str = "",
    shortcut: str = "",
    look: str = "",
    href: Words | None = None,
    after: rx.Component | None = None,
    test: str = "",
    **props: Any,
) -> rx.Component:
    """One action of a menu. With `href` it is a link (a download, another page); `after` stands at its end."""
    if test:
        props["data_testid"] = test
    face = [
        icon(icon_name, 15) if icon_name else rx.el.span(class_name="menu-gap"),
        rx.el.span(words, class_name="grow"),
        *([keys(shortcut)] if shortcut else []),
        *([after] if after is not None else []),
    ]
    shape = {"role": "menuitem", "tab_index": -1, "class_name": f"menu-item {look}".strip()}
    if href is not None:
        # Reflex makes every link a change of page inside the app; a download is the browser's.
        return ReactRouterLink.create(*face, to=href, reload_document=bool(props.get("download")), **shape, **props)
    return rx.el.button(*face, type="button", **shape, **props)


def menu_line() -> rx.Component:
    return rx.el.div(role="separator", class_name="menu-line")


def chip(*face: Any, look: str = "", **props: Any) -> rx.Component:
    return rx.el.span(*face, class_name=f"chip {look}".strip(), **props)


def dot(color: Words) -> rx.Component:
    return rx.el.span(class_name="dot", style={"background": color}, aria_hidden="true")


def empty(icon_name: str, title: Words, body: Words, *actions: rx.Component) -> rx.Component:
    """What stands where there is nothing yet: what this is, and the next step."""
    return rx.el.div(
        rx.el.span(icon(icon_name, 20), class_name="empty-icon"),
        rx.el.h2(title),
        rx.el.p(body, class_name="muted"),
        *([rx.el.div(*actions, class_name="row wrap center")] if actions else []),
        class_name="empty",
    )


def nothing_yet(icon_name: str, title: Words, body: Words) -> rx.Component:
    """The same in one line, where the next step stands right below."""
    return rx.el.p(icon(icon_name, 16), rx.el.strong(title), rx.el.span(body, class_name="muted"), class_name="nothing-yet")


def labelled(title: Words, control: rx.Component, help_: Words | None = None) -> rx.Component:
    """A form's label around its control, with its help below."""
    return rx.el.label(
        rx.el.span(title, class_name="field-title"),
        control,
        *([rx.el.span(help_, class_name="field-help")] if help_ is not None else []),
        class_name="field",
    )
