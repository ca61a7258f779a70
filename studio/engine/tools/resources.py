"""Connections that tools hold open during a run: opened once, closed by the task that opened them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

Got = TypeVar("Got")

CLOSING = 0.8
"""Seconds that a connection may take to close before it is cancelled; a run that is stopped ends within a second."""
GIVING_UP = 2.0
"""Seconds that a cancelled connection may take before it is left behind."""


class _Held:
    """One open connection and the task that entered its context, which alone may leave it."""

    def __init__(self, opener: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
        loop = asyncio.get_running_loop()
        self.value: asyncio.Future[Any] = loop.create_future()
        self.over = asyncio.Event()
        self.task = loop.create_task(self._hold(opener))

    async def _hold(self, opener: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
        try:
            async with opener() as value:
                if not self.value.done():
                    self.value.set_result(value)
                await self.over.wait()
        except asyncio.CancelledError:
            self.value.cancel()
            raise
        except BaseException as mistake:
            if self.value.done():
                raise
            self.value.set_exception(mistake)

    async def close(self) -> None:
        self.over.set()
        if self.value.done():
            await asyncio.wait([self.task], timeout=CLOSING)
        self.task.cancel()
        await asyncio.wait([self.task], timeout=GIVING_UP)
        for each in (self.value, self.task):
            if each.done() and not each.cancelled():
                each.exception()  # looked at: nobody may have waited for it


class Resources:
    """The open connections of one run, by key."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}

    @property
    def open(self) -> bool:
        """Whether there is anything to close."""
        return bool(self._held)

    async def opened(self, key: str, opener: Callable[[], AbstractAsyncContextManager[Got]]) -> Got:
        """What `opener` gives, opened at the first call and shared afterwards. Raises what opening raised, and then forgets it.

        Cancelling one who waits does not end the opening: others may wait for the same.
        """
        held = self._held.get(key)
        if held is None or held.task.done():
            held = self._held[key] = _Held(opener)
        try:
            value: Got = await asyncio.shield(held.value)
        except Exception:
            if self._held.get(key) is held:
                del self._held[key]
            raise
        return value

    async def drop(self, key: str) -> None:
        """Close one connection, so that the next `opened` opens it anew."""
        held = self._held.pop(key, None)
        if held is not None:
            await held.close()

    async def close(self) -> None:
        """Close all, at the same time. Never raises."""
        held, self._held = list(self._held.values()), {}
        await asyncio.gather(*(each.close() for each in held), return_exceptions=True)
