"""A store in memory, which forgets what was used longest ago."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

MOST_KEPT = 10_000
"""Answers."""


class InMemoryStore:
    def __init__(self) -> None:
        self._kept: OrderedDict[str, Any] = OrderedDict()

    def get(self, key: str, default: Any = None) -> Any:
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key, default)

    def set(self, key: str, value: Any) -> None:
        self._kept[key] = value
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
