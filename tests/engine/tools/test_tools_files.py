"""Files as a tool: everything inside the run's folder can be done, nothing outside of it exists."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pdf_files import written_pdf
from tool_place import nowhere

from studio.engine.code.base import FunctionResult
from studio.engine.tools.files import Files
from studio.engine.tools.own_functions import CallFailed
from studio.engine.tools.run_folder import MAX_FILE, RunFolder


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


async def call(folder: Path, name: str, tool: Files | None = None, /, **arguments: object) -> FunctionResult:
    return await (tool or Files()).call(name, json.dumps(arguments), nowhere(folder))


async def test_what_was_written_is_listed_read_found_and_added_to(tmp_path: Path) -> None:
    assert (await call(tmp_path, "list_files")).output == "There are no files."
    assert (
        await call(tmp_path, "write_file", path="notes/plan.md", content="One\nTwo ways\n")
    ).output == "Wrote notes/plan.md (13 characters)."
    assert not (await call(tmp_path, "append_to_file", path="notes/plan.md", content="three\n")).is_error
    assert not (await call(tmp_path, "append_to_file", path="new.txt", content="ÄÖ two")).is_error
    assert (await call(tmp_path, "list_files")).output == "new.txt  (8 bytes)\nnotes/plan.md  (19 bytes)"
    assert (await call(tmp_path, "list_files", folder="notes")).output == "notes/plan.md  (19 bytes)"
    assert (await call(tmp_path, "read_file", path="notes/plan.md")).output == "One\nTwo ways\nthree\n"
    assert (await call(tmp_path, "search_files", text="TWO")).output == "new.txt:1: ÄÖ two\nnotes/plan.md:2: Two ways"
    assert (await call(tmp_path, "search_files", text="two", folder="notes")).output == "notes/plan.md:2: Two ways"
    assert (await call(tmp_path, "write_file", path="notes/plan.md", content="")).output == "Wrote notes/plan.md (0 characters)."
    assert (await call(tmp_path, "read_file", path="notes/plan.md")).output == "The file is empty."


async def test_long_files_are_read_in_parts_that_join_to_the_whole(tmp_path: Path) -> None:
    whole = "".join(f"line {number} {'x' * 50}\n" for number in range(1, 2_001))
    (tmp_path / "long.txt").write_text(whole)
    start, got = 1, ""
    while True:
        output = (await call(tmp_path, "read_file", path="long.txt", start=start)).output
        text, mark, rest = output.partition("\n… ")
        got += text
        if not mark:
            break
        start = int(rest.rpartition("start=")[2])
    assert got == whole


async def test_one_endless_line_is_cut(tmp_path: Path) -> None:
    (tmp_path / "line.txt").write_text("x" * 100_000)
    assert "goes on for 80,000 characters" in (await call(tmp_path, "read_file", path="line.txt")).output


async def test_reading_alone_offers_no_writing(tmp_path: Path) -> None:
    tool = Files(access="read")
    assert [schema.name for schema in tool.schemas({})] == ["list_files", "read_file", "search_files"]
    result = await call(tmp_path, "write_file", tool, path="a", content="b")
    assert result.is_error
    assert names(tmp_path) == []


def outside(tmp_path: Path) -> Path:
    """A run's folder with a secret beside it, and every kind of link to it."""
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "x.txt").write_text("secret")
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "link.txt").symlink_to(secret)
    (folder / "dir").symlink_to(tmp_path / "others")
    (folder / "up").symlink_to("..")
    (folder / "loop").symlink_to("loop")
    os.link(secret, folder / "hard.txt")
    os.mkfifo(folder / "pipe")
    (folder / ".hidden").write_text("secret")
    (folder / "sub").mkdir()
    return folder


