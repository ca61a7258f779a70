"""Notes as plain lines: what the Markdown says, without its marks."""

from __future__ import annotations

import time

import pytest

from studio.flow.notes import note_lines


def test_marks_go_and_words_stay() -> None:
    found = note_lines("# Title\n\n**All bold**\n- an *item* with `code`\nsee [the page](https://example.com/x) and 2 * 3 * 4\n")
    assert [tuple(line) for line in found] == [
        ("Title", "strong"),
        ("All bold", "strong"),
        ("• an item with code", "plain"),
        ("see the page and 2 * 3 * 4", "plain"),
    ]


def test_marks_within_marks_go_too() -> None:
    found = note_lines(
        "***both*** and **bold *inside* it**, __plain__ _x_ snake_case_name\n[![a badge](b.svg)](c) [one](https://x.org/a_(b))\n"
    )
    assert [line.text for line in found] == ["both and bold inside it, plain x snake_case_name", "[a badge](c) one"]


@pytest.mark.parametrize("mark", ["*", "[", "* ", "*a ", "**a _b `", "[x](", "[x](a(", "`a` *"])
def test_long_rows_of_marks_take_no_time(mark: str) -> None:
    began = time.process_time()
    assert note_lines(mark * (20_000 // len(mark)))
    assert time.process_time() - began < 0.5
