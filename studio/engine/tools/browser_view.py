"""What an agent is told of a page: where it is, what is in view, and what can be used, by number."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_CONTROLS = 80
"""Numbered elements of one view."""
MAX_LABEL = 80
"""Characters of what an element is called, or holds."""
MAX_TEXT = 6_000
"""Characters of the text in view."""

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class PageView:
    """A look at a page. `numbers` are the elements in view that can be used, those of frames aside; `text` says it all, for a model."""

    title: str
    url: str
    numbers: tuple[int, ...]
    text: str


def page_view(found: Any, status: int = 0, inner: Sequence[Any] = ()) -> PageView:
    """The view of what a page's script found, and of what those of its frames did (`inner`).

    `status` is that of the answer which the page came with, where it tells of trouble.

    Whatever stands there was written by strangers: each part is cut and cleaned, and what could be mistaken for a number of an
    element comes after the numbers.
    """
    facts = found if isinstance(found, Mapping) else {}
    title, url = clean(facts.get("title"), 200), clean(facts.get("url"), 2_000)
    controls, listed, numbers = _found(facts)
    frames = [each for each in inner if isinstance(each, Mapping)]
    usable = [_found(frame) for frame in frames]
    lines = [f"# {title or '(no title)'}", url or "about:blank"]
    if status >= 400:
        lines.append(f"The server answered with HTTP {status}.")
    lines += ["", _position(facts), "", *_controls(listed, controls)]
    for frame, (_, there, _) in zip(frames, usable, strict=True):
        lines += ["", f"In the frame {_where(frame)}:", *map(_control, there)] if there else []
    lines += ["", "Text in view:", ""]
    text = clean(facts.get("text"), MAX_TEXT, lines=True)
    lines.append(text or "(none)")
    if facts.get("cut") is True:
        lines.append("… there is more text in view: read_page gives all of it")
    room = MAX_TEXT - len(text)
    for frame in frames:
        if room > 0 and (words := clean(frame.get("text"), room, lines=True)):
            lines += ["", f"In the frame {_where(frame)}:", "", words]
            room -= len(words)
    return PageView(title, url, numbers, "\n".join(lines))


def _found(facts: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Mapping[str, Any]], tuple[int, ...]]:
    """What is told of the elements of a page or a frame, those that have a number, and these."""
    seen = facts.get("controls")
    controls: Mapping[str, Any] = seen if isinstance(seen, Mapping) else {}
    listed = [each for each in _list(controls.get("found"))[:MAX_CONTROLS] if isinstance(each, Mapping)]
    listed = [each for each in listed if isinstance(each.get("number"), int)]
    return controls, listed, tuple(each["number"] for each in listed)


def _where(frame: Mapping[str, Any]) -> str:
    return clean(frame.get("url"), 200) or "without an address"


def _position(facts: Mapping[str, Any]) -> str:
    top, height, whole = (_number(facts.get(name)) for name in ("top", "height", "whole"))
    if whole <= height or not whole:
        return "All of the page is in view."
    if top < 2:
        where = "its beginning"
    elif top + height >= whole - 2:
        where = "its end"
    else:
        where = f"{round(100 * top / whole)} % down"
    return f"{min(100, round(100 * height / whole))} % of the page is in view, {where}."


def _controls(listed: list[Mapping[str, Any]], controls: Mapping[str, Any]) -> list[str]:
    lines = [_control(each) for each in listed]
    beyond = [f"{count} {where}" for where in ("above", "below") if (count := _number(controls.get(where)))]
    if more := _number(controls.get("more")):
        lines.append(f"… and {more} more in view")
    rest = [f"Out of view: {', '.join(beyond)}."] if beyond else []
    return ["What can be used, by number:", *lines, *rest] if lines else ["Nothing in view can be used.", *rest]


def _control(each: Mapping[str, Any]) -> str:
    role, name = clean(each.get("role"), 20) or "control", clean(each.get("name"), MAX_LABEL)
    said = f"[{each['number']}] {role} {_quoted(name)}"
    if value := clean(each.get("value"), MAX_LABEL):
        said += f" = {_quoted(value)}"
    if to := clean(each.get("to"), 200):
        said += f" → {to}"
    return said + (f" ({state})" if (state := clean(each.get("state"), 60)) else "")


def _quoted(text: str) -> str:
    plain = text.replace('"', "'")
    return f'"{plain}"'


def clean(text: Any, most: int, *, lines: bool = False) -> str:
    """A text of a page without what nobody sees, cut; in one line unless its lines matter."""
    if not isinstance(text, str):
        return ""
    plain = _UNPRINTABLE.sub("", text).encode("utf-8", "replace").decode()
    plain = plain.strip() if lines else " ".join(plain.split())
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: Any) -> int:
    return round(value) if isinstance(value, (int, float)) and 0 <= value < 1e9 else 0
