"""Comments of a program that a flow has no place for: all but those of the functions that became tools."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterable, Iterator

from studio.formats.python_reading.source import Source

MAX_COMMENTS = 200


def lost_comments(source: Source, kept: Iterable[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    """(line, comment) outside of the lines that are kept, the neighbouring lines of one comment as one."""
    spans = list(kept)
    found = 0
    last = -1
    try:
        for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
            if token.type != tokenize.COMMENT:
                continue
            line = token.start[0]
            follows, last = line == last + 1, line
            if follows or any(first <= line <= end for first, end in spans):
                continue
            comment = token.string.lstrip("#").strip()
            if comment and not comment.startswith(("noqa", "type:", "fmt:", "ruff:")):
                found += 1
                yield line, comment[:80]
            if found >= MAX_COMMENTS:
                return
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return
