"""The text of a note as plain lines: what its Markdown says, without its marks."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

_LINK = re.compile(r"!?\[([^\]\n]{0,500})\]\([^)\n]{0,2000}\)")
_HEADING = re.compile(r"^#{1,6}\s+")
_BULLET = re.compile(r"^[*+-]\s+")
_MARKS = re.compile(r"(?<!\w)(\*\*|__|[*_`])(?=\S)(.{1,2000}?)(?<=\S)\1(?!\w)")


class NoteLine(NamedTuple):
    """A paragraph, an item of a list or a heading."""

    text: str
    look: Literal["plain", "strong"]


def note_lines(markdown: str) -> list[NoteLine]:
    """The lines of a note in their order, none of them empty; a heading and a line that is bold as a whole are `strong`."""
    found = []
    for raw in markdown.splitlines():
        line = raw.strip()
        if not line:
            continue
        bold = re.fullmatch(r"(\*\*|__)([^*_]+)\1", line)
        strong = bold is not None or _HEADING.match(line) is not None
        line = _BULLET.sub("• ", _HEADING.sub("", line))
        line = _LINK.sub(r"\1", line)
        for _ in range(3):
            line = _MARKS.sub(r"\2", line)
        if line.strip():
            found.append(NoteLine(line.strip(), "strong" if strong else "plain"))
    return found
