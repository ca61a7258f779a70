"""Collected output: what is streamed is what is kept, within the limit, with the folder's path taken out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.engine.code.output import Output


def collect(pieces: list[str], limit: int = 100, renamed: tuple[str, str] = ("", "")) -> tuple[str, str]:
    heard: list[str] = []
    output = Output(limit, heard.append, renamed)
    for piece in pieces:
        output.add(piece)
    return output.finish(), "".join(heard)


@given(st.lists(st.text(max_size=80), max_size=20), st.integers(2, 200))
def test_what_is_streamed_is_what_is_kept_and_keeps_both_ends(pieces: list[str], limit: int) -> None:
    whole = "".join(pieces)
    kept, heard = collect(pieces, limit)
    assert kept == heard
    if len(whole) <= limit:
        assert kept == whole
    else:
        head, tail = limit - limit // 2, limit // 2
        assert kept == f"{whole[:head]}\n… {len(whole) - limit:,} characters left out …\n{whole[len(whole) - tail :]}"


@given(st.lists(st.text("ab/x", max_size=6), max_size=20))
def test_a_path_is_replaced_also_across_pieces(pieces: list[str]) -> None:
    kept, heard = collect(pieces, 10_000, ("a/b/", ""))
    assert kept == heard
    assert "a/b/" not in kept.replace("a/", "", 0) or "a/b/" in "".join(pieces).replace("a/b/", "")
    if "a/b/" not in "".join(pieces):
        assert kept == "".join(pieces)


def test_a_path_that_comes_in_two_pieces_is_replaced() -> None:
    assert collect(['File "/run/wo', 'rk/x.py", line 1'], 1_000, ("/run/work/", ""))[0] == 'File "x.py", line 1'
    assert collect(["ends with /run/wo"], 1_000, ("/run/work/", ""))[0] == "ends with /run/wo"


def test_what_was_left_out_before_counts() -> None:
    heard: list[str] = []
    output = Output(20, heard.append)
    output.add("start")
    output.skip(1_000)
    output.add("the very end")
    assert output.finish() == "start\n… 1,002 characters left out …\ne very end"
    assert "".join(heard) == "start\n… 1,002 characters left out …\ne very end"


def test_a_sentence_of_ours_begins_on_a_line_of_its_own() -> None:
    heard: list[str] = []
    output = Output(1_000, heard.append)
    output.add_line("First.")
    output.add("printed without end of line")
    output.add_line("Second.")
    assert output.finish() == "First.\nprinted without end of line\nSecond.\n"
