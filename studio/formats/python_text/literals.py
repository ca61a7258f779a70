"""Values as Python source that a person would write: long texts in triple quotes, always the exact same value."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from typing import Any

WIDTH = 88
"""Columns that long texts are wrapped to; the width that ruff formats to by default."""
SHORT = WIDTH - 24
"""Characters that stand on the line of the field they are for."""


def literal(value: Any) -> str:
    """The source of a value made of texts, numbers, truth values, None, lists, tuples, sets and mappings.

    Tuples become lists: the fields that hold them take both. Raises TypeError for anything else.
    """
    match value:
        case None | bool():
            return repr(value)
        case str():
            return text_literal(value)
        case int():
            return f"{value:_}" if abs(value) >= 10_000 else repr(value)
        case float():
            return repr(value) if math.isfinite(value) else f'float("{value}")'
        case list() | tuple():
            return f"[{', '.join(literal(each) for each in value)}]"
        case set() | frozenset():
            return f"{{{', '.join(literal(each) for each in sorted(value))}}}" if value else "set()"
        case Mapping():
            return f"{{{', '.join(f'{literal(key)}: {literal(part)}' for key, part in value.items())}}}"
        case _:
            raise TypeError(f"a {type(value).__name__} has no literal")


def text_literal(text: str) -> str:
    """A text as one line, or in triple quotes when it is long or has lines of its own; a long line is wrapped after a blank."""
    if "\n" in text.strip("\n"):
        return triple_quoted(text)
    plain = quoted(text)
    if len(plain) <= SHORT:
        return plain
    return "\\\n".join(_pieces(triple_quoted(text)))


def quoted(text: str) -> str:
    """The text in double quotes on one line."""
    return '"' + "".join(_escaped(character) for character in text).replace('"', '\\"') + '"'


def triple_quoted(text: str, quote: str = "") -> str:
    """The text between triple quotes with its own line breaks; without a `quote` in the quotes that need fewer escapes."""
    quote = quote or ("'" if '"""' in text and "'''" not in text else '"')
    body = "\n".join(_line(line) for line in text.split("\n")).replace(quote * 3, f"\\{quote}" * 3)
    if body.endswith(quote) and _backslashes_before_end(body) % 2 == 0:
        body = f"{body[:-1]}\\{quote}"
    return f"{quote * 3}{body}{quote * 3}"


def _backslashes_before_end(body: str) -> int:
    return len(body) - 1 - len(body[:-1].rstrip("\\"))


def _line(line: str) -> str:
    """One line of a triple quoted text. A blank at its end is written as an escape: editors cut off those that nobody sees."""
    body = "".join(character if character == "\t" else _escaped(character) for character in line)
    if body.endswith((" ", "\t")):
        body = body[:-1] + ("\\x20" if body.endswith(" ") else "\\t")
    return body


def _escaped(character: str) -> str:
    """The character itself where it can be seen, otherwise its escape, so that a source hides nothing."""
    if character == "\\":
        return "\\\\"
    if character.isprintable():
        return character
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character) or character.encode("unicode_escape").decode("ascii")


def _pieces(source: str) -> list[str]:
    """A literal cut after blanks into lines that end with a backslash, the first one behind the name of a field."""
    pieces: list[str] = []
    width = SHORT
    while len(source) > width:
        cut = source.rfind(" ", 4, width) + 1
        if cut == 0:
            cut = source.find(" ", 4) + 1 or len(source)
        pieces.append(source[:cut])
        source, width = source[cut:], WIDTH - 1
    return [*pieces, source] if source else pieces


def opening(title: str, description: str) -> str:
    """A program's docstring: title and description on one line where both fit there, else as `docstring` writes them."""
    first = _sentence(title)
    if "\u3040" <= first[-2:-1] <= "\u9fff":
        first = first.removesuffix(".") + "。"
    line = " ".join([first, *description.split()]).replace("。 ", "。")
    return docstring(title, description) if "\n" in description.strip() or len(line) > WIDTH - 6 else triple_quoted(line, '"')


def docstring(title: str, description: str) -> str:
    """A module's docstring: a title line that ends like a sentence, and the description wrapped below it."""
    lines = [_sentence(title)]
    for paragraph in description.strip().splitlines():
        lines += textwrap.wrap(paragraph, WIDTH, break_long_words=False, break_on_hyphens=False) or [""]
    if len(lines) > 1:
        lines = [lines[0], "", *lines[1:], ""]
    return triple_quoted("\n".join(lines), '"')


def _sentence(title: str) -> str:
    title = " ".join(title.split()) or "A flow"
    return title if title.endswith((".", "!", "?", "…", "。")) else f"{title}."
