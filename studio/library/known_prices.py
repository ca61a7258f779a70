"""Whether a limit of money can hold: every model of the team needs a known price, or it spends nothing that anybody counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio.engine.component import Component
from studio.engine.errors import ConveneError
from studio.engine.models.base import Accounts, Model
from studio.engine.models.posting import LOOPBACK
from studio.engine.models.prices import Prices
from studio.engine.teams.team import Team


def unpriced(team: Team, accounts: Accounts, prices: Prices) -> list[str]:
    """The models of a team whose calls cost something that is not known. Those on this machine cost nothing."""
    found = []
    for model in models_in(team):
        account = getattr(model, "account", None)
        if account is None:
            continue  # it plays a script, or asks others that are found themselves
        try:
            known = accounts.account(account)
        except ConveneError:
            continue  # the run itself says what is missing, and spends nothing
        name = getattr(model, "model", "") or known.default_model
        address = getattr(model, "base_url", None) or known.base_url or ""
        if not LOOPBACK.match(address) and prices.price(name) is None:
            found.append(name or account)
    return sorted(set(found))


def models_in(value: Any) -> Iterator[Model]:
    """Every model in a team, however deep."""
    if isinstance(value, Model):
        yield value
    if isinstance(value, Component):
        for name in type(value).model_fields:
            yield from models_in(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from models_in(item)
