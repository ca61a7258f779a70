"""What lies around a file that was pasted or written by hand: fences of Markdown, quotes, JSON line by line, comments, last commas."""

from __future__ import annotations

import json
import re
from itertools import islice, pairwise
from typing import Any

from studio.engine.parsing import parsed
from studio.flow.findings import ForeignFileError
from studio.formats.autogen_components.source import decoded

MAX_QUOTES = 3
"""How often JSON may lie within a JSON text."""

MAX_DOCUMENTS = 1_000
"""JSON texts in one file, one after the other, and fenced blocks in a Markdown text."""

MAX_PYTHON = 500_000
"""Characters of a text that is looked at as Python."""

_FENCE = re.compile(r"^([ \t]*)(?:```|~~~)[^`\n]*$", re.MULTILINE)
_BLANKS = re.compile(r"[ \t\r\n]*")
_SCRIPT = re.compile(r"^[ \t]*(?:from\s+[\w.]+\s+import|import\s+\w)", re.MULTILINE)
_LOOSE = re.compile(r'"(?:[^"\\\n]|\\.)*"?|//[^\n]*|/\*.*?(?:\*/|\Z)|,(?=\s*[}\]])|\u00a0', re.DOTALL)
"""Texts, which stay as they are, and what strict JSON does not have: comments, a last comma, blanks that do not break. What never ends
is taken to the end, so that no part of a file is gone through twice."""


def unwrapped(data: bytes) -> bytes:
    """The file that a text holds, every line of it where it was. What is not wrapped is given back as it is. Raises nothing."""
    try:
        source = decoded(data)
    except ForeignFileError:
        return data
    found = _within(source)
    return data if found is None else found.encode("utf-8", "surrogatepass")


def _within(source: str) -> str | None:
    value = _value(source)
    if value is not None:
        return _quoted(value)
    for open_up in (_one_after_the_other, _strict, _fenced):
        if (found := open_up(source)) is not None:
            return found
    return None


def _quoted(value: Any) -> str | None:
    """The JSON that stands in a JSON text as a string; None for any other value."""
    for _ in range(MAX_QUOTES):
        if not isinstance(value, str):
            return None
        inner, value = value, _value(value)
        if isinstance(value, dict | list):
            return inner
    return None


def _one_after_the_other(source: str) -> str | None:
    """JSON texts line by line, or with blanks between, as one list."""
    decoder = json.JSONDecoder()
    ends: list[int] = []
    at = _after_blanks(source, 0)
    while at < len(source):
        if len(ends) >= MAX_DOCUMENTS or source[at] not in "{[":
            return None
        try:
            _, at = decoder.raw_decode(source, at)
        except (ValueError, RecursionError):
            return None
        ends.append(at)
        at = _after_blanks(source, at)
    if len(ends) < 2:
        return None
    return "[" + ",".join(source[begin:end] for begin, end in pairwise([0, *ends])) + "]"


def _after_blanks(source: str, at: int) -> int:
    found = _BLANKS.match(source, at)
    return found.end() if found is not None else at


def _strict(source: str) -> str | None:
    """JSON with comments and commas at the end without them, each character where it was."""
    if not source.lstrip("\u00a0 \t\r\n").startswith(("{", "[", "/")):
        return None
    found = _LOOSE.sub(lambda match: match[0] if match[0].startswith('"') else re.sub(r"[^\n]", " ", match[0]), source)
    return found if isinstance(_value(found), dict | list) else None


def _fenced(source: str) -> str | None:
    """What stands between the fences of a Markdown text: its flows and AutoGen's JSON, as a list where there are several, or else its
    Python, or else any JSON.
    """
    fences = list(_FENCE.finditer(source))
    if len(fences) < 2 or _SCRIPT.search(source[: fences[0].start()]) or _is_python(source):
        return None
    pairs = zip(fences[::2], fences[1::2], strict=False)
    found = [
        (opening.end(), _outdented(source[opening.end() : closing.start()], opening[1]))
        for opening, closing in islice(pairs, MAX_DOCUMENTS)
    ]
    read = [(begin, block, written) for begin, block in found if (written := _json_in(block)) is not None]
    known = [(begin, block, written) for begin, block, written in read if _is_known(written)]
    programs = [(begin, block) for begin, block in found if _is_python(block)]
    if not known and any(_SCRIPT.search(block) for _, block in programs):
        return _pieced(source, [(begin, block, block) for begin, block in programs], ("", "", ""))
    if wanted := known or read:
        return _pieced(source, wanted, ("[", ",", "]") if len(wanted) > 1 else ("", "", ""))
    return None


def _outdented(block: str, indent: str) -> str:
    """A block without what its fence is indented by, in a list for instance."""
    return re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) if indent else block


def _is_known(written: str) -> bool:
    """Whether a JSON text is a flow or something of AutoGen's."""
    from studio.formats.autogen_json.read import is_autogen

    value = _value(written)
    return is_autogen(value) or (isinstance(value, dict) and "format" in value)


def _json_in(block: str) -> str | None:
    return block if isinstance(_value(block), dict | list) else _strict(block)


def _pieced(source: str, blocks: list[tuple[int, str, str]], between: tuple[str, str, str]) -> str:
    """Blocks on their own lines, with nothing but ends of lines instead of what lies around them: (begin, block, what to write of it)."""
    written, lines = between[0], 0
    for number, (begin, block, wanted) in enumerate(blocks):
        before = source.count("\n", 0, begin)
        written += "\n" * (before - lines) + (between[1] if number else "") + wanted
        lines = before + block.count("\n")
    return written + between[2]


def _is_python(source: str) -> bool:
    try:
        return len(source) <= MAX_PYTHON and bool(parsed(source).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _value(source: str) -> Any:
    """The JSON value of a text; None where it is none, or nothing."""
    try:
        return json.loads(source)
    except (ValueError, RecursionError):
        return None
