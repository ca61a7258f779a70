"""One process at a time: a lock that goes with whoever holds it, even when that is killed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

AT_ONCE = 0.2
"""Seconds within which a lock that nobody holds is taken, also by one of two who try in the same moment."""


class LockedTooLong(TimeoutError):
    """Another process or thread holds the lock for longer than one may wait."""


@contextmanager
def alone(file: Path, within: float, waits: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Holds `file` against all others who do the same, and waits for them at most `within` seconds; `waits` is called before that.

    SQLite locks files on every system, and every system ends the locks of a process that ends. Raises LockedTooLong.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file, timeout=AT_ONCE, isolation_level=None)) as lock:
        if not _taken(lock):
            waits()
            lock.execute(f"PRAGMA busy_timeout = {round(within * 1000)}")
            if not _taken(lock):
                raise LockedTooLong(f"{file} is held by another process for more than {within:.0f} seconds.")
        yield


def _taken(lock: sqlite3.Connection) -> bool:
    with suppress(sqlite3.OperationalError):
        lock.execute("BEGIN EXCLUSIVE")
    return lock.in_transaction
