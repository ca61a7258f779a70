"""Files of a run's work folder: those inside can be fetched, whatever is outside cannot."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from studio.api.work_files import FileMissing, open_work_file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("outside")
    inside = tmp_path / "run"
    (inside / "plots").mkdir(parents=True)
    (inside / "plots" / "a b.png").write_bytes(b"picture")
    (inside / "out.txt").write_text("inside")
    (inside / "link").symlink_to(tmp_path / "secret")
    (inside / "linked").symlink_to(tmp_path)
    return inside


@pytest.mark.parametrize(("path", "content"), [("out.txt", b"inside"), ("plots/a b.png", b"picture")])
def test_a_file_of_the_run_can_be_read(folder: Path, path: str, content: bytes) -> None:
    with open_work_file(folder, path) as file:
        assert file.read() == content


@pytest.mark.parametrize(
    "path",
    ["", ".", "..", "../secret", "plots/../../secret", "/etc/passwd", "//etc/passwd", "plots", "plots/", "nothing.txt", "link", "linked/secret", "out.txt/x", "..\\secret", "out.txt\0", "a/" * 40 + "b", "x" * 5000],
)  # fmt: skip
def test_nothing_else_can(folder: Path, path: str) -> None:
    with pytest.raises(FileMissing):
        open_work_file(folder, path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes in folders are a matter of POSIX")
def test_a_pipe_is_no_file_and_holds_nobody_up(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(FileMissing):
        open_work_file(folder, "pipe")


def test_no_descriptor_stays_open(folder: Path) -> None:
    if not Path("/proc/self/fd").exists():
        pytest.skip("open files cannot be counted here")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        open_work_file(folder, "plots/a b.png").close()
        with pytest.raises(FileMissing):
            open_work_file(folder, "linked/secret")
        with pytest.raises(FileMissing):
            open_work_file(folder, "plots")
    assert len(os.listdir("/proc/self/fd")) == before