NAMES = [
    "../secret.txt", "sub/../../secret.txt", "/etc/passwd", "//etc/passwd", "link.txt", "dir/x.txt", "up/secret.txt", "loop", "hard.txt", "pipe", ".hidden",
    ".convene/x", "sub", "sub/", ".", "..", "", " ", "./../secret.txt", "~/x", "..\\secret.txt", "C:\\x", "C:x", "a\0b", "a\nb", "x" * 500, "nul", "a/./b/..",
    "sub/link/../../../secret.txt", "\u2024\u2024/secret.txt", "..%2fsecret.txt", "file:///etc/passwd",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
async def test_nothing_outside_is_read_or_changed(tmp_path: Path, name: str) -> None:
    folder = outside(tmp_path)
    for function, more in (
        ("read_file", {}),
        ("append_to_file", {"content": "evil"}),
        ("write_file", {"content": "evil"}),
        ("list_files", None),
    ):
        arguments = {"folder": name} if more is None else {"path": name, **more}
        result = await call(folder, function, **arguments)
        assert "secret" not in result.output.replace("secret.txt", "").replace("secret'", "")
    assert (tmp_path / "secret.txt").read_text() == "secret"
    assert (tmp_path / "others" / "x.txt").read_text() == "secret"
    assert names(tmp_path) == ["others", "run", "secret.txt"]
    assert names(tmp_path / "others") == ["x.txt"]


async def test_searching_and_listing_follow_no_link(tmp_path: Path) -> None:
    folder = outside(tmp_path)
    assert "No line" in (await call(folder, "search_files", text="secret")).output
    listed = (await call(folder, "list_files")).output
    assert "link.txt" not in listed
    assert "x.txt" not in listed


@given(
    st.lists(st.sampled_from(["..", ".", "a", "b.txt", "", "dir", "up", "link.txt", ".x", "c:", "\\", " "]), max_size=6).map("/".join)
    | st.text(max_size=40)
)
def test_no_name_leads_out_of_the_folder(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    top = tmp_path_factory.getbasetemp() / "names"
    if not top.exists():
        top.mkdir()
        outside(top)
    files = RunFolder(top / "run")
    before = names(top)
    for attempt in (lambda: files.read(name, 1), lambda: files.write(name, "evil"), lambda: files.append(name, "evil")):
        try:
            said = attempt()
        except CallFailed:
            continue
        assert "secret" not in said
    assert names(top) == before
    assert (top / "secret.txt").read_text() == "secret"
    assert (top / "others" / "x.txt").read_text() == "secret"


async def test_files_that_are_too_large_or_no_text_are_refused(tmp_path: Path) -> None:
    with (tmp_path / "large.txt").open("wb") as file:
        file.truncate(MAX_FILE + 1)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\0\0")
    (tmp_path / "odd.txt").write_bytes(b"caf\xe9 \xff")
    assert "too large" in (await call(tmp_path, "read_file", path="large.txt")).output
    assert "no text file" in (await call(tmp_path, "read_file", path="picture.png")).output
    assert (await call(tmp_path, "read_file", path="odd.txt")).output == "caf\ufffd \ufffd"
    assert "would become larger" in (await call(tmp_path, "append_to_file", path="large.txt", content="x")).output
    assert "no file 'none.txt'" in (await call(tmp_path, "read_file", path="none.txt")).output
    assert "has 1 lines" in (await call(tmp_path, "read_file", path="odd.txt", start=7)).output
    assert "nothing to search for" in (await call(tmp_path, "search_files", text=" ")).output


@pytest.mark.parametrize("arguments", ["{", "[]", '{"path": 1, "nonsense": 2}', "{}", '{"path": "a", "start": "x"}'])
async def test_bad_arguments_become_sentences(tmp_path: Path, arguments: str) -> None:
    result = await Files().call("read_file", arguments, nowhere(tmp_path))
    assert result.is_error
    assert "Traceback" not in result.output


def test_writing_can_need_a_yes_while_reading_does_not() -> None:
    tool = Files(approval="matching", approval_pattern=("write_*", "append_*"))
    assert tool.needs_approval("write_file", '{"path": "a", "content": ""}')
    assert not tool.needs_approval("read_file", '{"path": "a"}')


async def test_a_pdf_is_read_by_its_pages_and_searched_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "bill.pdf").write_bytes(written_pdf("Two pears", "Three figs"))
    assert (await call(tmp_path, "read_file", path="bill.pdf")).output == "# page 1\n\nTwo pears\n\n# page 2\n\nThree figs\n"
    assert (await call(tmp_path, "read_file", path="bill.pdf", start=5)).output == "# page 2\n\nThree figs\n"
    assert (await call(tmp_path, "search_files", text="figs", folder="bill.pdf")).output == "bill.pdf:7: Three figs"
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 nonsense")
    broken = await call(tmp_path, "read_file", path="broken.pdf")
    assert broken.is_error
    assert "broken.pdf cannot be used" in broken.output
