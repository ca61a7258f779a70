"""Time limits of steps: one timer for all that are under way, since nearly every step ends long before its own limit."""

from __future__ import annotations

import asyncio
from types import TracebackType


class TimeLimits:
    """Breaks off what takes too long, as `asyncio.timeout` does for each step by itself: a timer a step costs more than the rest of it."""

    __slots__ = ("_timer", "_under_way")

    def __init__(self) -> None:
        self._timer: asyncio.TimerHandle | None = None
        self._under_way: set[TimeLimit] = set()

    def within(self, seconds: float) -> TimeLimit:
        """What is done in it by the running task is broken off after so many seconds, and TimeoutError raised."""
        return TimeLimit(self, asyncio.get_running_loop().time() + seconds)

    def close(self) -> None:
        """Ends the timer; what is under way has no limit any more."""
        self._under_way.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def begin(self, limit: TimeLimit) -> None:
        self._under_way.add(limit)
        if self._timer is None or limit.ends < self._timer.when():
            self._wake(limit.ends)

    def end(self, limit: TimeLimit) -> None:
        # The timer stays: it finds nothing to do, or serves who comes next.
        self._under_way.discard(limit)

    def _wake(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(at, self._look)

    def _look(self) -> None:
        assert self._timer is not None
        due, self._timer = self._timer.when(), None
        for limit in [each for each in self._under_way if each.ends <= due]:
            self._under_way.discard(limit)
            limit.expire()
        if self._under_way:
            self._wake(min(each.ends for each in self._under_way))


class TimeLimit:
    """The limit of one step, as a context manager; `expired` tells whether it was reached."""

    __slots__ = ("_asked_to_end", "_limits", "_task", "ends", "expired")

    def __init__(self, limits: TimeLimits, ends: float) -> None:
        self._limits = limits
        self.ends = ends
        self.expired = False

    def __enter__(self) -> TimeLimit:
        task = asyncio.current_task()
        assert task is not None
        self._task, self._asked_to_end = task, task.cancelling()
        self._limits.begin(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._limits.end(self)
        # Who was cancelled by somebody else as well is to end, and not to hear of a limit.
        if self.expired and self._task.uncancel() <= self._asked_to_end and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def expire(self) -> None:
        self.expired = True
        self._task.cancel()
