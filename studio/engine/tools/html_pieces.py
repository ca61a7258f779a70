"""An HTML page taken apart into text and tags, in time proportional to its length whatever is wrong with it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

MAX_HTML = 2_000_000
"""Characters of a page that are read."""
MAX_PIECES = 200_000
MAX_ODD = 50
"""Tags with an open quote that are left out: finding that a quote is never closed takes a look at all the rest."""

# Possessive, so that no page makes the search go back: reading is linear in the page's length.
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,60}+)((?:[^>\"']|\"[^\"]*+\"|'[^']*+')*+)>")
_ATTRIBUTE = re.compile(r"([a-zA-Z][\w:.-]{0,60}+)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++))")

_RAW = frozenset({"script", "style", "noscript", "template", "iframe", "textarea", "title", "xmp", "noembed", "noframes"})


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a page: text, or a tag with the attributes that matter."""

    what: Literal["text", "open", "close"]
    name: str
    text: str = ""

    def attribute(self, wanted: str) -> str:
        """The value of an attribute of a tag, empty when it has none."""
        for name, *values in _ATTRIBUTE.findall(self.text[:20_000]):
            if name.lower() == wanted:
                return html.unescape(next((value for value in values if value), "")).strip()
        return ""


def pieces_of(source: str) -> list[Piece]:
    """The pieces of a page in order. What is inside scripts and the like is one text; a tag without an end ends the page."""
    return list(islice(_pieces(source[:MAX_HTML]), MAX_PIECES))


def _pieces(source: str) -> Iterator[Piece]:
    place = odd = 0
    while (start := source.find("<", place)) >= 0:
        if start > place:
            yield Piece("text", "", source[place:start])
        after = source[start + 1 : start + 2]
        if tag := _TAG.match(source, start):
            name, place = tag[2].lower(), tag.end()
            yield Piece("close" if tag[1] else "open", name, tag[3])
            if name in _RAW and not tag[1]:
                end = _end_of_raw(source, name, place)
                yield Piece("text", "", source[place:end])
                place = end
            continue
        if source.startswith("<!--", start):
            end = source.find("-->", start + 4)
        elif (after and after in "!?/") or (after.isascii() and after.isalpha()):
            end = source.find(">", start)
            odd += 1
        else:
            yield Piece("text", "", "<")
            place = start + 1
            continue
        if end < 0 or odd > MAX_ODD:
            return
        place = end + (3 if source.startswith("-->", end) else 1)
    yield Piece("text", "", source[place:])


def _end_of_raw(source: str, name: str, place: int) -> int:
    found = re.compile(rf"</{name}[\s/>]", re.IGNORECASE).search(source, place)
    return found.start() if found else len(source)
