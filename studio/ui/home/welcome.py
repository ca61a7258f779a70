"""What to know on the first day, and which models are at hand."""

from __future__ import annotations

import reflex as rx

from studio.ui.home.state import HomeState
from studio.ui.shared.controls import button, icon, icon_button, link
from studio.ui.shared.servers import FoundServer
from studio.ui.words import counted, t


def welcome() -> rx.Component:
    """Shown until it is closed: everything can be tried without a key."""
    steps = (("play", "practice"), ("mouse-pointer-2", "draw"), ("code-xml", "take"))
    return rx.cond(
        HomeState.loaded & HomeState.welcome,
        rx.el.section(
            icon_button("x", t("ui.welcome.close"), look="quiet welcome-close", on_click=HomeState.close_welcome),
            rx.el.h2(t("ui.welcome.title")),
            rx.el.ul(
                *(
                    rx.el.li(
                        rx.el.span(icon(picture, 16), class_name="step-icon"),
                        rx.el.div(rx.el.h3(t(f"ui.welcome.{name}")), rx.el.p(t(f"ui.welcome.{name}_about"), class_name="muted")),
                    )
                    for picture, name in steps
                ),
                class_name="welcome-steps",
            ),
            class_name="welcome",
            data_testid="welcome",
        ),
        rx.fragment(),
    )


def models_panel() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2(t("ui.models.title")),
            rx.el.span(class_name="grow"),
            link(t("ui.models.manage"), href="/accounts", look="text-link"),
            class_name="row",
        ),
        rx.el.div(
            rx.el.div(rx.el.span(class_name="lamp on"), rx.el.span(t("ui.models.practice"), class_name="grow"), class_name="model-line"),
            rx.foreach(
                HomeState.accounts,
                lambda name: rx.el.div(rx.el.span(class_name="lamp on"), rx.el.span(name, class_name="grow clip"), class_name="model-line"),
            ),
            rx.foreach(HomeState.servers, server_line),
            class_name="model-lines",
        ),
        rx.cond(
            HomeState.accounts.length() == 0,
            rx.fragment(
                rx.el.p(t("ui.models.practice_about"), class_name="muted small-text"),
                rx.cond(
                    HomeState.looked_around & (HomeState.servers.length() == 0),
                    rx.el.p(t("ui.models.no_servers"), class_name="muted small-text"),
                    rx.fragment(),
                ),
                link(icon("plus", 14), t("ui.models.add"), href="/accounts", look="button"),
            ),
            rx.fragment(),
        ),
        class_name="side-panel",
        data_testid="models",
    )


def server_line(server: rx.Var[FoundServer]) -> rx.Component:
    """A server that answers on this machine and is not in use yet."""
    models = server["models"].to(list[str])
    return rx.cond(
        HomeState.accounts.contains(server["name"].to(str)),
        rx.fragment(),
        rx.el.div(
            rx.el.span(class_name="lamp found"),
            rx.el.span(
                rx.el.span(server["name"], class_name="clip"),
                rx.el.span(counted("ui.models.count", models.length()), class_name="muted small-text"),
                class_name="grow stack",
            ),
            button(
                t("ui.models.use"),
                look="small",
                aria_label=t("ui.models.use_named", name=server["name"]),
                on_click=HomeState.use_server(server["name"].to(str), server["base_url"].to(str), models.join("\n").split("\n")[0]),
            ),
            class_name="model-line",
        ),
    )
