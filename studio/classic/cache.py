"""Answers that were given before: on disk by seed, or in memory."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from studio.engine.errors import ConveneError
from studio.texts import text

MOST_KEPT = 100_000
"""Answers per seed; the oldest are forgotten first."""

MOST_IN_MEMORY = 10_000
WAITS = 10.0
"""Seconds that another process may hold the file."""


class CacheUnusable(ConveneError):
    code = "cache"


class AbstractCache(Protocol):
    """A store of texts. Any object with these three methods is one."""

    def get(self, key: str, default: Any = None) -> Any: ...
    def set(self, key: str, value: Any) -> None: ...
    def close(self) -> None: ...


class InMemoryCache:
    def __init__(self, seed: str | int = "") -> None:
        self._kept: OrderedDict[str, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str, default: Any = None) -> Any:
        with self._lock:
            return self._kept.get(key, default)

    def set(self, key: str, value: Any) -> None:
        with self._lock:
            self._kept[key] = value
            if len(self._kept) > MOST_IN_MEMORY:
                self._kept.popitem(last=False)

    def close(self) -> None:
        """Keeps what it knows: the same object may be used again."""


class DiskCache:
    """One SQLite file a folder. Nothing in it is ever executed: answers are JSON. A file that cannot be used is done without."""

    def __init__(self, folder: str | Path) -> None:
        self._path = Path(folder) / "answers.sqlite"
        self._lock = threading.Lock()
        self._opened: sqlite3.Connection | None = None

    def get(self, key: str, default: Any = None) -> Any:
        rows = self._ask("SELECT value FROM answers WHERE key = ?", (key,))
        return rows[0][0] if rows else default

    def set(self, key: str, value: Any) -> None:
        self._ask("INSERT OR REPLACE INTO answers (key, value) VALUES (?, ?)", (key, str(value)))
        self._ask("DELETE FROM answers WHERE rowid <= (SELECT MAX(rowid) FROM answers) - ?", (MOST_KEPT,))

    def close(self) -> None:
        with self._lock:
            opened, self._opened = self._opened, None
            if opened is not None:
                opened.close()

    def _ask(self, statement: str, values: tuple[Any, ...]) -> list[Any]:
        with self._lock:
            try:
                return self._open().execute(statement, values).fetchall()
            except (OSError, sqlite3.Error):
                return []

    def _open(self) -> sqlite3.Connection:
        if self._opened is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._opened = sqlite3.connect(self._path, timeout=WAITS, check_same_thread=False, isolation_level=None)
            self._opened.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        return self._opened


class Cache:
    """What `with Cache.disk(cache_seed=42) as cache:` gives; `initiate_chat(…, cache=cache)` uses it."""

    def __init__(self, store: AbstractCache) -> None:
        self._store = store

    @classmethod
    def disk(cls, cache_seed: str | int = 42, cache_path_root: str | Path = ".cache") -> Self:
        return cls(disk_cache(cache_seed, cache_path_root))

    @classmethod
    def in_memory(cls, cache_seed: str | int = 42) -> Self:
        return cls(InMemoryCache(cache_seed))

    @classmethod
    def redis(cls, cache_seed: str | int = 42, redis_url: str = "redis://localhost:6379/0") -> Self:
        """Raises CacheUnusable: shared caches are given as an object of your own with get, set and close."""
        raise CacheUnusable(text("classic.cache.no_redis"), text("classic.cache.no_redis.remedy"))

    def get(self, key: str, default: Any = None) -> Any:
        return self._store.get(key, default)

    def set(self, key: str, value: Any) -> None:
        self._store.set(key, value)

    def close(self) -> None:
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, mistake: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


_disks: dict[str, DiskCache] = {}
_of_chat: ContextVar[AbstractCache | None] = ContextVar("_of_chat", default=None)


def disk_cache(seed: str | int, root: str | Path = ".cache") -> DiskCache:
    """The one cache of a seed below a folder."""
    folder = os.path.abspath(os.path.join(root, str(seed)))
    return _disks.setdefault(folder, DiskCache(folder))


def cache_of_chat() -> AbstractCache | None:
    """The cache that was given to the chat that goes on."""
    return _of_chat.get()


@contextlib.contextmanager
def caching(cache: AbstractCache | None) -> Iterator[None]:
    """Within it, `cache` is used; None leaves it as it was."""
    if cache is None:
        yield
        return
    token = _of_chat.set(cache)
    try:
        yield
    finally:
        _of_chat.reset(token)
