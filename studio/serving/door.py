"""A door: one flow that is open to others, on which terms, and how fast guests may come."""

from __future__ import annotations

import hmac
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from studio.library.shares import Share, Terms, digest_of
from studio.serving.errors import GuestRefused

MOST_WRONG = 20
"""Wrong tokens a minute from one address that are told apart from too many."""

MOST_STREAMS = 64
"""Streams, and requests that wait, that guests of one door may hold open at once."""

_ADDRESSES = 1_000
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Door:
    """`id` is what the book of guests calls it; `told` is where it is, for the runs' own logs. `digest` is that of its token."""

    id: str
    told: str
    flow_id: str
    terms: Terms
    digest: str = field(repr=False, default="")

    def opens_for(self, token: str) -> bool:
        """Whether the token is this door's own, in the same time for every wrong one."""
        return bool(self.digest) and hmac.compare_digest(self.digest, digest_of(token))


def door_of_flow(flow_id: str, terms: Terms, token: str) -> Door:
    """The door of a flow that a process serves by itself."""
    return Door(f"flow:{flow_id}", "served", flow_id, terms, digest_of(token))


def door_of_share(share: Share, digest: str = "") -> Door:
    return Door(f"share:{share.id}", "shared", share.flow_id, share.terms, digest)


class Pace:
    """How often guests of one door start runs, show wrong tokens and hold streams open. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._starts: deque[float] = deque()
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()
        self.streams = 0

    def start(self, per_minute: int) -> None:
        """One more run is started. Raises GuestRefused when that is too often."""
        if (wait := _full(self._starts, per_minute, self._clock())) is not None:
            raise GuestRefused("too_often", wait=wait, count=per_minute, seconds=wait)
        self._starts.append(self._clock())

    def wrong_token(self, address: str) -> None:
        """Raises GuestRefused: the token is wrong, or there were too many wrong ones from there."""
        seen = self._wrong.setdefault(address, deque())
        self._wrong.move_to_end(address)
        while len(self._wrong) > _ADDRESSES:
            self._wrong.popitem(last=False)
        if (wait := _full(seen, MOST_WRONG, self._clock())) is not None:
            raise GuestRefused("too_many_wrong", wait=wait)
        seen.append(self._clock())
        raise GuestRefused("no_token")

    def stream(self) -> None:
        """One more stream is opened; whoever opens it counts it off at its end. Raises GuestRefused when there are too many."""
        if self.streams >= MOST_STREAMS:
            raise GuestRefused("too_many_at_once", wait=5, count=MOST_STREAMS)
        self.streams += 1

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """A request that waits counts like a stream, until its block ends. Raises GuestRefused when there are too many."""
        self.stream()
        try:
            yield
        finally:
            self.streams -= 1


def _full(seen: deque[float], most: int, now: float) -> int | None:
    """After how many seconds there is room for one more within a minute; None when there is now."""
    while seen and seen[0] <= now - MINUTE:
        seen.popleft()
    return max(1, round(seen[0] + MINUTE - now)) if len(seen) >= most else None
