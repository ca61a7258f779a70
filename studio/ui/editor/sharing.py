"""One switch that opens a flow to others: its address, its token, which is shown once, and the limits of every run."""

from __future__ import annotations

from math import isfinite, nan
from typing import Any

import reflex as rx

from components.shell import Dialog
from studio.api.guard import SHARES, is_loopback
from studio.api.services import current_settings, services
from studio.engine.errors import ConveneError
from studio.library.known_prices import unpriced
from studio.library.shares import OFFERED, Terms, TermsRefused
from studio.texts import text
from studio.ui.editor.state import EditorState
from studio.ui.shared.controls import button, icon, labelled
from studio.ui.shared.notices import done, told
from studio.ui.words import t

FIELDS = ("money", "seconds", "in_all", "at_once", "per_minute")
"""The limits that are numbers, in their order in the form."""


class SharingState(rx.State):
    """Read anew whenever the dialog is opened. A token is in it from its making until the dialog is closed, and nowhere after that."""

    flow: str = ""
    is_open: bool = False
    shared: bool = False
    address: str = ""
    token: str = ""
    hint: str = ""
    limits: list[str] = ["", "", "", "", ""]
    origins: str = ""
    form_number: int = 0
    form_error: str = ""
    warning: str = ""
    only_here: bool = True

    @rx.event
    @told
    def show(self, flow: str) -> Any:
        self.flow, self.token = flow, ""
        self.only_here = is_loopback(current_settings().host)
        self._read()
        self.is_open = True

    @rx.event
    def hide(self) -> None:
        self.is_open, self.token = False, ""

    @rx.event
    @told
    def switch(self, flow: str, on: bool) -> Any:
        """Opens the flow to others with the limits that stand in the form, or closes it."""
        if on:
            return self._open(flow)
        services().shares.close(flow)
        self.token = ""
        self._read()
        return done(text("ui.share.closed"))

    @rx.event
    @told
    def new_token(self, flow: str) -> Any:
        """Another token; the one before opens nothing any more."""
        return self._open(flow)

    @rx.event
    @told
    def keep(self, form: dict[str, Any]) -> Any:
        """Keeps other limits."""
        try:
            terms = _terms_in(form)
            services().shares.set_terms(str(form.get("flow") or self.flow), terms)
        except TermsRefused as refused:
            self.form_error = f"{refused.sentence} {refused.remedy}"
            return None
        self._read()
        return done(text("ui.share.kept"))

    def _open(self, flow: str) -> Any:
        known = services().shares.of(flow)
        _, self.token = services().shares.open(flow, known.terms if known is not None else OFFERED)
        self.flow = flow
        self._read()

    def _read(self) -> None:
        share = services().shares.of(self.flow)
        terms = share.terms if share is not None else OFFERED
        self.shared = share is not None and share.open
        self.hint = share.hint if share is not None else ""
        self.address = f"{self.router.headers.origin}{SHARES}{share.id}/" if share is not None else ""
        self.limits = [_written(getattr(terms, name)) for name in FIELDS]
        self.origins = "\n".join(terms.origins)
        self.form_number += 1
        self.form_error = ""
        self.warning = _warning(self.flow)


def _warning(flow: str) -> str:
    """Why guests could not run it yet; empty when they can."""
    opened = services()
    try:
        missing = unpriced(opened.flows.get(flow).document, opened.accounts, opened.prices.current())
    except ConveneError as problem:
        return problem.sentence
    return text("ui.share.no_price", models=", ".join(missing)) if missing else ""


def _written(limit: float | None) -> str:
    return "" if limit is None else f"{limit:g}"


def _terms_in(form: dict[str, Any]) -> Terms:
    """What stands in the form; what is no number is no limit that could hold, and is refused as such."""
    money, seconds, in_all, at_once, per_minute = (_number(form.get(name)) for name in FIELDS)
    return Terms(money, seconds, in_all, _count(at_once), _count(per_minute), tuple(str(form.get("origins") or "").split()))


def _count(number: float | None) -> int:
    """A whole number; 0 for what is none."""
    return int(number) if number is not None and isfinite(number) and number == int(number) else 0


