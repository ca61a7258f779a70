"""The text of a JSON file: decoded, parsed within bounds, and where in it each value stands."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from studio.flow.bounds import MAX_BYTES, MAX_DEPTH, Unbounded, check_json, read_json
from studio.flow.findings import ForeignFileError
from studio.flow.upgrade import encoding_of
from studio.texts import text

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Span:
    """Where a value stands: from `start` to `end` in characters, and the line of its first one, from 1."""

    start: int
    end: int
    line: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file that is JSON itself: its text, the pointer at which it stands, and the line on which it begins."""

    text: str
    pointer: str = ""
    line: int = 1

    def spans(self, wanted: Collection[str]) -> dict[str, Span]:
        """Where the values of these pointers stand: characters count in the piece, lines and pointers in the file."""
        inside = {pointer[len(self.pointer) :] for pointer in wanted if pointer.startswith(self.pointer)}
        found = spans(self.text, inside)
        return {self.pointer + pointer: Span(span.start, span.end, span.line + self.line - 1) for pointer, span in found.items()}

    def original(self, span: Span) -> str:
        """What stands there, as it stands."""
        return self.text[span.start : span.end]


def pieces(source: str, pointers: Collection[str]) -> dict[str, Piece]:
    """The parts of a file that stand at these pointers, found in one walk."""
    return {pointer: Piece(source[span.start : span.end], pointer, span.line) for pointer, span in spans(source, pointers).items()}


def decoded(data: bytes | str) -> str:
    """The text of a file in UTF-8, or in UTF-16 with its mark, as some editors save it. Raises ForeignFileError."""
    if len(data) > MAX_BYTES:
        raise ForeignFileError(text("bounds.large", where=text("bounds.file"), limit=f"{MAX_BYTES // 1_000_000} MB"))
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    try:
        return data.decode(encoding_of(data))
    except UnicodeDecodeError as error:
        where = text("flow_file.byte", byte=error.start)
        raise ForeignFileError(text("flow_file.no_text", where=where), where, text("import.unknown.remedy")) from None


def parsed(source: str) -> Any:
    """The JSON of a text, within the bounds of a flow file. Raises ForeignFileError with the place of the mistake."""
    try:
        value = read_json(source)
        check_json(value)
    except json.JSONDecodeError as error:
        where = text("flow_file.line", line=error.lineno, column=error.colno)
        raise ForeignFileError(text("flow_file.no_json", where=where, why=error.msg), where, text("flow_file.no_json.remedy")) from None
    except RecursionError:
        raise ForeignFileError(text("bounds.deep", where=text("bounds.file"), limit=MAX_DEPTH), "/") from None
    except Unbounded as error:
        raise ForeignFileError(error.sentence, error.where) from None
    return value


def spans(source: str, wanted: Collection[str]) -> dict[str, Span]:
    """Where the values of these JSON pointers stand in a text that is valid JSON. Of a key that occurs twice the last one counts."""
    found: dict[str, Span] = {}
    path: list[str] = []
    open_values: list[tuple[str, int, int]] = []
    lists: list[bool] = []
    key: str | None = None
    awaiting_key = False
    line, seen = 1, 0
    for token in _TOKEN.finditer(source):
        mark, start = token.group(), token.start()
        line += source.count("\n", seen, start)
        seen = start
        if mark in "}]":
            pointer, begin, begin_line = open_values.pop()
            lists.pop()
            _keep(found, wanted, pointer, Span(begin, token.end(), begin_line))
            path.pop()
            awaiting_key = False
        elif mark == ",":
            awaiting_key = not lists[-1]
            if lists[-1]:
                path[-1] = str(int(path[-1]) + 1)
        elif mark == ":":
            awaiting_key = False
        elif awaiting_key:
            key = json.loads(mark)
            path[-1] = _escaped(key)
        else:
            pointer = "".join(f"/{part}" for part in path)
            if mark in "{[":
                open_values.append((pointer, start, line))
                lists.append(mark == "[")
                path.append("0" if mark == "[" else "")
                awaiting_key = mark == "{"
            else:
                _keep(found, wanted, pointer, Span(start, token.end(), line))
    return found


def _keep(found: dict[str, Span], wanted: Collection[str], pointer: str, span: Span) -> None:
    if pointer in wanted:
        found[pointer] = span


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def below(pointer: str, *keys: str | int) -> str:
    """The pointer of a value inside another one."""
    return pointer + "".join(f"/{_escaped(str(key))}" for key in keys)
