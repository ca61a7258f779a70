"""A store in a folder, over an open `diskcache.Cache` of the script."""

from __future__ import annotations

from typing import Any


class DiskCacheStore:
    """Anything with `get` and `set` will do."""

    def __init__(self, cache_instance: Any) -> None:
        self.cache = cache_instance

    def get(self, key: str, default: Any = None) -> Any:
        return self.cache.get(key, default)

    def set(self, key: str, value: Any) -> None:
        self.cache.set(key, value)
