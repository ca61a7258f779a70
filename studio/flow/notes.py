"""The text of a note as plain lines: what its Markdown says, without its marks, and how tall it is."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

_LINK = re.compile(r"!?\[([^\[\]\n]*+)\]\((?:[^()\n]|\([^()\n]*+\))*+\)")
_NAMELESS = re.compile(r"!\[\]\(([^()\n]*+)\)")
_HEADING = re.compile(r"^#{1,6}\s+")
_BULLET = re.compile(r"^[*+-]\s+")
_MARK = re.compile(r"\*\*|__|[*_`]")
_OPENS = re.compile(r"(?<!\w)(?:\*\*|__|[*_`])(?=\S)")
_CLOSES = re.compile(r"(?<=\S)(?:\*\*|__|[*_`])(?!\w)")


LINE_HEIGHT = 18.0
BESIDE = 27.0
"""Pixels of a note's width that hold no text."""
AROUND = 20.0
"""Pixels above and below its text."""
BETWEEN = 6.0
LETTER = 6.9
"""Pixels of a letter, with what is left free where words do not fill their line."""
CODE_LETTER = 7.3
CODE_FRAME = 24.0


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


def note_height(markdown: str, width: float) -> float:
    """How many pixels tall a note of this width is at 100 % at most, as far as can be told without drawing it."""
    height, fence = AROUND, ""
    for raw in markdown.splitlines():
        line = raw.strip()
        mark = line[:3] if line.startswith(("```", "~~~")) else ""
        if mark and (not fence or mark == fence):
            fence = "" if fence else mark
            height += CODE_FRAME / 2
        elif fence:
            height += LINE_HEIGHT * max(1, -(-_length(raw) // max(1, int((width - BESIDE - CODE_FRAME) / CODE_LETTER))))
        else:
            indent = 16.0 if _BULLET.match(line) else 0.0
            most = max(1, int((width - BESIDE - indent) / LETTER))
            # A picture is shown by its name, or by its address where it has none.
            said = note_lines(_NAMELESS.sub(r"\1", line))
            height += sum(_rows(each.text, most) * LINE_HEIGHT + BETWEEN for each in said)
    return max(height, AROUND + LINE_HEIGHT)


def _rows(line: str, most: int) -> int:
    """So many rows of at most so many letters do the words of a line fill; a longer word is broken."""
    rows, filled = 1, 0
    for word in line.split():
        length = _length(word)
        filled += 1 + length if filled else length
        if filled > most:
            rows += 1 if length < filled else 0
            rows += (length - 1) // most
            filled = (length - 1) % most + 1
    return rows


def _length(line: str) -> int:
    """In letters; those of Chinese, Japanese and Korean are twice as wide."""
    return len(line) if line.isascii() else sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in line)


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
