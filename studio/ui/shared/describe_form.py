"""The form in which something is described for a model to draw: the words, who draws, how far it is, and what went wrong."""

from __future__ import annotations

from typing import Any

import reflex as rx

from studio.library.drawing import LONGEST_WISH
from studio.ui.shared.controls import Words, button, chip, icon, link
from studio.ui.shared.describing import LONGEST_MODEL, Describing
from studio.ui.words import t


def describe_form(
    state: type[Describing],
    accounts: Any,
    default_models: Any,
    on_submit: Any,
    *,
    label: Words,
    placeholder: Words,
    go: Words,
    working: Words,
    look: str = "",
) -> rx.Component:
    """`accounts` are names, `default_models` their models by name; `go` is the button's face, `working` what is said meanwhile."""
    return rx.el.form(
        rx.el.textarea(
            name="wish",
            class_name="input area",
            rows=3,
            max_length=LONGEST_WISH,
            required=True,
            default_value=state.wish,
            key=state.wish,
            placeholder=placeholder,
            aria_label=label,
            read_only=state.drawing != "",
            data_testid="wish",
        ),
        rx.cond(
            state.drawing != "",
            _working(state, working),
            rx.cond(accounts.length() > 0, _choices(state, accounts, default_models, go), _nobody()),
        ),
        rx.cond((state.drawing == "") & (state.trouble != ""), _trouble(state), rx.fragment()),
        class_name=f"describe {look}".strip(),
        on_submit=on_submit,
    )


def _choices(state: type[Describing], accounts: Any, default_models: Any, go: Words) -> rx.Component:
    """Who draws, and the button that begins."""
    chosen = rx.cond(accounts.contains(state.account), state.account, accounts[0])
    return rx.el.div(
        rx.el.select(
            rx.foreach(accounts, lambda name: rx.el.option(name, value=name)),
            name="account",
            class_name="input select describe-field",
            aria_label=t("ui.draw.account"),
            title=t("ui.draw.account"),
            value=chosen,
            on_change=state.choose_account,
            data_testid="wish-account",
        ),
        rx.el.input(
            name="model",
            class_name="input mono describe-field",
            max_length=LONGEST_MODEL,
            auto_complete="off",
            required=default_models[chosen] == "",
            placeholder=rx.cond(default_models[chosen] != "", default_models[chosen], t("ui.draw.model")),
            aria_label=t("ui.draw.model"),
            title=t("ui.draw.model_help"),
            data_testid="wish-model",
        ),
        rx.el.span(class_name="grow"),
        button(icon("pencil-ruler", 15), go, type="submit", test="wish-draw"),
        class_name="row wrap",
    )


def _working(state: type[Describing], working: Words) -> rx.Component:
    return rx.el.div(
        rx.el.span(class_name="lamp busy", aria_hidden="true"),
        rx.el.span(rx.cond(state.again != "", rx.el.span(t("ui.draw.again"), title=state.again), working), class_name="muted"),
        rx.foreach(state.names, lambda name: chip(name, data_testid="wish-name")),
        rx.el.span(class_name="grow"),
        button(icon("square", 13), t("ui.draw.stop"), look="danger", test="wish-stop", on_click=state.stop),
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


def _trouble(state: type[Describing]) -> rx.Component:
    return rx.el.div(
        icon("circle-alert", 15),
        rx.el.p(
            rx.el.span(state.trouble, class_name="strong"),
            rx.cond(state.remedy != "", rx.el.span(" ", state.remedy, class_name="muted"), rx.fragment()),
            class_name="grow",
        ),
        rx.cond(
            state.open_account != "",
            link(t("ui.draw.open_account"), href="/accounts?open=" + state.open_account, look="text-link"),
            rx.fragment(),
        ),
        class_name="describe-trouble",
        role="alert",
        data_testid="wish-trouble",
    )
