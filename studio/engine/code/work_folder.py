"""The work folder of a run: writing into it without following links out of it, and telling what changed in it."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from studio.texts import text

OWN = ".convene"
"""The folder within the work folder that holds the scripts and temporary files of executions."""
MAX_ENTRIES = 10_000
"""Files and folders that are looked at; a folder with more is watched no further."""
MAX_NAMES = 100
"""Changed files that are named in a result."""
MAX_DEPTH = 16
MAX_SIZE = 1024 * 1024 * 1024
"""Bytes that a work folder may hold before code in it is stopped."""

_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?\Z", re.IGNORECASE)


class OutsideWorkFolder(ValueError):
    """A file name that does not stay in the work folder. The message is a sentence."""

    def __init__(self, name: str) -> None:
        super().__init__(text("engine.code.outside_folder", name=name[:200]))


def inside_path(name: str) -> PurePosixPath:
    """The relative path that `name` means. Raises OutsideWorkFolder for anything that could lead elsewhere."""
    parts = name.strip().split("/")
    while len(parts) > 1 and parts[0] == ".":
        parts = parts[1:]
    refused = (
        not name.strip()
        or len(name) > 400
        or "\\" in name
        or ":" in name
        or _UNSAFE.search(name) is not None
        or len(parts) > MAX_DEPTH
        or parts[0] == OWN
        or any(part in ("", ".", "..") or part[-1] in " ." or len(part.encode("utf-8", "replace")) > 200 for part in parts)
        or any(_RESERVED.match(part) for part in parts)
    )
    if refused:
        raise OutsideWorkFolder(name)
    return PurePosixPath(*parts)


def write_file(folder: Path, path: PurePosixPath, content: str | bytes, *, shared: bool = False) -> None:
    """Write a file below `folder`, folders of the path included, without following any link.

    A new file takes the place of what was there, so that a link or a pipe under that name is replaced, not followed.
    `shared` files can be changed by everybody (another user owns the processes of a container). Raises OSError, and
    OutsideWorkFolder when a folder of the path is a link.
    """
    data = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
    with _folder_of(folder, path, shared) as (directory, place):
        temporary = place / f".{secrets.token_hex(8)}.part"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        handle = os.open(temporary, flags, 0o644, dir_fd=directory)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            if shared:
                os.chmod(temporary, 0o666, dir_fd=directory)  # noqa: S103  the container's user changes it
            os.replace(temporary, place / path.name, src_dir_fd=directory, dst_dir_fd=directory)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(temporary, dir_fd=directory)
            raise


def make_folder(folder: Path, path: PurePosixPath, *, shared: bool = False) -> None:
    """Make a folder below `folder` without following any link. Raises OSError, OutsideWorkFolder."""
    with _folder_of(folder, path / "x", shared):
        pass


@contextlib.contextmanager
def _folder_of(folder: Path, path: PurePosixPath, shared: bool) -> Iterator[tuple[int | None, Path]]:
    """The folder that `path` lies in, made where it is missing: an open descriptor and an empty path to join names to.

    Where there are no descriptors of folders (Windows) None and the checked path of the folder.
    """
    mode = 0o777 if shared else 0o755
    if os.open not in os.supports_dir_fd:
        place = folder.joinpath(*path.parts[:-1])
        place.mkdir(parents=True, exist_ok=True)
        if not place.resolve().is_relative_to(folder.resolve()):
            raise OutsideWorkFolder(str(path))
        yield None, place
        return
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    handle = os.open(folder, flags)
    try:
        for part in path.parts[:-1]:
            with contextlib.suppress(FileExistsError):
                os.mkdir(part, mode, dir_fd=handle)
                if shared:
                    os.chmod(part, mode, dir_fd=handle)
            try:
                below = os.open(part, flags | os.O_NOFOLLOW, dir_fd=handle)
            except OSError as mistake:
                raise OutsideWorkFolder(str(path)) from mistake
            os.close(handle)
            handle = below
        yield handle, Path()
    finally:
        os.close(handle)


Snapshot = Mapping[str, tuple[int, int, int]]


def snapshot(folder: Path) -> Snapshot:
    """What lies in the folder: {relative name: (time of change in ns, bytes, inode)}.

    Hidden names, links and caches are left out, and at most MAX_ENTRIES are looked at.
    """
    return {name: (facts.st_mtime_ns, facts.st_size, facts.st_ino) for name, facts in _files(folder, hidden=False)}


def changed_files(before: Snapshot, after: Snapshot) -> tuple[str, ...]:
    """Names that are new or changed, sorted, at most MAX_NAMES."""
    return tuple(sorted(name for name, facts in after.items() if before.get(name) != facts)[:MAX_NAMES])


def folder_size(folder: Path) -> int:
    """Bytes of all files in the folder, hidden ones included, of the first MAX_ENTRIES."""
    return sum(facts.st_size for _, facts in _files(folder, hidden=True))


def _files(folder: Path, hidden: bool) -> Iterator[tuple[str, os.stat_result]]:
    """Regular files below the folder with their facts. Folders are opened one by one, so that no link is followed."""
    left = MAX_ENTRIES
    waiting = [""]
    while waiting:
        place = waiting.pop()
        for name, facts in _listed(folder, place):
            left -= 1
            if left < 0:
                return
            if not hidden and (name.startswith(".") or name == "__pycache__" or name.endswith(".pyc")):
                continue
            path = f"{place}/{name}" if place else name
            if stat.S_ISDIR(facts.st_mode):
                if path.count("/") < MAX_DEPTH:
                    waiting.append(path)
            elif stat.S_ISREG(facts.st_mode):
                yield path, facts


def _listed(folder: Path, place: str) -> Iterator[tuple[str, os.stat_result]]:
    """Names in one folder with their facts; nothing for a folder that is gone or has become a link."""
    handle = -1
    try:
        if os.scandir in os.supports_fd:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            for part in place.split("/") if place else ():
                below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=handle)
                os.close(handle)
                handle = below
        with os.scandir(handle if handle >= 0 else folder / place) as found:
            for entry in found:
                with contextlib.suppress(OSError):
                    yield entry.name, entry.stat(follow_symlinks=False)
    except OSError:
        return
    finally:
        if handle >= 0:
            os.close(handle)
