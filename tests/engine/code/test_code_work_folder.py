"""The work folder: names stay inside, links are not followed, changes are told, everything is bounded."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.engine.code import work_folder
from studio.engine.code.work_folder import OutsideWorkFolder, changed_files, folder_size, inside_path, snapshot, write_file


@pytest.mark.parametrize("name", ["a.py", "./a.py", "src/deep/a.py", "ünïcode ✓.txt", "with space.txt", ".gitignore", "-dash.txt"])
def test_ordinary_names_are_taken(name: str) -> None:
    assert str(inside_path(name)) == name.removeprefix("./")


@pytest.mark.parametrize(
    "name",
    [
        "", " ", ".", "..", "/", "/a", "../a", "a/..", "a/../b", "a//b", "a/", "a/./b", "a\\b", "\\\\host\\x", "C:a", "C:/a", "a:b", "a\0b",
        "a\nb", "~/../a/..", ".convene/x", "./.convene/x", "x" * 201, "é" * 150, "/".join("abcdefghijklmnopqrs"), "x/" * 300, "con", "NUL.txt",
        "a/aux", "a.", "a ./b", "lpt1",
    ],
)  # fmt: skip
def test_names_that_could_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(OutsideWorkFolder, match="is no file name inside the work folder"):
        inside_path(name)


@given(st.text(st.sampled_from("./\\:~ab\0\n ") | st.characters(), max_size=40))
def test_whatever_is_taken_lies_inside(name: str) -> None:
    try:
        path = inside_path(name)
    except OutsideWorkFolder:
        return
    assert os.path.normpath(f"/folder/{path}").startswith("/folder/")
    assert ".." not in path.parts
    assert not path.is_absolute()


def test_a_file_is_written_with_its_folders_and_replaces_what_was_there(tmp_path: Path) -> None:
    write_file(tmp_path, PurePosixPath("a/b/c.txt"), "one ✓")
    write_file(tmp_path, PurePosixPath("a/b/c.txt"), "two")
    assert (tmp_path / "a/b/c.txt").read_text(encoding="utf-8") == "two"
    assert [each.name for each in (tmp_path / "a/b").iterdir()] == ["c.txt"]


@pytest.mark.skipif(os.name != "posix", reason="needs links and pipes")
def test_a_link_in_the_way_is_replaced_and_one_on_the_way_is_refused(tmp_path: Path) -> None:
    folder, outside = tmp_path / "work", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "victim").write_text("untouched")
    (folder / "file").symlink_to(outside / "victim")
    (folder / "dir").symlink_to(outside)
    (folder / "loop").symlink_to("loop")
    os.mkfifo(folder / "pipe")
    for name in ("file", "loop", "pipe"):
        write_file(folder, PurePosixPath(name), "mine")
        assert (folder / name).read_text() == "mine"
    for name in ("dir/new", "dir/deep/new"):
        with pytest.raises(OutsideWorkFolder):
            write_file(folder, PurePosixPath(name), "mine")
    assert {each.name: each.read_text() for each in outside.iterdir()} == {"victim": "untouched"}


def test_a_folder_in_the_way_is_an_error_and_leaves_no_rest(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_file(tmp_path, PurePosixPath("taken"), "mine")
    assert [each.name for each in tmp_path.iterdir()] == ["taken"]


def test_changes_are_new_and_changed_files_without_the_hidden_ones(tmp_path: Path) -> None:
    for name in ("same.txt", "grown.txt", "removed.txt", "replaced.txt"):
        (tmp_path / name).write_text("1")
    before = snapshot(tmp_path)
    (tmp_path / "grown.txt").write_text("12")
    (tmp_path / "removed.txt").unlink()
    write_file(tmp_path, PurePosixPath("replaced.txt"), "1")
    for name in ("new/deep.txt", ".hidden/x.txt", ".convene/block_1.py", "__pycache__/m.pyc", "m.pyc", "new/.secret"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert changed_files(before, snapshot(tmp_path)) == ("grown.txt", "new/deep.txt", "replaced.txt")


def test_links_are_neither_listed_nor_measured(tmp_path: Path) -> None:
    folder, outside = tmp_path / "work", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "big").write_bytes(b"x" * 1000)
    (folder / "dir").symlink_to(outside)
    (folder / "file").symlink_to(outside / "big")
    (folder / "loop").symlink_to(folder)
    assert snapshot(folder) == {}
    assert folder_size(folder) == 0


def test_looking_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_folder, "MAX_ENTRIES", 50)
    for number in range(200):
        (tmp_path / f"{number:03}.txt").write_text("x")
    assert len(snapshot(tmp_path)) == 50
    assert len(changed_files({}, {f"{number}": (0, 0, 0) for number in range(500)})) == work_folder.MAX_NAMES
    deep = tmp_path.joinpath(*("d" for _ in range(40)))
    deep.mkdir(parents=True)
    (deep / "file").write_text("x")
    monkeypatch.setattr(work_folder, "MAX_ENTRIES", 10_000)
    assert not any(name.startswith("d/d") for name in snapshot(tmp_path))


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert snapshot(tmp_path / "gone") == {}
    assert folder_size(tmp_path / "gone") == 0