def _number(written: Any) -> float | None:
    told = str(written or "").strip().replace(",", "")
    try:
        return float(told) if told else None
    except ValueError:
        return nan


def share_button() -> rx.Component:
    """The button of the bar that opens the dialog."""
    return button(
        icon("users", 15),
        rx.el.span(t("ui.share.title"), class_name="roomy-only"),
        look="wide-only",
        test="share-button",
        aria_label=t("ui.share.title"),
        on_click=SharingState.show(EditorState.flow),
    )


def sharing_dialog() -> rx.Component:
    return Dialog.create(
        rx.el.p(t("ui.share.about"), class_name="muted"),
        rx.el.label(
            rx.el.input(
                type="checkbox",
                role="switch",
                checked=SharingState.shared,
                on_change=lambda on: SharingState.switch(SharingState.flow, on),
                data_testid="share-switch",
            ),
            rx.el.span(t("ui.share.switch"), class_name="strong"),
            class_name="row",
        ),
        rx.cond(
            SharingState.warning != "", rx.el.p(SharingState.warning, class_name="field-error", data_testid="share-warning"), rx.fragment()
        ),
        rx.cond(SharingState.shared, _address(), rx.fragment()),
        rx.cond(SharingState.shared, _limits(), rx.fragment()),
        open=SharingState.is_open & (SharingState.flow == EditorState.flow),
        title=t("ui.share.of_flow"),
        test_id="share-dialog",
        on_close=SharingState.hide,
    )


def _address() -> rx.Component:
    return rx.fragment(
        labelled(
            t("ui.share.address"),
            _shown(SharingState.address, "share-address"),
            rx.cond(SharingState.only_here, t("ui.share.only_here"), ""),
        ),
        rx.cond(
            SharingState.token != "",
            labelled(t("ui.share.token"), _shown(SharingState.token, "share-token"), t("ui.share.token_once")),
            rx.el.p(t("ui.share.token_ends", hint=SharingState.hint), class_name="muted"),
        ),
        rx.el.div(
            rx.cond(
                SharingState.token != "",
                rx.el.a(
                    t("ui.share.page"),
                    href=SharingState.address + "#" + SharingState.token,
                    target="_blank",
                    rel="noopener",
                    class_name="button",
                    data_testid="share-page",
                ),
                rx.fragment(),
            ),
            rx.el.a(t("ui.share.docs"), href=SharingState.address + "docs", target="_blank", rel="noopener", class_name="button quiet"),
            button(t("ui.share.new_token"), look="quiet", test="share-new-token", on_click=SharingState.new_token(SharingState.flow)),
            class_name="row wrap",
        ),
    )


def _shown(value: rx.Var[str], test: str) -> rx.Component:
    """Something to copy: a field that cannot be changed, and a button that copies it."""
    return rx.el.span(
        rx.el.input(value=value, read_only=True, class_name="input mono grow", data_testid=test),
        button(icon("copy", 14), aria_label=t("ui.share.copy"), on_click=rx.set_clipboard(value)),
        class_name="row",
    )


def _limits() -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="flow", value=SharingState.flow),
        rx.el.div(
            *(
                labelled(
                    t(f"share.field.{name}"),
                    rx.el.input(
                        name=name,
                        class_name="input mono",
                        default_value=SharingState.limits[place],
                        input_mode="decimal",
                        auto_complete="off",
                        max_length=12,
                        data_testid=f"share-{name}",
                    ),
                )
                for place, name in enumerate(FIELDS)
            ),
            class_name="three-fields",
        ),
        labelled(
            t("ui.share.origins"),
            rx.el.textarea(
                name="origins",
                class_name="input mono",
                default_value=SharingState.origins,
                rows="2",
                spell_check=False,
                placeholder="https://example.com",
                data_testid="share-origins",
            ),
            t("ui.share.origins_help"),
        ),
        rx.cond(SharingState.form_error != "", rx.el.p(SharingState.form_error, class_name="field-error", role="alert"), rx.fragment()),
        rx.el.div(button(t("ui.share.keep"), type="submit", look="primary", test="share-keep"), class_name="dialog-actions"),
        class_name="form",
        on_submit=SharingState.keep,
        key=SharingState.form_number,
    )
