"""The dialog for one account: which provider, then its address, key and default model, then what the test said."""

from __future__ import annotations

import reflex as rx

from components.shell import Dialog
from studio.library.account_limits import FIELDS
from studio.ui.accounts.presets import PRESETS
from studio.ui.accounts.state import AccountsState
from studio.ui.shared.controls import button, icon, labelled
from studio.ui.words import t


def account_dialog() -> rx.Component:
    return Dialog.create(
        rx.cond(AccountsState.step == "provider", providers(), account_form()),
        open=AccountsState.step != "",
        title=rx.cond(
            AccountsState.step == "provider",
            t("ui.accounts.which"),
            rx.cond(AccountsState.original != "", t("ui.accounts.form_of", name=AccountsState.original), AccountsState.provider_title),
        ),
        test_id="account-dialog",
        on_close=AccountsState.close,
    )


def providers() -> rx.Component:
    tiles = [
        rx.el.button(
            rx.el.span(preset["title"] or t("ui.accounts.elsewhere"), class_name="strong"),
            rx.el.span(
                preset["where"] or t("ui.accounts.elsewhere_about"),
                class_name="muted small-text clip",
            ),
            type="button",
            class_name="tile",
            on_click=AccountsState.choose_provider(preset["id"]),
        )
        for preset in PRESETS
    ]
    return rx.el.div(*tiles, class_name="tiles")


def account_form() -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="original", value=AccountsState.original),
        labelled(
            t("ui.accounts.name"),
            rx.el.input(
                name="name",
                class_name="input",
                default_value=AccountsState.name,
                max_length=100,
                required=True,
                auto_complete="off",
                data_testid="account-name",
            ),
            t("ui.accounts.name_help"),
        ),
        labelled(
            t("ui.accounts.base_url"),
            rx.el.input(
                name="base_url",
                type="url",
                class_name="input mono",
                default_value=AccountsState.base_url,
                placeholder=rx.cond(AccountsState.is_azure, "https://NAME.openai.azure.com", "https://…/v1"),
                auto_complete="off",
                spell_check=False,
                data_testid="account-url",
            ),
            rx.cond(AccountsState.is_azure, t("ui.accounts.azure_url_help"), ""),
        ),
        rx.cond(
            AccountsState.is_azure,
            labelled(
                t("ui.accounts.version"),
                rx.el.input(
                    name="version",
                    class_name="input mono",
                    default_value=AccountsState.version,
                    placeholder="2024-10-21",
                    max_length=40,
                    auto_complete="off",
                    spell_check=False,
                    data_testid="account-version",
                ),
                t("ui.accounts.version_help"),
            ),
            rx.fragment(),
        ),
        labelled(
            t("ui.accounts.key"),
            rx.el.input(
                name="key",
                type="password",
                class_name="input mono",
                auto_complete="new-password",
                placeholder=rx.cond(
                    AccountsState.key_hint != "", t("ui.accounts.key_kept", hint=AccountsState.key_hint), t("ui.accounts.key_wanted")
                ),
                data_testid="account-key",
            ),
            rx.cond(
                AccountsState.needs_key,
                rx.cond(AccountsState.key_at != "", t("ui.accounts.key_at", place=AccountsState.key_at), t("ui.accounts.key_about")),
                t("ui.accounts.key_free"),
            ),
        ),
        labelled(
            rx.cond(AccountsState.is_azure, t("ui.accounts.deployment"), t("ui.accounts.model")),
            rx.cond(
                AccountsState.models.length() > 0,
                rx.el.select(
                    rx.el.option(t("ui.accounts.no_model"), value=""),
                    rx.foreach(AccountsState.models, lambda name: rx.el.option(name, value=name)),
                    name="model",
                    class_name="input select mono",
                    default_value=AccountsState.model,
                    data_testid="account-model",
                ),
                rx.el.input(
                    name="model",
                    class_name="input mono",
                    default_value=AccountsState.model,
                    placeholder=AccountsState.example,
                    auto_complete="off",
                    spell_check=False,
                    data_testid="account-model",
                ),
            ),
            rx.cond(AccountsState.models.length() > 0, t("ui.accounts.model_choices"), t("ui.accounts.model_help")),
        ),
        limits(),
        rx.cond(AccountsState.form_error != "", rx.el.p(AccountsState.form_error, class_name="field-error", role="alert"), rx.fragment()),
        test_result(),
        rx.el.div(
            button(t("ui.close"), on_click=AccountsState.close),
            rx.el.button(
                rx.cond(AccountsState.testing, t("ui.accounts.testing"), t("ui.accounts.save")),
                type="submit",
                class_name="button primary",
                disabled=AccountsState.testing,
                data_testid="account-save",
            ),
            class_name="dialog-actions",
        ),
        class_name="form",
        on_submit=AccountsState.send,
        key=AccountsState.form_number,
    )


def limits() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(t("ui.accounts.limits"), class_name="field-title"),
        rx.el.div(
            *(
                labelled(
                    t(f"ui.accounts.limit.{name}"),
                    rx.el.input(
                        name=name,
                        class_name="input mono",
                        default_value=AccountsState.limits[place],
                        placeholder=t("ui.accounts.no_limit"),
                        input_mode="numeric",
                        auto_complete="off",
                        max_length=20,
                        data_testid=f"account-{name.replace('_', '-')}",
                    ),
                )
                for place, name in enumerate(FIELDS)
            ),
            class_name="three-fields",
        ),
        rx.el.span(t("ui.accounts.limits_help"), class_name="field-help"),
        class_name="field-group",
    )


def test_result() -> rx.Component:
    return rx.cond(
        AccountsState.tested,
        rx.el.div(
            rx.cond(AccountsState.test_ok, icon("check", 16), icon("circle-alert", 16)),
            rx.el.div(
                rx.el.p(AccountsState.test_text, class_name="strong"),
                rx.cond(AccountsState.test_remedy != "", rx.el.p(AccountsState.test_remedy), rx.fragment()),
            ),
            class_name=rx.cond(AccountsState.test_ok, "result ok", "result bad"),
            role="status",
            data_testid="test-result",
        ),
        rx.fragment(),
    )
