"""The model servers on this machine that answer, as pages show them."""

from __future__ import annotations

import asyncio
from typing import TypedDict

from studio.api.services import services

LOOK_AROUND = 6.0
"""Seconds that looking for local model servers may take."""

MOST_MODELS = 200
"""Models that are shown of one."""


class FoundServer(TypedDict):
    name: str
    base_url: str
    models: list[str]


async def local_servers() -> list[FoundServer]:
    """Looks for them, for a moment."""
    try:
        async with asyncio.timeout(LOOK_AROUND):
            found = await services().accounts.discover()
    except TimeoutError:
        return []
    return [FoundServer(name=each.name, base_url=each.base_url, models=list(each.models)[:MOST_MODELS]) for each in found]
