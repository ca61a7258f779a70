"""The text of a note as plain lines: what its Markdown says, without its marks."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

_LINK = re.compile(r"!?\[([^\[\]\n]*+)\]\((?:[^()\n]|\([^()\n]*+\))*+\)")
_HEADING = re.compile(r"^#{1,6}\s+")
_BULLET = re.compile(r"^[*+-]\s+")
_MARK = re.compile(r"\*\*|__|[*_`]")
_OPENS = re.compile(r"(?<!\w)(?:\*\*|__|[*_`])(?=\S)")
_CLOSES = re.compile(r"(?<=\S)(?:\*\*|__|[*_`])(?!\w)")


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
            line = _unmarked(line)
        if line.strip():
            found.append(NoteLine(line.strip(), "strong" if strong else "plain"))
    return found


def _unmarked(line: str) -> str:
    """A line without its outermost pairs of marks. Looks at each mark once: notes of foreign files may hold nothing but marks."""
    marks = list(_MARK.finditer(line))
    closing: list[int | None] = [None] * len(marks)
    nearest: dict[str, int] = {}
    for index in range(len(marks) - 1, -1, -1):
        mark = marks[index]
        # Marks that follow each other hold nothing between them.
        beside = nearest.get(mark[0])
        closing[index] = closing[beside] if beside is not None and marks[beside].start() == mark.end() else beside
        if _CLOSES.match(line, mark.start()):
            nearest[mark[0]] = index
    found = []
    at = index = 0
    while index < len(marks):
        mark, end = marks[index], closing[index]
        if end is None or not _OPENS.match(line, mark.start()):
            index += 1
            continue
        found += [line[at : mark.start()], line[mark.end() : marks[end].start()]]
        at, index = marks[end].end(), end + 1
    return "".join((*found, line[at:]))
