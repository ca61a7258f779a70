"""Files of a run's work folder, listed, opened and packed, and nothing outside it, whatever a path says and wherever a link points."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from studio.engine.code.work_folder import snapshot
from studio.engine.errors import ConveneError
from studio.texts import text

MAX_PARTS = 32
MAX_LISTED = 500
MAX_PACKED = 2 * 1024 * 1024 * 1024
"""Bytes of files that one archive holds."""
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class WorkFile:
    """A file below the work folder: its relative name, its bytes, and when it changed (seconds since 1970)."""

    name: str
    size: int
    changed: float


class TooMuchToPack(ConveneError):
    code = "too_much_to_pack"

    def __init__(self) -> None:
        super().__init__(text("api.too_much_to_pack", gigabytes=f"{MAX_PACKED >> 30}"), text("api.too_much_to_pack.remedy"))


class FileMissing(ConveneError):
    code = "file_missing"

    def __init__(self, path: str) -> None:
        super().__init__(text("api.file_missing", path=path[:200]))


def list_work_files(folder: Path) -> tuple[list[WorkFile], bool]:
    """The newest MAX_LISTED files, newest first, and whether there are more. Links, hidden files and caches are none of them."""
    found = [WorkFile(name, size, changed / 1e9) for name, (changed, size, _) in snapshot(folder).items()]
    found.sort(key=lambda file: (-file.changed, file.name))
    return found[:MAX_LISTED], len(found) > MAX_LISTED


def zip_work_files(folder: Path) -> BinaryIO:
    """All files of the folder as one archive, in a temporary file that is gone once it is closed. Raises TooMuchToPack."""
    names = sorted(snapshot(folder))
    packed = tempfile.TemporaryFile(prefix="convene-")  # noqa: SIM115  whoever sends it closes it
    left = MAX_PACKED
    try:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                with contextlib.suppress(FileMissing), open_work_file(folder, name) as file:
                    left = _pack(file, archive, name, left)
    except BaseException:
        packed.close()
        raise
    packed.seek(0)
    return packed


def _pack(file: BinaryIO, archive: zipfile.ZipFile, name: str, left: int) -> int:
    """Put a file into the archive. Returns how many bytes of `left` still may follow. Raises TooMuchToPack."""
    entry_facts = zipfile.ZipInfo(name)
    entry_facts.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(entry_facts, "w", force_zip64=True) as entry:
        while chunk := file.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise TooMuchToPack
            entry.write(chunk)
    return left


def open_work_file(folder: Path, path: str) -> BinaryIO:
    """The regular file `path` inside `folder`, opened for reading. Raises FileMissing for anything else.

    Each part is opened inside the one before without following links, so that a link made by the run's own code, or swapped in
    between check and use, leads nowhere.
    """
    parts = path.split("/")
    if not 0 < len(parts) <= MAX_PARTS or any(part in ("", ".", "..") or "\0" in part or "\\" in part for part in parts):
        raise FileMissing(path)
    if not hasattr(os, "O_DIRECTORY") or os.open not in os.supports_dir_fd:
        return _open_resolved(folder, path)
    inside: int | None = None
    try:
        inside = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        for part in parts[:-1]:
            deeper = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=inside)
            os.close(inside)
            inside = deeper
        # Without O_NONBLOCK, opening a pipe would wait for a writer that never comes.
        file = os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=inside)
    except (OSError, ValueError):
        raise FileMissing(path) from None
    finally:
        if inside is not None:
            os.close(inside)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise FileMissing(path)
    return os.fdopen(file, "rb")


def _open_resolved(folder: Path, path: str) -> BinaryIO:
    """The same where the system knows no open inside a folder (Windows)."""
    target = (folder / path).resolve()
    if not target.is_relative_to(folder.resolve()) or not target.is_file():
        raise FileMissing(path)
    return target.open("rb")
