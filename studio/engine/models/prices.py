"""What models cost: list prices of early 2026 in US dollars per million tokens, and how a call's price is found.

The figures are those of the vendors' public price pages (platform.openai.com/docs/pricing, anthropic.com/pricing, ai.google.dev/pricing,
api-docs.deepseek.com, mistral.ai/pricing), standard tier, without discounts for batches and without surcharges for long prompts.
They change: give `Prices` your own rows for what you really pay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens. `cached` is for prompt tokens that the server had in its cache; None: no discount."""

    prompt: float
    completion: float
    cached: float | None = None


LIST_PRICES: Mapping[str, Price] = {
    "gpt-5": Price(1.25, 10.00, 0.125),
    "gpt-5-mini": Price(0.25, 2.00, 0.025),
    "gpt-5-nano": Price(0.05, 0.40, 0.005),
    "gpt-5-pro": Price(15.00, 120.00),
    "gpt-5-codex": Price(1.25, 10.00, 0.125),
    "gpt-5.1": Price(1.25, 10.00, 0.125),
    "gpt-5.4": Price(2.50, 15.00, 0.25),
    "gpt-4.1": Price(2.00, 8.00, 0.50),
    "gpt-4.1-mini": Price(0.40, 1.60, 0.10),
    "gpt-4.1-nano": Price(0.10, 0.40, 0.025),
    "gpt-4o": Price(2.50, 10.00, 1.25),
    "gpt-4o-mini": Price(0.15, 0.60, 0.075),
    "gpt-4-turbo": Price(10.00, 30.00),
    "gpt-4": Price(30.00, 60.00),
    "gpt-3.5-turbo": Price(0.50, 1.50),
    "o1": Price(15.00, 60.00, 7.50),
    "o1-mini": Price(1.10, 4.40, 0.55),
    "o3": Price(2.00, 8.00, 0.50),
    "o3-mini": Price(1.10, 4.40, 0.55),
    "o3-pro": Price(20.00, 80.00),
    "o4-mini": Price(1.10, 4.40, 0.275),
    "claude-opus-4-5": Price(5.00, 25.00, 0.50),
    "claude-opus-4-1": Price(15.00, 75.00, 1.50),
    "claude-opus-4": Price(15.00, 75.00, 1.50),
    "claude-sonnet-4-5": Price(3.00, 15.00, 0.30),
    "claude-sonnet-4": Price(3.00, 15.00, 0.30),
    "claude-haiku-4-5": Price(1.00, 5.00, 0.10),
    "claude-3-7-sonnet": Price(3.00, 15.00, 0.30),
    "claude-3-5-sonnet": Price(3.00, 15.00, 0.30),
    "claude-3-5-haiku": Price(0.80, 4.00, 0.08),
    "gemini-2.5-pro": Price(1.25, 10.00, 0.125),
    "gemini-2.5-flash": Price(0.30, 2.50, 0.03),
    "gemini-2.5-flash-lite": Price(0.10, 0.40, 0.01),
    "gemini-2.0-flash": Price(0.10, 0.40, 0.025),
    "deepseek-chat": Price(0.28, 0.42, 0.028),
    "deepseek-reasoner": Price(0.28, 0.42, 0.028),
    "mistral-large": Price(2.00, 6.00),
    "mistral-small": Price(0.10, 0.30),
    "codestral": Price(0.30, 0.90),
}

MOST_FOUND = 1_000
"""Names of models whose prices are remembered."""

_SAME_MODEL = re.compile(r"(?:[-@:](?:\d{3,8}|\d{4}-\d{2}-\d{2}|\d{2}-\d{2,4}|latest|preview|exp))*")
"""What may follow a model's name without making it another model: a date, `latest`, `preview`. "gpt-4o-mini" is no "gpt-4o"."""


class Prices:
    """The price table. `own` rows are asked first; a name that ends in `*` stands for all that begin with it."""

    def __init__(self, own: Mapping[str, Price] | None = None) -> None:
        self._own = dict(own or {})
        self._found: dict[str, Price | None] = {}

    def price(self, model: str) -> Price | None:
        """The price of a model by the longest name that fits, None where none is known (a local model, a new one)."""
        if model not in self._found:
            if len(self._found) >= MOST_FOUND:
                self._found.clear()
            self._found[model] = self._look_up(model)
        return self._found[model]

    def _look_up(self, model: str) -> Price | None:
        for table in (self._own, LIST_PRICES):
            for name in (model, model.rsplit("/", 1)[-1]):
                fitting = [row for row in table if _fits(row, name)]
                if fitting:
                    return table[max(fitting, key=len)]
        return Price(0.0, 0.0, 0.0) if model.endswith(":free") else None

    def cost(self, model: str, prompt: int, completion: int, cached: int) -> float | None:
        """US dollars for a call's tokens, `cached` of the prompt's being cheaper. None where no price is known."""
        price = self.price(model)
        if price is None:
            return None
        cached = min(cached, prompt)
        per_cached = price.prompt if price.cached is None else price.cached
        return ((prompt - cached) * price.prompt + cached * per_cached + completion * price.completion) / 1_000_000


def _fits(row: str, model: str) -> bool:
    if row.endswith("*"):
        return model.startswith(row[:-1])
    return model.startswith(row) and _SAME_MODEL.fullmatch(model, len(row)) is not None
