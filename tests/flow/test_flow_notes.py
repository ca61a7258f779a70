"""Notes as plain lines: what the Markdown says, without its marks."""

from __future__ import annotations

import time

import pytest

from studio.flow.notes import note_height, note_lines


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
    assert note_height(mark * (20_000 // len(mark)), 208.0) > 96.0
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    ("markdown", "rows"),
    [
        ("", 1),
        ("one line", 1),
        ("a word " * 30, 9),
        ("x" * 100, 4),
        ("\u4f60\u597d" * 30, 5),
        ("# Title\n\nand a line\n- and an item", 3),
        ("```python\nx = 1\ny = 2\n```\nsaid", 4),
        ("![](" + "x" * 60 + ") and [words](https://example.com/" + "x" * 60 + ")", 3),
    ],
)
def test_a_note_is_at_least_as_tall_as_its_lines(markdown: str, rows: int) -> None:
    height = note_height(markdown, 208.0)
    assert rows * 18.0 <= height - 20.0 <= (rows + 2) * 24.0
