"""Connections that tools hold open during a run: opened once, closed by the task that opened them.

Most are closed when a run comes to rest. What a person left half done in a browser cannot be made anew: that outlasts a wait for a
person, for a while, and is taken up again by whoever goes on with the run in the same process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, TypeVar

Got = TypeVar("Got")

CLOSING = 0.8
"""Seconds that a connection may take to close before it is cancelled; a run that is stopped ends within a second."""
GIVING_UP = 2.0
"""Seconds that a cancelled connection may take before it is left behind."""


KEPT = 600.0
"""Seconds for which a connection outlasts a wait."""


class _Held:
    """One open connection and the task that entered its context, which alone may leave it."""

    def __init__(self, opener: Callable[[], AbstractAsyncContextManager[Any]], outlasts: bool = False) -> None:
        self.outlasts = outlasts
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


_waiting: dict[str, dict[str, tuple[_Held, asyncio.TimerHandle]]] = {}
"""What outlasts the waits of runs, by their folders and by key."""


async def let_go(folder: Path) -> None:
    """Close what outlasts waits of the run with this folder, or of those whose folders lie in it: nobody here will go on with them."""
    left = [name for name in _waiting if folder in (Path(name), *Path(name).parents)]
    waiting = [each for name in left for each in _waiting.pop(name).values()]
    for _, timer in waiting:
        timer.cancel()
    await asyncio.gather(*(held.close() for held, _ in waiting), return_exceptions=True)


def _too_long(folder: Path) -> None:
    task = asyncio.get_running_loop().create_task(let_go(folder))
    _ending.add(task)
    task.add_done_callback(_ending.discard)


_ending: set[asyncio.Task[None]] = set()


class Resources:
    """The open connections of one run, by key. `folder` is the run's, where it may be gone on with after a wait."""

    def __init__(self, folder: Callable[[], Path] | None = None) -> None:
        self._folder = folder
        self._held: dict[str, _Held] = {}

    @property
    def open(self) -> bool:
        """Whether there is anything to close."""
        return bool(self._held) or (bool(_waiting) and self._folder is not None and str(self._folder()) in _waiting)

    async def opened(self, key: str, opener: Callable[[], AbstractAsyncContextManager[Got]], *, outlasts: bool = False) -> Got:
        """What `opener` gives, opened at the first call and shared afterwards. Raises what opening raised, and then forgets it.

        Cancelling one who waits does not end the opening: others may wait for the same. What `outlasts` a wait for a person is the
        same before and after it.
        """
        held = self._held.get(key) or self._taken_up(key)
        if held is None or held.task.done():
            held = self._held[key] = _Held(opener, outlasts)
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

    def _taken_up(self, key: str) -> _Held | None:
        """What was left open for this run when it came to rest."""
        if not _waiting or self._folder is None:
            return None
        held, timer = _waiting.get(str(self._folder()), {}).pop(key, (None, None))
        if held is None or timer is None or held.task.get_loop() is not asyncio.get_running_loop():
            return None
        timer.cancel()
        self._held[key] = held
        return held

    async def close(self, *, rests: bool = False) -> None:
        """Close all, at the same time; where the run only `rests`, what outlasts that stays. Never raises."""
        held, self._held = self._held, {}
        staying = {key: each for key, each in held.items() if rests and each.outlasts and not each.task.done()}
        if staying and self._folder is not None:
            folder, loop = self._folder(), asyncio.get_running_loop()
            there = _waiting.setdefault(str(folder), {})
            for key, each in staying.items():
                there[key] = each, loop.call_later(KEPT, _too_long, folder)
        elif not rests and self._folder is not None and _waiting:
            await let_go(self._folder())
        closing = [each.close() for key, each in held.items() if key not in staying or self._folder is None]
        await asyncio.gather(*closing, return_exceptions=True)
