"""What a script asks its agents to do: the texts of tasks and messages, and the images in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from studio.engine.events import MOST_ATTACHMENTS
from studio.formats.foreign_script.images import TaskImage, image_in
from studio.formats.python_reading.source import Spot
from studio.formats.python_reading.values import Record, Setting, Text

MAX_TASK = 20_000
MAX_DEPTH = 4
MAX_STEPS = 5_000
"""Pieces of one message that are looked at."""
_MESSAGES = frozenset(("TextMessage", "MultiModalMessage", "UserMessage", "StopMessage", "HandoffMessage", "StructuredMessage"))
_TEXTS = frozenset(("text", "input_text"))
_BETWEEN = "\n\n"
_NOWHERE = Spot(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A task or a message: its text, in which images stand as `<img …>`, and these images."""

    words: str
    images: tuple[TaskImage, ...] = ()


def asked_in(value: Any, spot: Spot) -> Asked:
    """A task, a message or a list of messages; its text is empty where only running would tell. `spot` is where it stands.

    Images that do not fit into the text of a task are not in it.
    """
    words: list[str] = []
    images: list[TaskImage] = []
    length = taken = 0
    for part in _parts(value, spot):
        between = " " if isinstance(part, TaskImage) else _BETWEEN
        if isinstance(part, TaskImage):
            if part.written and (length + len(between) + len(part.written) > MAX_TASK or taken == MOST_ATTACHMENTS):
                part = replace(part, how="large", written="")
            taken += bool(part.written)
            images.append(part)
        written = part.written if isinstance(part, TaskImage) else part
        if written:
            words += [between, written]
            length += len(between) + len(written)
    return Asked("".join(words).strip()[:MAX_TASK], tuple(images))


def words_of(value: Any) -> str:
    """The text of a task, a message or a list of messages; empty where only running would tell."""
    return asked_in(value, _NOWHERE).words


def is_whole(value: Any) -> bool:
    """Whether all of a task's text is known."""
    return not (isinstance(value, Text) and value.holes)


def _parts(value: Any, spot: Spot) -> Iterator[str | TaskImage]:
    waiting: list[tuple[Any, int]] = [(value, 0)]
    for _ in range(MAX_STEPS):
        if not waiting:
            return
        item, depth = waiting.pop()
        inner: list[Any] = []
        if isinstance(item, str):
            yield str(item)
        elif isinstance(item, Setting):
            yield item.default if isinstance(item.default, str) else ""
        elif (image := image_in(item, spot, MAX_TASK)) is not None:
            yield image
        elif isinstance(item, dict):
            inner = [item.get("text") if item.get("type") in _TEXTS else item.get("content")]
        elif isinstance(item, (list, tuple)):
            inner = list(item[:100])
        elif isinstance(item, Record) and item.method in _MESSAGES:
            inner = [item.get("content", 0)]
        if depth < MAX_DEPTH:
            waiting += [(each, depth + 1) for each in reversed(inner)]
