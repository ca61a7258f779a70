"""The first page: the flows, what one can begin with, and what happened last."""

from __future__ import annotations

import reflex as rx

from components.shell import Abreast, Ago, Dialog, DropImport
from components.sketch import Sketch
from studio.ui.frame import frame
from studio.ui.home.deleted import deleted_button, deleted_dialog
from studio.ui.home.describe import describe_section
from studio.ui.home.state import FlowCard, HomeState, TemplateCard
from studio.ui.home.welcome import models_panel, welcome
from studio.ui.shared.controls import button, chip, icon, link, menu, menu_item, menu_line, nothing_yet
from studio.ui.shared.notices import NoticeState
from studio.ui.shared.runs import run_line
from studio.ui.words import counted, t


def home() -> rx.Component:
    return frame(
        rx.el.div(
            rx.el.div(welcome(), flows_section(), *_beginnings(), class_name="home-main"),
            rx.el.aside(models_panel(), recent_panel(), class_name="home-side"),
            class_name="home",
        ),
        deleted_dialog(),
        rename_dialog(),
        Abreast.create(flow="", rev=-1, on_news=HomeState.catch_up),
        here="flows",
        on_undo=HomeState.bring_back,
    )


def _beginnings() -> tuple[rx.Component, ...]:
    """Words first where a model can draw them; until then templates, which run as they are."""
    drawn = HomeState.accounts.length() > 0
    return rx.cond(drawn, describe_section(), rx.fragment()), templates_section(), rx.cond(drawn, rx.fragment(), describe_section())


def flows_section() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h1(t("ui.home.flows")),
            rx.el.span(class_name="grow"),
            rx.cond(
                HomeState.flows.length() > 6,
                rx.el.input(
                    type="search",
                    class_name="input search",
                    placeholder=t("ui.home.search"),
                    aria_label=t("ui.home.search"),
                    on_change=HomeState.set_search.debounce(120),
                ),
                rx.fragment(),
            ),
            DropImport.create(
                label=t("ui.home.import"),
                on_imported=HomeState.imported,
                on_refused=lambda sentence, remedy: NoticeState.tell("error", sentence, remedy),
            ),
            button(icon("plus", 15), t("ui.home.new"), look="primary", test="new-flow", on_click=HomeState.new_flow),
            class_name="section-head",
        ),
        rx.cond(
            HomeState.flows.length() > 0,
            rx.cond(
                HomeState.found.length() > 0,
                rx.el.ul(rx.foreach(HomeState.found, flow_card), class_name="cards", data_testid="flows"),
                rx.el.p(t("ui.home.nothing_found"), class_name="muted pad"),
            ),
            rx.cond(
                HomeState.loaded,
                nothing_yet("workflow", t("ui.home.empty"), t("ui.home.empty_hint")),
                rx.el.ul(*(rx.el.li(class_name="card loading") for _ in range(3)), class_name="cards", aria_hidden="true"),
            ),
        ),
        deleted_button(),
        class_name="section",
    )


def flow_card(flow: rx.Var[FlowCard]) -> rx.Component:
    flow_id = flow["id"].to(str)
    href = "/flow/" + flow_id
    return rx.el.li(
        link(Sketch.create(sketch=flow["sketch"]), href=href, look="card-picture", tab_index=-1, aria_hidden="true"),
        rx.el.div(
            rx.el.div(
                link(flow["name"], href=href, look="card-title clip"),
                menu(
                    t("ui.home.more", name=flow["name"]),
                    menu_item(t("ui.home.open"), icon_name="square-pen", href=href),
                    menu_item(t("ui.home.rename"), icon_name="pencil", on_click=HomeState.ask_rename(flow_id, flow["name"].to(str))),
                    menu_item(t("ui.home.duplicate"), icon_name="copy", on_click=HomeState.duplicate(flow_id)),
                    menu_item(t("ui.export.json"), icon_name="braces", href="/api/flows/" + flow_id + "/export?to=json", download=True),
                    menu_item(t("ui.export.zip"), icon_name="package", href="/api/flows/" + flow_id + "/export?to=zip", download=True),
                    menu_line(),
                    menu_item(
                        t("ui.home.delete"),
                        icon_name="trash-2",
                        look="danger",
                        on_click=HomeState.delete(flow_id, flow["name"].to(str)),
                    ),
                    face=icon("ellipsis", 15),
                    test="flow-menu",
                ),
                class_name="row",
            ),
            rx.el.div(
                counted("ui.home.agents", flow["agents"].to(int)),
                rx.el.span("·", aria_hidden="true"),
                Ago.create(time=flow["updated"]),
                rx.cond(
                    flow["last_status"] != "",
                    chip(flow["last_status_text"], look="status-" + flow["last_status"].to(str)),
                    rx.fragment(),
                ),
                class_name="row wrap muted small-text",
            ),
            class_name="card-text",
        ),
        class_name="card",
        data_testid="flow-card",
        key=flow_id,
    )


def templates_section() -> rx.Component:
    return rx.el.section(
        rx.el.div(rx.el.h2(t("ui.templates.title")), rx.el.p(t("ui.templates.hint"), class_name="muted"), class_name="section-title"),
        rx.el.ul(rx.foreach(HomeState.gallery, template_card), class_name="cards", data_testid="templates"),
        class_name="section",
        id="templates",
    )


def template_card(card: rx.Var[TemplateCard]) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            Sketch.create(sketch=card["sketch"]),
            rx.el.span(
                rx.el.span(card["title"], class_name="card-title"),
                rx.el.span(card["description"], class_name="muted card-about"),
                rx.el.span(counted("ui.home.agents", card["agents"].to(int)), class_name="muted small-text"),
                class_name="card-text",
            ),
            type="button",
            class_name="card card-button",
            data_testid="template-" + card["id"].to(str),
            on_click=HomeState.use_template(card["id"].to(str)),
        ),
        key=card["id"].to(str),
    )


def recent_panel() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2(t("ui.home.recent")),
            rx.el.span(class_name="grow"),
            link(t("ui.home.all_runs"), href="/runs", look="text-link"),
            class_name="row",
        ),
        rx.cond(
            HomeState.recent.length() > 0,
            rx.el.div(rx.foreach(HomeState.recent, run_line), class_name="run-lines"),
            rx.el.p(t("ui.home.no_runs"), class_name="muted"),
        ),
        class_name="side-panel",
    )


def rename_dialog() -> rx.Component:
    return Dialog.create(
        rx.el.form(
            rx.el.input(
                name="name",
                class_name="input",
                default_value=HomeState.renaming_name,
                max_length=200,
                required=True,
                auto_complete="off",
                aria_label=t("ui.flow.name"),
                data_testid="rename-input",
            ),
            rx.el.div(
                button(t("ui.cancel"), on_click=HomeState.keep),
                button(t("ui.home.rename"), look="primary", type="submit", test="rename-save"),
                class_name="dialog-actions",
            ),
            class_name="form",
            on_submit=lambda form: HomeState.rename(HomeState.renaming, form),
        ),
        open=HomeState.renaming != "",
        title=t("ui.home.rename_ask"),
        kind="small",
        on_close=HomeState.keep,
    )
