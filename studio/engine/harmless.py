"""Words for a terminal: nobody who wrote them drives it by control characters."""

from __future__ import annotations


def harmless(words: str) -> str:
    """The words without control characters, but for line ends and tabs; a question mark stands for half a character."""
    if words.isprintable():
        return words
    kept = (letter for letter in words if letter in "\n\t" or not (letter < " " or "\x7f" <= letter <= "\x9f"))
    return "".join("?" if "\ud800" <= letter <= "\udfff" else letter for letter in kept)
