"""Flows that were deleted and can be brought back."""

from __future__ import annotations

import reflex as rx

from components.shell import Ago, Dialog
from studio.ui.home.state import DeletedRow, HomeState
from studio.ui.shared.controls import button, icon
from studio.ui.words import counted, t


def deleted_button() -> rx.Component:
    """Opens the list of deleted flows, where there are some."""
    return rx.cond(
        HomeState.deleted.length() > 0,
        button(
            icon("trash-2", 14),
            counted("ui.deleted.count", HomeState.deleted.length()),
            look="quiet small deleted-button",
            test="deleted-flows",
            on_click=HomeState.show_deleted,
        ),
        rx.fragment(),
    )


def deleted_dialog() -> rx.Component:
    return Dialog.create(
        rx.el.p(t("ui.deleted.about"), class_name="muted"),
        rx.el.ul(rx.foreach(HomeState.deleted, _line), class_name="lines"),
        open=HomeState.deleted_open,
        title=t("ui.deleted.title"),
        test_id="deleted-dialog",
        on_close=HomeState.hide_deleted,
    )


def _line(flow: rx.Var[DeletedRow]) -> rx.Component:
    flow_id, name = flow["id"].to(str), flow["name"].to(str)
    return rx.el.li(
        rx.el.span(
            rx.el.span(name, class_name="strong clip"),
            rx.el.span(Ago.create(time=flow["deleted"]), class_name="muted small-text"),
            class_name="line-main",
        ),
        button(
            t("ui.deleted.bring_back"),
            look="small",
            test="bring-back",
            aria_label=t("ui.deleted.bring_back_named", name=name),
            on_click=HomeState.bring_back(flow_id),
        ),
        button(
            t("ui.deleted.forget"),
            look="small quiet danger",
            test="forget",
            aria_label=t("ui.deleted.forget_named", name=name),
            on_click=HomeState.forget(flow_id),
        ),
        class_name="line",
        key=flow_id,
    )
