"""What models cost, and how a call's price is found: one's own rows first, then the list."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from studio.engine.errors import ConveneError
from studio.engine.models.price_list import VENDORS
from studio.texts import text

PRICES_FILE = "CONVENE_PRICES"
"""The variable that names a file of one's own prices: JSON, {"model": {"prompt": 1.25, "completion": 10, "cached": 0.125}}."""

LARGEST_FILE = 1_000_000
HIGHEST = 1_000_000.0
"""Dollars per million tokens that are taken for a price."""

MOST_FOUND = 1_000
"""Models whose price is kept once it was looked for."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens. `cached` is for prompt tokens that the server had in its cache; None: no discount."""

    prompt: float
    completion: float
    cached: float | None = None
    source: str = ""
    read: str = ""


EXAMPLE = '{"model": {"prompt": 1.25, "completion": 10}}'
"""How prices are written."""


class PricesUnusable(ConveneError):
    code = "prices"

    def __init__(self, where: str, why: str) -> None:
        super().__init__(text("engine.prices.unusable", where=where, why=why), text("engine.prices.unusable.remedy", example=EXAMPLE))


LIST_PRICES: Mapping[str, Price] = {
    model: Price(prompt, completion, cached, vendor.source, vendor.read)
    for vendor in VENDORS
    for model, prompt, cached, completion in vendor.rows
}

_SAME_MODEL = re.compile(r"(?:[-@:](?:\d{3,8}|v\d+:\d+|\d{4}-\d{2}-\d{2}|\d{2}-\d{2,4}|latest|preview|exp))*")
"""What may follow a model's name without making it another model: a date, `latest`, `preview`. "gpt-4o-mini" is no "gpt-4o"."""

_BEFORE = re.compile(r"^(?:[a-z]{2}\.)?(?:[\w-]+\.)?(?=claude-)|^models/")
"""What clouds put before a model's name: a region and a vendor, or the word `models`."""


class Prices:
    """The price table. `own` rows are asked first; a name that ends in `*` stands for all that begin with it.

    Without any given, they are those of the file that CONVENE_PRICES names. Raises PricesUnusable when that cannot be used.
    """

    def __init__(self, own: Mapping[str, Price] | None = None) -> None:
        self._own = dict(prices_of_environment() if own is None else own)
        self._found: dict[str, Price | None] = {}

    def price(self, model: str) -> Price | None:
        """The price of a model by the longest name that fits, None where none is known (a local model, a new one)."""
        if not self._own:
            return _listed(model)
        if model not in self._found:
            if len(self._found) > MOST_FOUND:
                self._found.clear()
            self._found[model] = _fitting(self._own, model) or _listed(model)
        return self._found[model]

    def cost(self, model: str, prompt: int, completion: int, cached: int) -> float | None:
        """US dollars for a call's tokens, `cached` of the prompt's being cheaper. None where no price is known."""
        price = self.price(model)
        if price is None:
            return None
        cached = min(cached, prompt)
        per_cached = price.prompt if price.cached is None else price.cached
        return ((prompt - cached) * price.prompt + cached * per_cached + completion * price.completion) / 1_000_000


@lru_cache(MOST_FOUND)
def _listed(model: str) -> Price | None:
    """The list is the same for all runs: a model is looked for in it once."""
    return _fitting(LIST_PRICES, model) or (Price(0.0, 0.0, 0.0) if model.endswith(":free") else None)


def _fitting(table: Mapping[str, Price], model: str) -> Price | None:
    last = model.rsplit("/", 1)[-1]
    names = dict.fromkeys((model, last, last.lower(), _BEFORE.sub("", last.lower()), last.lower().replace(".", "-")))
    for name in names:
        fitting = [row for row in table if _fits(row, name)]
        if fitting:
            return table[max(fitting, key=len)]
    return None


def price_of(value: Any, where: str) -> Price:
    """A price from its JSON. Raises PricesUnusable, which names the place."""
    if not isinstance(value, dict):
        raise PricesUnusable(where, text("engine.prices.no_object"))
    if unknown := sorted(set(map(str, value)) - {"prompt", "completion", "cached", "source", "read"}):
        raise PricesUnusable(where, text("engine.prices.unknown_part", part=unknown[0]))
    for name in ("prompt", "completion", "cached"):
        number = value.get(name)
        if number is None and name == "cached":
            continue
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number) or not 0 <= number <= HIGHEST:
            raise PricesUnusable(where, text("engine.prices.no_amount", part=name, highest=f"{HIGHEST:,.0f}"))
    cached = value.get("cached")
    return Price(
        float(value["prompt"]),
        float(value["completion"]),
        None if cached is None else float(cached),
        str(value.get("source") or "")[:200],
        str(value.get("read") or "")[:20],
    )


def prices_of_file(path: str | Path) -> dict[str, Price]:
    """The prices in a file. Raises PricesUnusable."""
    where = Path(path).name
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise PricesUnusable(where, text("engine.prices.too_large", count=f"{LARGEST_FILE:,}"))
        told = json.loads(content)
    except OSError as error:
        raise PricesUnusable(str(path), error.strerror or text("engine.prices.unreadable")) from None
    except (ValueError, RecursionError):
        raise PricesUnusable(where, text("engine.prices.no_json")) from None
    if not isinstance(told, dict):
        raise PricesUnusable(where, text("engine.prices.not_by_model"))
    return {str(model): price_of(value, f"{where}, {model}") for model, value in told.items()}


def prices_of_environment(environment: Mapping[str, str] | None = None) -> dict[str, Price]:
    """The prices in the file that CONVENE_PRICES names; none without the variable. Raises PricesUnusable."""
    path = (os.environ if environment is None else environment).get(PRICES_FILE, "").strip()
    return prices_of_file(path) if path else {}


def _fits(row: str, model: str) -> bool:
    if row.endswith("*"):
        return model.startswith(row[:-1])
    return model.startswith(row) and _SAME_MODEL.fullmatch(model, len(row)) is not None
