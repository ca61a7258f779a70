"""What models cost: the price table, searched, changed and taken back."""

from __future__ import annotations

from typing import Any, TypedDict

import reflex as rx

from components.shell import Dialog
from studio.api.services import services
from studio.texts import text
from studio.ui.shared.controls import button, chip, icon, icon_button, labelled
from studio.ui.shared.notices import done, told
from studio.ui.words import t

MOST_SHOWN = 200
"""Rows that the page holds; the rest are found by searching."""


class PriceLine(TypedDict):
    model: str
    prompt: str
    cached: str
    completion: str
    origin: str
    source: str


class PricesState(rx.State):
    """The rows that fit what is searched for, and the one that is being changed."""

    rows: list[PriceLine] = []
    more: int = 0
    query: str = ""
    shown: bool = False

    editing: bool = False
    form_number: int = 0
    given: PriceLine = {"model": "", "prompt": "", "cached": "", "completion": "", "origin": "", "source": ""}
    error: str = ""

    @rx.event
    @told
    def unfold(self) -> None:
        self.shown = not self.shown
        self._read()

    @rx.event
    @told
    def search(self, query: str) -> None:
        self.query = query[:100]
        self._read()

    @rx.event
    def add(self) -> None:
        self._form({"model": self.query.strip(), "prompt": "", "cached": "", "completion": "", "origin": "", "source": ""})

    @rx.event
    def edit(self, model: str) -> None:
        for row in self.rows:
            if row["model"] == model:
                self._form(row)

    @rx.event
    def close(self) -> None:
        self.editing = False

    @rx.event
    def save(self, form: dict[str, Any]) -> Any:
        from studio.engine.errors import ConveneError

        model = str(form.get("model") or "")
        try:
            services().prices.set(model, form.get("prompt"), form.get("completion"), form.get("cached"))
        except ConveneError as error:
            self.error = str(error)
            return None
        self.editing = False
        self._read()
        return done(text("ui.prices.saved", model=model))

    @rx.event
    @told
    def reset_price(self, model: str) -> Any:
        services().prices.reset(model)
        self._read()
        return done(text("ui.prices.reset_done", model=model))

    def _form(self, row: PriceLine) -> None:
        self.given, self.error, self.editing = row, "", True
        self.form_number += 1

    def _read(self) -> None:
        wanted = self.query.lower().split()
        fitting = [row for row in services().prices.list() if all(word in row.model.lower() for word in wanted)]
        fitting.sort(key=lambda row: row.origin != "own")
        self.more = max(0, len(fitting) - MOST_SHOWN)
        self.rows = [
            {
                "model": row.model,
                "prompt": dollars(row.price.prompt),
                "cached": "" if row.price.cached is None else dollars(row.price.cached),
                "completion": dollars(row.price.completion),
                "origin": row.origin,
                "source": " · ".join(part for part in (row.price.source, row.price.read) if part),
            }
            for row in fitting[:MOST_SHOWN]
        ]


def dollars(amount: float) -> str:
    """A price as people write it: 1.25, 0.0028, 10."""
    return f"{amount:.6f}".rstrip("0").rstrip(".")


def prices() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.div(rx.el.h2(t("ui.prices.title")), rx.el.p(t("ui.prices.about"), class_name="muted"), class_name="section-title grow"),
            button(
                rx.cond(PricesState.shown, t("ui.prices.hide"), t("ui.prices.show")),
                test="prices",
                aria_expanded=PricesState.shown,
                on_click=PricesState.unfold,
            ),
            class_name="section-head",
        ),
        rx.cond(PricesState.shown, rx.fragment(_search(), _table()), rx.fragment()),
        _dialog(),
        class_name="section",
    )


def _search() -> rx.Component:
    return rx.el.div(
        rx.el.input(
            type="search",
            class_name="input search grow",
            placeholder=t("ui.prices.search"),
            aria_label=t("ui.prices.search"),
            default_value=PricesState.query,
            on_change=PricesState.search.debounce(200),
            data_testid="price-search",
        ),
        button(icon("plus", 15), t("ui.prices.add"), test="add-price", on_click=PricesState.add),
        class_name="row",
    )


