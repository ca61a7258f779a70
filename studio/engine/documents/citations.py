"""Numbers in brackets by which an answer says where it has something from, and those that nothing stands behind."""

from __future__ import annotations

import re
from collections.abc import Iterable

from studio.engine.events import Recalled

MOST = 10
"""Numbers that a notice names."""

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_CITED = re.compile(r"\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\](?![(\[:])")


def cited(text: str) -> tuple[int, ...]:
    """The numbers that a text cites, each once, in the order in which they occur; what stands in code is none."""
    found = (number for match in _CITED.finditer(_CODE.sub(" ", text)) for number in re.findall(r"\d+", match[1]))
    return tuple(dict.fromkeys(map(int, found)))


def unsupported(text: str, recalled: Iterable[Recalled]) -> tuple[int, ...]:
    """The numbers that a text cites and that no passage has."""
    numbers = {entry.get("number") for event in recalled for entry in event.entries}
    return tuple(number for number in cited(text) if number not in numbers)[:MOST]
