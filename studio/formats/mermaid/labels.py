"""Texts and names that Mermaid takes as they are meant, whatever people wrote."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

MAX_LABEL = 120
"""Characters of one line of a label."""

RESERVED = frozenset(
    "accdescr acctitle bt call class classdef click default direction end flowchart graph href interpolate linkstyle lr rl style".split()
    + "subgraph tb td title".split()
)
"""Words of the language: they cannot be names of nodes."""

_PLAIN = frozenset(" .,!?'()·–—…“”„«»_-/+=$€£")
_WORDS_OF_A_LINE = re.compile(r"(?i)\b(direction|style|classdef|linkstyle|click|subgraph|acctitle|accdescr) ")


def label(*lines: str) -> str:
    """A quoted text of several lines. What could end it, open a directive or be markup is written as a character's number;
    without anything that is seen it is a dash."""
    return '"' + ("<br/>".join(filter(None, map(_escaped, lines))) or "-") + '"'


def flat(text: str) -> str:
    """The text in one line, without characters that steer instead of being seen."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _escaped(text: str) -> str:
    line = flat(text)
    if len(line) > MAX_LABEL:
        line = line[: MAX_LABEL - 1].rstrip() + "…"
    written = "".join(character if character in _PLAIN or character.isalnum() else f"#{ord(character)};" for character in line)
    # Some statements are recognised anywhere in a line by a word and the space after it.
    return _WORDS_OF_A_LINE.sub(lambda found: f"{found[1]}#32;", written)


def names(things: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """A name of ASCII letters, digits and underscores for each `(id, what people call it, what it is)`, by id; no two are the same."""
    given: dict[str, str] = {}
    taken: set[str] = set()
    for key, called, kind in things:
        plain = unicodedata.normalize("NFKD", called).encode("ascii", "ignore").decode().lower()
        slug = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40].strip("_")
        usable = bool(slug) and slug[0].isalpha() and slug not in RESERVED
        given[key] = _free(slug if usable else kind, taken.__contains__)
        taken.add(given[key])
    return given


def _free(wish: str, is_taken: Callable[[str], bool]) -> str:
    if not is_taken(wish):
        return wish
    number = 2
    while is_taken(f"{wish}_{number}"):
        number += 1
    return f"{wish}_{number}"
