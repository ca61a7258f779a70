"""Notes as plain lines: what the Markdown says, without its marks."""

from __future__ import annotations

from studio.flow.notes import note_lines


def test_marks_go_and_words_stay() -> None:
    found = note_lines("# Title\n\n**All bold**\n- an *item* with `code`\nsee [the page](https://example.com/x) and 2 * 3 * 4\n")
    assert [tuple(line) for line in found] == [
        ("Title", "strong"),
        ("All bold", "strong"),
        ("• an item with code", "plain"),
        ("see the page and 2 * 3 * 4", "plain"),
    ]


def test_long_rows_of_marks_take_no_time() -> None:
    assert note_lines("*" * 20_000)
    assert note_lines("[" * 20_000)
    assert note_lines("* " * 10_000)
