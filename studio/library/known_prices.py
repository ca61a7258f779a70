"""Whether a limit of money can hold: every model of a flow needs a known price, or it spends nothing that anybody counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio.engine.component import Component
from studio.engine.errors import ConveneError
from studio.engine.models.base import Accounts, Model
from studio.engine.models.posting import LOOPBACK
from studio.engine.models.prices import Prices
from studio.flow.document import FlowDocument
from studio.flow.resolve import resolve


def unpriced(document: FlowDocument, accounts: Accounts, prices: Prices) -> list[str]:
    """The models of a flow whose calls cost something that is not known. Those on this machine cost nothing. Raises FlowError."""
    found = []
    for model in _models_in(resolve(document)):
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


def _models_in(value: Any) -> Iterator[Model]:
    """Every model in a component, however deep."""
    if isinstance(value, Model):
        yield value
    if isinstance(value, Component):
        for name in type(value).model_fields:
            yield from _models_in(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _models_in(item)
