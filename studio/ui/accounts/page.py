"""The model accounts page."""

from __future__ import annotations

import reflex as rx

from components.shell import Dialog
from studio.ui.accounts.form import account_dialog
from studio.ui.accounts.prices import prices
from studio.ui.accounts.spending import spending
from studio.ui.accounts.state import AccountLine, AccountsState
from studio.ui.frame import frame
from studio.ui.shared.controls import button, chip, empty, icon, icon_button, menu, menu_item, menu_line
from studio.ui.shared.servers import FoundServer
from studio.ui.words import counted, t


def accounts() -> rx.Component:
    return frame(
        rx.el.div(
            rx.el.div(
                rx.el.div(
                    rx.el.h1(t("ui.accounts.title")), rx.el.p(t("ui.accounts.about"), class_name="muted"), class_name="section-title grow"
                ),
                button(icon("plus", 15), t("ui.accounts.add"), look="primary", test="add-account", on_click=AccountsState.add),
                class_name="section-head",
            ),
            rx.cond(
                AccountsState.accounts.length() > 0,
                rx.el.ul(rx.foreach(AccountsState.accounts, account_line), class_name="lines", data_testid="accounts"),
                rx.cond(AccountsState.loaded, empty("key-round", t("ui.accounts.empty"), t("ui.accounts.empty_hint")), rx.fragment()),
            ),
            local_servers(),
            spending(),
            prices(),
            class_name="narrow section",
        ),
        account_dialog(),
        confirm_delete(),
        here="accounts",
    )


def account_line(account: rx.Var[AccountLine]) -> rx.Component:
    name = account["name"].to(str)
    return rx.el.li(
        rx.el.button(
            rx.el.span(account["name"], class_name="strong clip"),
            rx.el.span(account["base_url"], class_name="muted mono small-text clip"),
            type="button",
            class_name="line-main",
            title=t("ui.accounts.edit_named", name=account["name"]),
            on_click=AccountsState.edit(name),
        ),
        chip(account["provider"]),
        rx.el.span(
            rx.cond(account["model"] != "", account["model"], t("ui.accounts.no_model")), class_name="muted small-text clip line-model"
        ),
        rx.el.span(
            rx.cond(
                account["stored"],
                rx.cond(account["key"] != "", "•••• " + account["key"].to(str), t("ui.accounts.no_key")),
                t("ui.accounts.from_environment"),
            ),
            class_name="muted mono small-text nowrap line-key",
        ),
        button(
            t("ui.accounts.test"),
            look="small",
            aria_label=t("ui.accounts.test_named", name=account["name"]),
            on_click=AccountsState.test(name),
        ),
        menu(
            t("ui.home.more", name=account["name"]),
            menu_item(t("ui.accounts.edit"), icon_name="square-pen", on_click=AccountsState.edit(name)),
            rx.cond(
                account["stored"],
                rx.fragment(
                    menu_line(),
                    menu_item(t("ui.accounts.delete"), icon_name="trash-2", look="danger", on_click=AccountsState.ask_delete(name)),
                ),
                rx.fragment(),
            ),
            face=icon("ellipsis", 15),
        ),
        class_name="line",
        key=name,
    )


def local_servers() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.div(rx.el.h2(t("ui.servers.title")), rx.el.p(t("ui.servers.about"), class_name="muted"), class_name="section-title grow"),
            icon_button("refresh-cw", t("ui.servers.again"), look="", size=15, on_click=AccountsState.look_around),
            class_name="section-head",
        ),
        rx.cond(
            AccountsState.looking,
            rx.el.p(t("ui.servers.looking"), class_name="muted", role="status"),
            rx.cond(
                AccountsState.found.length() > 0,
                rx.el.ul(rx.foreach(AccountsState.found, found_line), class_name="lines"),
                rx.el.p(t("ui.servers.none"), class_name="muted"),
            ),
        ),
        class_name="section",
    )


def found_line(server: rx.Var[FoundServer]) -> rx.Component:
    models = server["models"].to(list[str])
    return rx.el.li(
        rx.el.span(
            rx.el.span(server["name"], class_name="strong"),
            rx.el.span(server["base_url"], class_name="muted mono small-text"),
            class_name="line-main",
        ),
        rx.el.span(counted("ui.models.count", models.length()), class_name="muted small-text"),
        button(
            t("ui.models.use"),
            look="small",
            aria_label=t("ui.models.use_named", name=server["name"]),
            on_click=AccountsState.use_found(server["name"].to(str), server["base_url"].to(str), models.join("\n").split("\n")[0]),
        ),
        class_name="line",
    )


def confirm_delete() -> rx.Component:
    return Dialog.create(
        rx.el.p(t("ui.accounts.delete_about"), class_name="muted"),
        rx.el.div(
            button(t("ui.cancel"), on_click=AccountsState.keep),
            button(t("ui.accounts.delete"), look="danger-fill", on_click=AccountsState.delete(AccountsState.deleting)),
            class_name="dialog-actions",
        ),
        open=AccountsState.deleting != "",
        title=t("ui.accounts.delete_ask", name=AccountsState.deleting),
        kind="small",
        on_close=AccountsState.keep,
    )
