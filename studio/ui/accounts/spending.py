"""What was spent: calls, tokens and money of each account and model, over all runs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TypedDict

import reflex as rx

from studio.api.services import services
from studio.runs.spending import Spent
from studio.ui.shared.money import money
from studio.ui.shared.notices import failure
from studio.ui.words import t

MOST_SHOWN = 100
"""Lines that the page holds, the most expensive ones."""


class SpentLine(TypedDict):
    key: str
    account: str
    model: str
    calls: str
    tokens: str
    cached: str
    money: str


class SpendingState(rx.State):
    """Read when the page is opened; the sums are kept, so that only new events are read."""

    lines: list[SpentLine] = []
    total: str = ""
    counted: bool = False

    @rx.event(background=True)
    async def read_spending(self) -> object:
        from studio.engine.errors import ConveneError

        try:
            found = await asyncio.to_thread(services().runs.spending)
        except ConveneError as error:
            return failure(error)
        async with self:
            self._show(found)
        return None

    def _show(self, found: Sequence[Spent]) -> None:
        self.lines = [
            {
                "key": f"{number}",
                "account": each.account or "–",
                "model": each.model or "–",
                "calls": f"{each.calls:,}",
                "tokens": f"{each.prompt_tokens:,} + {each.completion_tokens:,}",
                "cached": f"{each.cached_tokens:,}" if each.cached_tokens else "",
                "money": money(each.cost, each.unpriced),
            }
            for number, each in enumerate(found[:MOST_SHOWN])
        ]
        known = [each.cost for each in found if each.cost is not None]
        self.total = money(sum(known) if known else None, sum(each.unpriced for each in found)) if found else ""
        self.counted = True


def spending() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.div(
                rx.el.h2(t("ui.spending.title")), rx.el.p(t("ui.spending.about"), class_name="muted"), class_name="section-title grow"
            ),
            rx.cond(
                SpendingState.total != "", rx.el.span(SpendingState.total, class_name="strong", data_testid="spent-total"), rx.fragment()
            ),
            class_name="section-head",
        ),
        rx.cond(
            SpendingState.lines.length() > 0,
            _table(),
            rx.el.p(rx.cond(SpendingState.counted, t("ui.spending.none"), t("ui.spending.counting")), class_name="muted", role="status"),
        ),
        class_name="section",
    )


def _table() -> rx.Component:
    columns = (("account", ""), ("model", ""), ("calls", "right"), ("tokens", "right"), ("cached", "right"), ("money", "right"))
    return rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*(rx.el.th(t(f"ui.spending.{name}"), class_name=look, scope="col") for name, look in columns))),
            rx.el.tbody(rx.foreach(SpendingState.lines, _line)),
            class_name="figures",
        ),
        class_name="figures-box",
        role="region",
        tab_index=0,
        aria_label=t("ui.spending.title"),
        data_testid="spending",
    )


def _line(line: rx.Var[SpentLine]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(line["account"], class_name="strong"),
        rx.el.td(line["model"], class_name="mono"),
        rx.el.td(line["calls"], class_name="right mono"),
        rx.el.td(line["tokens"], class_name="right mono"),
        rx.el.td(line["cached"], class_name="right mono muted"),
        rx.el.td(line["money"], class_name="right mono"),
        key=line["key"],
    )
