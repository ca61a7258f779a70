"""Asking a server which models it offers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from studio.engine.models import openai_errors
from studio.engine.models.base import Account
from studio.engine.models.connections import Connection, Reach, reach
from studio.engine.models.openai_errors import Place
from studio.texts import text

if TYPE_CHECKING:
    from openai import AsyncOpenAI

MOST_MODELS = 2_000
"""Names that are listed; some brokers offer hundreds."""


async def offered_models(account: Account, timeout: float = 10.0) -> tuple[str, ...]:
    """The names that `GET /models` gives, in order, within `timeout` seconds.

    Raises ModelRefused (a wrong key, a wrong address), ModelUnavailable (nobody there), ModelAnswerBroken (no list of models).
    """
    at = reach(account)
    place = Place(at.base_url, account.name, account.key, text("engine.model.list_of_models"), timeout)
    if not place.is_web:
        raise openai_errors.bad_address(place)
    connection: Connection[AsyncOpenAI] = Connection(place.url, account.key)
    try:
        async with asyncio.timeout(timeout):
            listed = await _listed(connection, at, timeout)
        return _names(listed)
    except Exception as error:
        raise openai_errors.failure(error, place) from None
    finally:
        await connection.close()


async def _listed(connection: Connection[AsyncOpenAI], at: Reach, timeout: float) -> object:
    sdk = await connection.sdk()
    from openai import Omit, Timeout

    headers: dict[str, str | Omit] = {"Authorization": Omit(), **at.headers}
    return await sdk.get(at.models, cast_to=object, options={"timeout": Timeout(timeout), "headers": headers, "params": at.query})


def _names(listed: Any) -> tuple[str, ...]:
    """Raises ValueError when it is no list of models."""
    data = listed.get("data", listed.get("models")) if isinstance(listed, dict) else listed
    if not isinstance(data, list):
        raise ValueError("no list of models")
    named = (entry.get("id") or entry.get("name") if isinstance(entry, dict) else entry for entry in data)
    return tuple(sorted({name for name in named if isinstance(name, str) and name}))[:MOST_MODELS]
