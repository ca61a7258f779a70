"""Previews of files that code wrote, as plain data: text, rows of a table, or that it is a picture. Nothing in them is interpreted."""

from __future__ import annotations

import csv
import io
import os
from pathlib import PurePosixPath
from typing import BinaryIO, Literal

Kind = Literal["picture", "table", "text", "other"]

MAX_TEXT = 128 * 1024
"""Bytes that are read of a file."""
MAX_ROWS = 200
MAX_COLUMNS = 40
MAX_CELL = 300

_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
_TABLES = (".csv", ".tsv")
_OTHERS = (
    ".zip",
    ".gz",
    ".pdf",
    ".xlsx",
    ".docx",
    ".pptx",
    ".parquet",
    ".pkl",
    ".npy",
    ".npz",
    ".db",
    ".sqlite",
    ".mp3",
    ".mp4",
    ".wav",
    ".so",
)


def kind_of(name: str) -> Kind:
    """What a file seems to be by its name."""
    ending = PurePosixPath(name).suffix.lower()
    if ending in _PICTURES:
        return "picture"
    if ending in _TABLES:
        return "table"
    return "other" if ending in _OTHERS else "text"


def picture_type(first: bytes) -> str | None:
    """The media type of a picture that every browser shows and none executes, by its first bytes; None for all else, SVG included."""
    if first.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if first.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if first.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if first.startswith(b"RIFF") and first[8:12] == b"WEBP":
        return "image/webp"
    return None


def preview(name: str, file: BinaryIO) -> dict[str, object]:
    """`{kind, size, text | rows, cut}`: `cut` says that there is more than is shown. Markdown, HTML and SVG are text."""
    size = os.fstat(file.fileno()).st_size
    data = file.read(MAX_TEXT)
    facts: dict[str, object] = {"size": size, "cut": size > len(data)}
    if picture_type(data[:16]) is not None:
        return facts | {"kind": "picture"}
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return facts | {"kind": "other"}
    text = _decoded(data)
    if kind_of(name) == "table" and (rows := _rows(text, "\t" if name.lower().endswith(".tsv") else None, bool(facts["cut"]))):
        shown = [[cell[:MAX_CELL] for cell in row[:MAX_COLUMNS]] for row in rows[:MAX_ROWS]]
        cut = facts["cut"] or len(rows) > MAX_ROWS or any(len(row) > MAX_COLUMNS for row in rows)
        return facts | {"kind": "table", "rows": shown, "cut": cut}
    return facts | {"kind": "text", "text": text}


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return data.decode(encoding, "replace").replace("\0", "\ufffd")


def _rows(text: str, delimiter: str | None, is_cut: bool) -> list[list[str]]:
    """Rows of a table, one more than is shown; the last line of a file that was cut off is left out. Empty when it is none."""
    first = text.partition("\n")[0]
    delimiter = delimiter or max(",;\t|", key=first.count)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) > MAX_ROWS:
                return rows
    except csv.Error:
        return []
    return rows[:-1] if is_cut and len(rows) > 1 else rows
