"""Money as a person reads it, which says what is not known."""

from __future__ import annotations

from studio.texts import text


def money(cost: float | None, unpriced: int) -> str:
    """Dollars; "unknown" where no price is known, "at least" where some calls have none."""
    if cost is None:
        return text("ui.spending.unknown")
    amount = f"${cost:,.2f}" if cost >= 1 or not cost else f"${cost:.4f}"
    return text("ui.spending.at_least", amount=amount) if unpriced else amount
