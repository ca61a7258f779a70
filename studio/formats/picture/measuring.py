"""How wide text is in the studio's font, about, without a font at hand: to cut it, to wrap it, and to make room for it."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_REGULAR = (
    28, 28, 40, 63, 64, 81, 64, 22, 36, 36, 50, 66, 28, 46, 28, 36, 62, 46, 61, 64, 64, 61, 62, 57, 62, 62, 28, 28, 66, 66, 66, 51,
    94, 68, 65, 73, 72, 60, 59, 74, 74, 26, 54, 65, 56, 89, 75, 76, 63, 76, 64, 64, 64, 74, 68, 95, 64, 66, 62, 36, 36, 36, 47, 45,
    50, 56, 62, 56, 62, 58, 36, 61, 59, 24, 24, 54, 24, 87, 59, 60, 61, 61, 37, 52, 36, 58, 56, 81, 54, 56, 54, 36, 33, 36, 66,
)  # fmt: skip
"""Hundredths of an em of the characters from space to tilde in Inter."""

_STRONG = 1.05
"""How much wider the stronger weight is."""

_OTHERS = {"…": 81, "“": 38, "”": 38, "‘": 24, "’": 24, "·": 28, "•": 45, "→": 95, "–": 50, "—": 100}
_ELLIPSIS = "…"


def width(text: str, size: float, strong: bool = False) -> float:
    """Pixels of one line of text in a size of pixels."""
    return sum(map(_hundredths, text)) / 100 * size * (_STRONG if strong else 1.0)


@lru_cache(maxsize=4096)
def _hundredths(character: str) -> int:
    if " " <= character <= "~":
        return _REGULAR[ord(character) - 32]
    if character in _OTHERS:
        return _OTHERS[character]
    if unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 100
    first = unicodedata.normalize("NFD", character)[0]
    if " " <= first <= "~":
        return _REGULAR[ord(first) - 32]
    return 76 if character.isupper() else 64


def is_known(text: str) -> bool:
    """Whether every character's width is that of the font, or that of any font: Latin letters and the wide ones of East Asia."""
    return all(_is_known(character) for character in text)


def _is_known(character: str) -> bool:
    return (
        character in _OTHERS or " " <= unicodedata.normalize("NFD", character)[0] <= "~" or unicodedata.east_asian_width(character) in "WF"
    )


def clipped(text: str, size: float, most: float, strong: bool = False) -> str:
    """The text in one line, cut so that it is at most so many pixels wide."""
    line = " ".join(text.split())
    if width(line, size, strong) <= most:
        return line
    room, used = most - width(_ELLIPSIS, size, strong), 0.0
    for kept, character in enumerate(line):
        used += width(character, size, strong)
        if used > room:
            return line[:kept].rstrip() + _ELLIPSIS
    return line


def wrapped(text: str, size: float, most: float, lines: int) -> list[str]:
    """The text in at most so many lines, broken at spaces and between wide characters; the last one is cut."""
    rest = " ".join(text.split())
    found: list[str] = []
    while rest:
        if len(found) == lines - 1:
            return [*found, clipped(rest, size, most)]
        end = _end_of_line(rest, size, most)
        found.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return found


def _end_of_line(text: str, size: float, most: float) -> int:
    """How many characters fit into a line, at least one."""
    used, at_word = 0.0, 0
    for index, character in enumerate(text):
        used += width(character, size)
        if character == " " or (index and unicodedata.east_asian_width(character) in "WF" and character.isalnum()):
            at_word = index
        if used > most and character != " ":
            return at_word or max(index, 1)
    return len(text)
