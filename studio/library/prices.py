"""The price table of an installation: the list, what a file says of it, and what people wrote into it themselves."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from studio.engine.models.prices import LIST_PRICES, Price, Prices, PricesUnusable, price_of
from studio.library.errors import PriceInvalid
from studio.library.preferences import Preferences
from studio.texts import text

KEY = "prices"
"""Under which preference one's own prices are kept."""

MOST_OWN = 1_000
LONGEST_NAME = 200

Origin = Literal["list", "file", "own"]


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A model's price as it counts; `origin` says whose it is. `listed` says that the list has another one to go back to."""

    model: str
    price: Price
    origin: Origin
    listed: bool = False


class PriceTable:
    """Reads and keeps prices; `given` are those of a file. A run takes them as they are when it starts."""

    def __init__(self, preferences: Preferences, given: Mapping[str, Price] | None = None) -> None:
        self._preferences = preferences
        self._given = dict(given or {})

    def current(self) -> Prices:
        """The prices that count now."""
        return Prices({**self._given, **self._own()})

    def list(self) -> builtins.list[PriceRow]:
        """All rows by model."""
        rows = {model: PriceRow(model, price, "list") for model, price in LIST_PRICES.items()}
        rows |= {model: PriceRow(model, price, "file", model in LIST_PRICES) for model, price in self._given.items()}
        rows |= {model: PriceRow(model, price, "own", model in rows) for model, price in self._own().items()}
        return [rows[model] for model in sorted(rows)]

    def set(self, model: str, prompt: Any, completion: Any, cached: Any = None) -> None:
        """Keep one's own price of a model, in dollars per million tokens. Raises PriceInvalid, which names the field."""
        model = " ".join(model.split())
        if not model or len(model) > LONGEST_NAME:
            raise PriceInvalid("model", text("prices.model_wanted"), text("prices.model_wanted.remedy"))
        given = {"prompt": _number("prompt", prompt), "completion": _number("completion", completion)}
        if cached is not None and cached != "":
            given["cached"] = _number("cached", cached)
        kept = self._kept()
        if model not in kept and len(kept) >= MOST_OWN:
            raise PriceInvalid("model", text("prices.too_many", limit=MOST_OWN), text("prices.too_many.remedy"))
        self._preferences.set(KEY, {**kept, model: given})

    def reset(self, model: str) -> None:
        """Take one's own price of a model away; the list's counts again, if it has one."""
        kept = self._kept()
        if kept.pop(model, None) is not None:
            self._preferences.set(KEY, kept)

    def _kept(self) -> dict[str, Any]:
        kept = self._preferences.get(KEY, {})
        return kept if isinstance(kept, dict) else {}

    def _own(self) -> dict[str, Price]:
        own = {}
        for model, value in self._kept().items():
            try:
                own[str(model)] = price_of(value, str(model))
            except PricesUnusable:
                continue
        return own


def _number(field: str, value: Any) -> float:
    try:
        number = float(str(value).strip().replace(",", ".").removeprefix("$"))
        price_of({"prompt": number, "completion": number}, field)
    except (ValueError, PricesUnusable):
        raise PriceInvalid(
            field, text("prices.number_wanted", field=text(f"prices.{field}")), text("prices.number_wanted.remedy")
        ) from None
    return number