def _table() -> rx.Component:
    columns = (("ui.prices.model", ""), ("prices.prompt", "right"), ("prices.cached", "right"), ("prices.completion", "right"))
    head = [rx.el.th(t(key), class_name=look, scope="col") for key, look in columns]
    return rx.cond(
        PricesState.rows.length() > 0,
        rx.el.div(
            rx.el.table(
                rx.el.thead(rx.el.tr(*head, rx.el.th(t("ui.prices.where"), scope="col"), rx.el.th(""))),
                rx.el.tbody(rx.foreach(PricesState.rows, _row)),
                class_name="figures",
            ),
            rx.cond(PricesState.more > 0, rx.el.p(t("ui.prices.more", count=PricesState.more), class_name="muted pad"), rx.fragment()),
            class_name="figures-box",
            role="region",
            tab_index=0,
            aria_label=t("ui.prices.title"),
            data_testid="price-table",
        ),
        rx.el.p(t("ui.prices.none"), class_name="muted", role="status"),
    )


def _row(row: rx.Var[PriceLine]) -> rx.Component:
    model = row["model"].to(str)
    return rx.el.tr(
        rx.el.td(rx.el.span(model, class_name="mono")),
        rx.el.td(row["prompt"], class_name="right mono"),
        rx.el.td(rx.cond(row["cached"] != "", row["cached"], "–"), class_name="right mono"),
        rx.el.td(row["completion"], class_name="right mono"),
        rx.el.td(
            rx.match(
                row["origin"],
                ("own", chip(t("ui.prices.own"))),
                ("file", chip(t("ui.prices.file"))),
                rx.el.span(row["source"], class_name="muted small-text"),
            )
        ),
        rx.el.td(
            icon_button("square-pen", t("ui.prices.edit_named", model=model), size=14, on_click=PricesState.edit(model)),
            rx.cond(
                row["origin"] == "own",
                icon_button("rotate-ccw", t("ui.prices.reset_named", model=model), size=14, on_click=PricesState.reset_price(model)),
                rx.fragment(),
            ),
            class_name="right nowrap",
        ),
        key=model,
    )


def _dialog() -> rx.Component:
    amount: dict[str, Any] = {"class_name": "input mono", "input_mode": "decimal", "auto_complete": "off"}
    return Dialog.create(
        rx.el.form(
            labelled(
                t("ui.prices.model"),
                rx.el.input(
                    name="model",
                    class_name="input mono",
                    default_value=PricesState.given["model"],
                    required=True,
                    max_length=200,
                    auto_complete="off",
                    spell_check=False,
                    data_testid="price-model",
                ),
                t("ui.prices.model_help"),
            ),
            labelled(
                t("prices.prompt"),
                rx.el.input(name="prompt", default_value=PricesState.given["prompt"], required=True, data_testid="price-prompt", **amount),
                t("ui.prices.unit"),
            ),
            labelled(
                t("prices.cached"),
                rx.el.input(name="cached", default_value=PricesState.given["cached"], data_testid="price-cached", **amount),
                t("ui.prices.cached_help"),
            ),
            labelled(
                t("prices.completion"),
                rx.el.input(
                    name="completion", default_value=PricesState.given["completion"], required=True, data_testid="price-answer", **amount
                ),
                t("ui.prices.unit"),
            ),
            rx.cond(PricesState.error != "", rx.el.p(PricesState.error, class_name="field-error", role="alert"), rx.fragment()),
            rx.el.div(
                button(t("ui.cancel"), on_click=PricesState.close),
                rx.el.button(t("ui.prices.save"), type="submit", class_name="button primary", data_testid="price-save"),
                class_name="dialog-actions",
            ),
            class_name="form",
            on_submit=PricesState.save,
            key=PricesState.form_number,
        ),
        open=PricesState.editing,
        title=t("ui.prices.form"),
        test_id="price-dialog",
        on_close=PricesState.close,
    )
