"""What Reflex imports and the studio never uses, kept out of the process: a fifth of its start and of its memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

CLIENTS = ("aiohttp", "requests", "websocket")
"""What the clients of Socket.IO would use, which itself calls them optional; we only serve."""


@contextmanager
def without_clients() -> Iterator[None]:
    """Imports in the block find these packages missing, unless they are loaded already. Afterwards they can be imported again."""
    hidden = [name for name in CLIENTS if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def without_redis() -> None:
    """Puts two names where Reflex looks for Redis; whoever asks for more of it learns that it is not installed.

    Reflex imports the package for these two names whatever is configured. States are kept in memory here.
    """
    if "redis" in sys.modules:
        return
    package, client = ModuleType("redis"), ModuleType("redis.asyncio")
    package.__path__ = []
    package.__dict__.update(ResponseError=type("ResponseError", (Exception,), {}), asyncio=client)
    client.__dict__.update(Redis=type("Redis", (), {}))
    sys.modules |= {"redis": package, "redis.asyncio": client}
