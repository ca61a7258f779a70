"""Opens a file of a run's work folder and nothing outside it, whatever the path says and wherever a link points."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from studio.engine.errors import ConveneError
from studio.texts import text

MAX_PARTS = 32


class FileMissing(ConveneError):
    code = "file_missing"

    def __init__(self, path: str) -> None:
        super().__init__(text("api.file_missing", path=path[:200]))


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
