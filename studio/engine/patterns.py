"""Regular expressions that people write into components: which are taken, and looking for them without holding up everybody else."""

from __future__ import annotations

import re
import time

from studio.texts import text

MAX_MATCHED = 500
"""Characters of a line that a regular expression is tried on: trying more could take for ever."""

LONGEST_SEARCH = 0.5
"""Seconds after which no further line is tried."""

_REPEATED_GROUP = re.compile(r"(?<!\\)\)(?:[*+]|\{)")
_UNBOUNDED = re.compile(r"(?<!\\)[*+]|\{\d*,\}")


def checked(pattern: str) -> str:
    """The pattern itself. Raises ValueError with a sentence when it is none, or one that could take very long."""
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as mistake:
        raise ValueError(text("engine.pattern.unreadable", pattern=pattern, mistake=mistake)) from None
    if _REPEATED_GROUP.search(pattern) or re.search(r"\\[1-9]|\(\?P=", pattern) or len(_UNBOUNDED.findall(pattern)) > 2:
        raise ValueError(text("engine.pattern.slow", pattern=pattern))
    return pattern


def found_in(said: str, pattern: str) -> bool:
    """Whether a checked pattern matches within a line of a text, whatever the case of its letters."""
    searched = re.compile(pattern, re.IGNORECASE)
    end = time.monotonic() + LONGEST_SEARCH
    for line in said.splitlines():
        if searched.search(line[:MAX_MATCHED]):
            return True
        if time.monotonic() > end:
            return False
    return False
