"""Stops when so much money is spent."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.conditions.condition import Condition, Met, Progress
from studio.texts import text


class MoneyLimit(Condition):
    kind: ClassVar[str] = "money_limit"
    title: ClassVar[str] = "Money"
    summary: ClassVar[str] = "When so much money is spent"

    dollars: Annotated[float, Field(title="US dollars", gt=0), Widget("money")] = 0.5

    def check(self, progress: Progress) -> Met | None:
        usage = progress.usage
        spent = usage.cost or 0.0
        if spent < self.dollars:
            return None
        key = "engine.stop.money_at_least" if usage.unpriced else "engine.stop.money"
        return Met(text(key, spent=f"{spent:.4f}", limit=f"{self.dollars:g}"), self.kind)
