"""What a file is, by its content."""

from __future__ import annotations

import pytest

from studio.flow.findings import ForeignFileError
from studio.formats.recognise import recognise


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"import autogen\n", "script"),
        (b"  def f():\n    pass\n", "script"),
        (b'\xef\xbb\xbf{"format": "convene.flow"}', "flow"),
        (b'\n {"nodes": [', "flow"),
        (b"[1, 2", "flow"),
        (b'{"cells": []}', "notebook"),
        (b"SQLite format 3\x00", "autogen_database"),
        (b"PK\x03\x04", "project"),
    ],
)
def test_a_file_is_what_it_holds(content: bytes, form: str) -> None:
    assert recognise(content) == form


@pytest.mark.parametrize("content", [b"print(1)\n", b"Dear all,\n\nthe agents", b"\x00" * 10, b'{"a": 1}', b"7", b"x=" + b"(" * 5_000])
def test_what_is_nothing_of_ours_is_said_to_be_unknown_and_not_broken_json(content: bytes) -> None:
    with pytest.raises(ForeignFileError, match="no flow that Convene knows"):
        recognise(content)
