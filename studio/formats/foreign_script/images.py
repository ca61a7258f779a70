"""Images that a script puts into a message: which of them a text can name, and what of the others can be said without opening anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from studio.engine.models.named_images import content_named, image_named
from studio.formats.foreign_script.functions import is_framework
from studio.formats.python_reading.source import Spot
from studio.formats.python_reading.values import Entries, Member, Record, Setting, Text, Unknown

MAX_DEPTH = 10
MAX_STEPS = 200
_PARTS = frozenset(("image_url", "input_image"))
_OPENS = frozenset(("open", "Path", "from_file", "imread", "get_image_data", "get_pil_image"))
_FETCHES = frozenset(("get", "urlopen"))
"""Calls whose first text says where an image comes from: a file, or an address."""


@dataclass(frozen=True, slots=True)
class TaskImage:
    """An image of a message, and where the script says it.

    `name` is its address, its file or what makes it, `written` what stands for it in a text, empty where nothing can. `records` are the
    calls that it is made by.
    """

    how: Literal["address", "content", "file", "large", "unknown"]
    name: str
    spot: Spot
    written: str = ""
    records: tuple[Record, ...] = ()


def image_in(value: Any, spot: Spot, room: int) -> TaskImage | None:
    """The image that a part of a message is, None for any other part.

    `spot` is where it stands if it does not say, `room` how many characters a text has for it.
    """
    if isinstance(value, Mapping) and value.get("type") in _PARTS:
        place = value.spots.get("image_url", spot) if isinstance(value, Entries) else spot
        given = value.get("image_url")
        return _image(given.get("url") if isinstance(given, Mapping) else given, place, room)
    if isinstance(value, Record) and value.of is None and is_framework(value.callee) and "Image" in value.callee.split(".")[-2:]:
        given = next(iter((*value.args, *value.kwargs.values())), None)
        if value.method == "from_file" and isinstance(given, Unknown):
            return TaskImage("file", " ".join(given.source.split())[:200], value.spot, "", (value,))
        return _image(given, value.spot, room, (value,), in_base64=value.method == "from_base64")
    return None


def _image(given: Any, spot: Spot, room: int, records: tuple[Record, ...] = (), *, in_base64: bool = False) -> TaskImage:
    if isinstance(given, Setting):
        given = given.default
    if isinstance(given, str) and not (isinstance(given, Text) and given.holes):
        named, found = str(given).strip(), list(records)
    else:
        named, found = _origin(given, records)
        in_base64 = False
    calls = tuple(found)
    if len(named) > room:
        return TaskImage("large", "", spot, "", calls)
    if in_base64:
        content = content_named("".join(named.split()))
        named = f"data:{content.media_type};base64,{content.data}" if content is not None else ""
    short = named[:200]
    tag = f"<img {named}>"
    if (image := image_named(named)) is not None:
        return TaskImage("address" if image.url else "content", short, spot, tag, calls)
    if not named or len(named) > 1_000 or named.startswith(("data:", "http:", "https:")):
        return TaskImage("unknown", "", spot, "", calls)
    return TaskImage("file", short, spot, "" if set(named) & set("<>\n") else tag, calls)


def _origin(value: Any, records: tuple[Record, ...]) -> tuple[str, list[Record]]:
    """The first address or file that a value is made of, empty where the script names none; and the calls on the way to it."""
    found = list(records)
    waiting: list[tuple[Any, str, int]] = [(value, "", 0)]
    for _ in range(MAX_STEPS):
        if not waiting:
            break
        item, by, depth = waiting.pop()
        inner: tuple[Any, ...] = ()
        if isinstance(item, Text) and item.holes:
            inner = item.holes
        elif isinstance(item, str):
            address = item.strip().startswith(("http://", "https://"))
            if item.strip() and (by in _OPENS or (by in _FETCHES and address)):
                return str(item).strip(), found
        elif isinstance(item, Member):
            inner, by = (item.of,), ""
        elif isinstance(item, Record):
            found.append(item)
            inner, by = (*item.args[:1], *item.kwargs.values(), item.of), item.method
        if depth < MAX_DEPTH:
            waiting += [(each, by, depth + 1) for each in reversed(inner)]
    return "", found
