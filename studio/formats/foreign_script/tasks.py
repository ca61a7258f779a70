"""What a script asks its agents to do: the texts of tasks and messages."""

from __future__ import annotations

from typing import Any

from studio.formats.python_reading.values import Record, Setting, Text

MAX_TASK = 20_000
_MESSAGES = frozenset(("TextMessage", "MultiModalMessage", "UserMessage", "StopMessage", "HandoffMessage", "StructuredMessage"))


def words_of(value: Any) -> str:
    """The text of a task, a message or a list of messages; empty where only running would tell."""
    return _words(value, 0).strip()[:MAX_TASK]


def is_whole(value: Any) -> bool:
    """Whether all of a task's text is known."""
    return not (isinstance(value, Text) and value.holes)


def _words(value: Any, depth: int) -> str:
    if depth > 4:
        return ""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Setting):
        return value.default if isinstance(value.default, str) else ""
    if isinstance(value, dict):
        return _words(value.get("content"), depth + 1)
    if isinstance(value, (list, tuple)):
        return "\n\n".join(words for each in value[:100] if (words := _words(each, depth + 1)))
    if isinstance(value, Record) and value.method in _MESSAGES:
        return _words(value.get("content", 0), depth + 1)
    return ""
