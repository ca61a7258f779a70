"""Bounds for JSON that comes from outside: how deep, how large, and only what JSON can hold."""

from __future__ import annotations

import json
import math
from typing import Any

from studio.engine.errors import ConveneError
from studio.texts import text

MAX_BYTES = 5_000_000
"""Of a flow file, and of the texts in one edit, in characters."""

MAX_DEPTH = 40
MAX_VALUES = 500_000
"""Lists, objects, texts and numbers in one piece of JSON."""


class Unbounded(ConveneError):
    """A value that is too large, too deep, or no JSON at all; `where` is its path."""

    code = "unbounded"

    def __init__(self, why: str, where: str) -> None:
        super().__init__(why)
        self.where = where


def read_json(source: str) -> Any:
    """The value of a JSON text. Raises JSONDecodeError, RecursionError, and Unbounded for numbers that JSON or Python does not know."""
    try:
        return json.loads(source, parse_constant=_refuse_constant)
    except json.JSONDecodeError:
        raise
    except ValueError:
        raise Unbounded(text("bounds.long_number"), "/") from None


def check_json(value: Any, name: str = "") -> None:
    """Walk a piece of JSON without recursion. Raises Unbounded at the first value that is out of bounds.

    `name` is what the whole is called in paths. Characters that cannot be written as UTF-8 and numbers that are not finite are
    refused too: they could be stored nowhere.
    """
    open_values: list[tuple[Any, str, int]] = [(value, name, 0)]
    count = size = 0
    while open_values:
        item, where, depth = open_values.pop()
        count += 1
        size += len(item) if isinstance(item, str) else 0
        if count > MAX_VALUES or size > MAX_BYTES:
            raise Unbounded(text("bounds.large", where=where or text("bounds.file"), limit=f"{MAX_BYTES // 1_000_000} MB"), where)
        if isinstance(item, str):
            _check_text(item, where)
        elif isinstance(item, dict):
            _check_depth(depth, where)
            for key, inner in item.items():
                if not isinstance(key, str):
                    raise Unbounded(text("bounds.key", where=where), where)
                size += len(key)
                _check_text(key, where)
                open_values.append((inner, f"{where}.{key[:80]}" if where else key[:80], depth + 1))
        elif isinstance(item, (list, tuple)):
            _check_depth(depth, where)
            open_values.extend((inner, f"{where}[{index}]", depth + 1) for index, inner in enumerate(item))
        elif isinstance(item, float):
            if not math.isfinite(item):
                raise Unbounded(text("bounds.number", where=where), where)
        elif item is not None and not isinstance(item, (bool, int)):
            raise Unbounded(text("bounds.json", where=where, what=type(item).__name__), where)


def place(location: tuple[str | int, ...]) -> str:
    """A path for people: ("nodes", 3, "config") is `nodes[3].config`."""
    words = ""
    for item in location:
        words += f"[{item}]" if isinstance(item, int) else f".{item}" if words else str(item)
    return words or "/"


def _refuse_constant(name: str) -> float:
    raise Unbounded(text("bounds.constant", name=name), "/")


def _check_depth(depth: int, where: str) -> None:
    if depth > MAX_DEPTH:
        short = where if len(where) < 100 else f"{where[:60]} …"
        raise Unbounded(text("bounds.deep", where=short, limit=MAX_DEPTH), short)


def _check_text(item: str, where: str) -> None:
    try:
        item.encode("utf-8")
    except UnicodeEncodeError:
        raise Unbounded(text("bounds.text", where=where), where) from None
