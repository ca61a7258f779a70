"""How many requests an account answers at once: places that are taken, left and handed on in the order of asking."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """Somebody's claim on a place; `given` is done once the place is theirs."""

    loop: asyncio.AbstractEventLoop
    given: asyncio.Future[None]

    async def wait(self, seconds: float) -> bool:
        """Whether the place is given within so many seconds; the claim stays in its row either way."""
        if not self.given.done():
            await asyncio.wait((self.given,), timeout=seconds)
        return self.given.done()


@dataclass(slots=True)
class Places:
    """The places of one account. Safe for several threads and event loops; a `limit` of 0 is none."""

    limit: int = 0
    _taken: int = 0
    _waiting: deque[Claim] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def claim(self) -> Claim:
        """A claim behind all that are there already, given at once where a place is free. It has to be left in any case."""
        loop = asyncio.get_running_loop()
        claim = Claim(loop, loop.create_future())
        with self._lock:
            if not self._waiting and self._free:
                self._taken += 1
                claim.given.set_result(None)
            else:
                self._waiting.append(claim)
        return claim

    def leave(self, claim: Claim) -> None:
        """The place, or the hope for one, is somebody else's."""
        with self._lock:
            if claim in self._waiting:
                self._waiting.remove(claim)
            else:
                self._taken -= 1
            self._hand_on()

    def allow(self, limit: int) -> None:
        """Another limit: those whom it lets in now go in."""
        with self._lock:
            self.limit = limit
            self._hand_on()

    @property
    def _free(self) -> bool:
        return not self.limit or self._taken < self.limit

    def _hand_on(self) -> None:
        while self._waiting and self._free:
            claim = self._waiting.popleft()
            try:
                claim.loop.call_soon_threadsafe(_give, claim.given)
            except RuntimeError:
                # Its loop is closed: nobody waits there any more.
                continue
            self._taken += 1


def _give(given: asyncio.Future[None]) -> None:
    if not given.done():
        given.set_result(None)
