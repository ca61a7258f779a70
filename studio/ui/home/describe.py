"""The place on the first page where a team is described in words, and drawn by a model."""

from __future__ import annotations

import reflex as rx

from studio.library.drawing import LONGEST_WISH
from studio.ui.home.describing import LONGEST_MODEL, DescribingState
from studio.ui.home.state import HomeState
from studio.ui.shared.controls import button, chip, icon, link
from studio.ui.words import t


def describe_section() -> rx.Component:
    return rx.el.section(
        rx.el.div(rx.el.h2(t("ui.draw.title")), rx.el.p(t("ui.draw.hint"), class_name="muted"), class_name="section-title"),
        rx.el.form(
            rx.el.textarea(
                name="wish",
                class_name="input area",
                rows=3,
                max_length=LONGEST_WISH,
                required=True,
                default_value=DescribingState.wish,
                key=DescribingState.wish,
                placeholder=t("ui.draw.placeholder"),
                aria_label=t("ui.draw.title"),
                read_only=DescribingState.drawing != "",
                data_testid="wish",
            ),
            rx.cond(DescribingState.drawing != "", _working(), rx.cond(HomeState.accounts.length() > 0, _choices(), _nobody())),
            rx.cond((DescribingState.drawing == "") & (DescribingState.trouble != ""), _trouble(), rx.fragment()),
            class_name="describe",
            on_submit=DescribingState.draw,
        ),
        class_name="section",
        data_testid="describe",
    )


def _choices() -> rx.Component:
    """Who draws, and the button that begins."""
    chosen = rx.cond(HomeState.accounts.contains(DescribingState.account), DescribingState.account, HomeState.accounts[0])
    return rx.el.div(
        rx.el.select(
            rx.foreach(HomeState.accounts, lambda name: rx.el.option(name, value=name)),
            name="account",
            class_name="input select describe-field",
            aria_label=t("ui.draw.account"),
            title=t("ui.draw.account"),
            value=chosen,
            on_change=DescribingState.choose_account,
            data_testid="wish-account",
        ),
        rx.el.input(
            name="model",
            class_name="input mono describe-field",
            max_length=LONGEST_MODEL,
            auto_complete="off",
            required=HomeState.default_models[chosen] == "",
            placeholder=rx.cond(HomeState.default_models[chosen] != "", HomeState.default_models[chosen], t("ui.draw.model")),
            aria_label=t("ui.draw.model"),
            title=t("ui.draw.model_help"),
            data_testid="wish-model",
        ),
        rx.el.span(class_name="grow"),
        button(icon("pencil-ruler", 15), t("ui.draw.draw"), type="submit", test="wish-draw"),
        class_name="row wrap",
    )


def _working() -> rx.Component:
    return rx.el.div(
        rx.el.span(class_name="lamp busy", aria_hidden="true"),
        rx.el.span(
            rx.cond(
                DescribingState.again != "",
                rx.el.span(t("ui.draw.again"), title=DescribingState.again),
                t("ui.draw.working", model=DescribingState.by),
            ),
            class_name="muted",
        ),
        rx.foreach(DescribingState.names, lambda name: chip(name, data_testid="wish-name")),
        rx.el.span(class_name="grow"),
        button(icon("square", 13), t("ui.draw.stop"), look="danger", test="wish-stop", on_click=DescribingState.stop),
        class_name="row wrap",
        role="status",
        data_testid="wish-working",
    )


def _nobody() -> rx.Component:
    """Only the practice model is there."""
    return rx.el.div(
        rx.el.p(t("ui.draw.practice"), class_name="muted small-text describe-note"),
        link(icon("plus", 14), t("ui.models.add"), href="/accounts", look="button"),
        class_name="row wrap",
        data_testid="wish-nobody",
    )


def _trouble() -> rx.Component:
    return rx.el.div(
        icon("circle-alert", 15),
        rx.el.p(
            rx.el.span(DescribingState.trouble, class_name="strong"),
            rx.cond(DescribingState.remedy != "", rx.el.span(" ", DescribingState.remedy, class_name="muted"), rx.fragment()),
            class_name="grow",
        ),
        rx.cond(
            DescribingState.open_account != "",
            link(t("ui.draw.open_account"), href="/accounts?open=" + DescribingState.open_account, look="text-link"),
            rx.fragment(),
        ),
        class_name="describe-trouble",
        role="alert",
        data_testid="wish-trouble",
    )
