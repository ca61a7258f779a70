"""Whether a limit of money can hold: every model of a flow needs a known price, or it spends nothing that anybody counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio.engine.component import Component
from studio.engine.errors import ConveneError
from studio.engine.models.base import Accounts
from studio.engine.models.posting import LOOPBACK
from studio.engine.models.price_list import MINUTES
from studio.engine.models.prices import Prices
from studio.flow.document import FlowDocument
from studio.flow.resolve import resolve


def unpriced(document: FlowDocument, accounts: Accounts, prices: Prices) -> list[str]:
    """The models of a flow whose calls cost something that is not known, those that its tools ask among them.

    Those on this machine cost nothing. Raises FlowError.
    """
    found = []
    for model in _asked_in(resolve(document)):
        account = getattr(model, "account", None)
        if account is None:
            continue  # it plays a script, or asks others that are found themselves
        try:
            known = accounts.account(account)
        except ConveneError:
            continue  # the run itself says what is missing, and spends nothing
        name = getattr(model, "model", "") or known.default_model
        address = getattr(model, "base_url", None) or known.base_url or ""
        if not LOOPBACK.match(address) and prices.price(name) is None and name not in MINUTES:
            found.append(name or account)
    return sorted(set(found))


def _asked_in(value: Any) -> Iterator[Component]:
    """Everything in a component that asks a model of an account, however deep."""
    if isinstance(value, Component) and "account" in type(value).model_fields:
        yield value
    if isinstance(value, Component):
        for name in type(value).model_fields:
            yield from _asked_in(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _asked_in(item)
