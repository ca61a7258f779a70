"""Files in a run's work folder, for tools: listed, read, written and searched without ever following a link out of it."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from studio.engine.code.work_folder import MAX_SIZE, OutsideWorkFolder, folder_size, inside_path, snapshot, write_file
from studio.engine.tools.own_functions import CallFailed

MAX_LISTED = 500
MAX_READ = 20_000
"""Characters that one call reads."""
MAX_FILE = 10_000_000
"""Bytes of a file that is read, searched or added to."""
MAX_FOUND = 100
MAX_LINE = 300
"""Characters of a line that was found."""
MAX_SEARCHED = 100_000_000
"""Bytes that one search looks at."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The files of one run. Names are relative, with /; hidden files, links and everything outside do not exist here.

    Every function raises CallFailed with a sentence for the model that called it.
    """

    folder: Path

    def listed(self, under: str) -> str:
        """One line a file: name and size, of the whole folder or of one below it."""
        below = f"{_path(under)}/" if under.strip().strip("./") else ""
        found = {name: facts for name, facts in sorted(snapshot(self.folder).items()) if name.startswith(below)}
        if not found:
            return "There are no files."
        lines = [f"{name}  ({size:,} bytes)" for name, (_, size, _) in list(found.items())[:MAX_LISTED]]
        if len(found) > MAX_LISTED:
            lines.append(f"… and {len(found) - MAX_LISTED:,} more")
        return "\n".join(lines)

    def read(self, name: str, start: int) -> str:
        """The text of a file from line `start` (the first is 1) on, cut at MAX_READ characters, and where to go on."""
        text = self._text(name, pages=True)
        lines = text.splitlines(keepends=True)
        if not lines:
            return "The file is empty."
        if not 1 <= start <= len(lines):
            raise CallFailed(f"'{_shown(name)}' has {len(lines):,} lines, so that none is {start}.")
        taken: list[str] = []
        room = MAX_READ
        for line in lines[start - 1 :]:
            if len(line) > room:
                break
            taken.append(line)
            room -= len(line)
        if not taken:
            taken, room = [lines[start - 1][:MAX_READ]], 0
            return f"{taken[0]}\n… line {start} goes on for {len(lines[start - 1]) - MAX_READ:,} characters"
        last = start + len(taken) - 1
        rest = f"\n… {len(lines) - last:,} more lines: go on with start={last + 1}" if last < len(lines) else ""
        return "".join(taken) + rest

    def write(self, name: str, text: str) -> str:
        """Make a file, or put another one in its place."""
        path = self.keep(name, text.encode("utf-8", "replace"), MAX_FILE)
        return f"Wrote {path} ({len(text):,} characters)."

    def keep(self, name: str, content: bytes, most: int) -> str:
        """Make a file of at most so many bytes, or put another one in its place. Returns its relative name."""
        path = _path(name)
        self._room_for(len(content), most)
        try:
            write_file(self.folder, path, content)
        except OutsideWorkFolder:
            raise CallFailed(f"'{_shown(name)}' leads out of the work folder.") from None
        except OSError as mistake:
            raise CallFailed(f"'{_shown(name)}' cannot be written: {mistake.strerror or 'the system refused'}.") from None
        return str(path)

    @contextlib.contextmanager
    def opened(self, name: str) -> Iterator[int]:
        """A file to be read, as a descriptor."""
        path = _path(name)
        try:
            with self._opened(path, os.O_RDONLY) as handle:
                yield handle
        except FileNotFoundError:
            raise CallFailed(f"There is no file '{_shown(name)}'.", "list_files tells which there are.") from None
        except OSError as mistake:
            raise CallFailed(f"'{_shown(name)}' cannot be read: {mistake.strerror or 'the system refused'}.") from None

    def append(self, name: str, text: str) -> str:
        """Add to the end of a file, or make it."""
        path = _path(name)
        added = text.encode("utf-8", "replace")
        self._room_for(len(added))
        try:
            with self._opened(path, os.O_WRONLY | os.O_APPEND) as handle:
                if os.fstat(handle).st_size + len(added) > MAX_FILE:
                    raise CallFailed(f"'{_shown(name)}' would become larger than {MAX_FILE // 1_000_000} MB.")
                with os.fdopen(os.dup(handle), "ab") as file:
                    file.write(added)
        except FileNotFoundError:
            return self.write(name, text)
        except OSError as mistake:
            raise CallFailed(f"'{_shown(name)}' cannot be written: {mistake.strerror or 'the system refused'}.") from None
        return f"Added {len(text):,} characters to {path}."

    def searched(self, wanted: str, under: str) -> str:
        """Lines that contain a text, whatever the case of its letters: `name:line: text`."""
        if not wanted.strip():
            raise CallFailed("There is nothing to search for.", "Give the text that lines must contain.")
        below = f"{_path(under)}/" if under.strip().strip("./") else ""
        found: list[str] = []
        looked = 0
        for name, (_, size, _) in sorted(snapshot(self.folder).items()):
            if not (name.startswith(below) or name == below[:-1]) or size > MAX_FILE:
                continue
            looked += size
            if looked > MAX_SEARCHED:
                found.append("… the folder holds more than is searched at once: search in one folder of it")
                break
            with contextlib.suppress(CallFailed):
                found.extend(_found_in(name, self._text(name, pages=name == below[:-1]), wanted.casefold()))
            if len(found) >= MAX_FOUND:
                return "\n".join([*found[:MAX_FOUND], "… there may be more: search for something rarer"])
        return "\n".join(found) or f"No line contains '{_shown(wanted)}'."

    def _text(self, name: str, pages: bool) -> str:
        """What stands in a file; with `pages` that of a PDF too, which takes a while."""
        with self.opened(name) as handle:
            size = os.fstat(handle).st_size
            if size > MAX_FILE:
                raise CallFailed(f"'{_shown(name)}' is too large to be read: {size:,} bytes.")
            data = b""
            while len(data) <= MAX_FILE and (part := os.read(handle, MAX_FILE + 1 - len(data))):
                data += part
        if pages and data.startswith(b"%PDF-"):
            return _pages(name, data)
        if b"\0" in data[:8192]:
            raise CallFailed(f"'{_shown(name)}' is no text file.")
        return data.decode("utf-8", "replace")

    @contextlib.contextmanager
    def _opened(self, path: PurePosixPath, flags: int) -> Iterator[int]:
        """A regular file below the folder, opened part by part so that no link is followed. Raises OSError and CallFailed."""
        flags |= getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        handles: list[int] = []
        try:
            if os.open in os.supports_dir_fd:
                handles.append(os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY))
                for part in path.parts[:-1]:
                    handles.append(os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=handles[-1]))
                handles.append(os.open(path.name, flags | os.O_NOFOLLOW, dir_fd=handles[-1]))
            else:
                place = self.folder.joinpath(*path.parts)
                if not place.resolve().is_relative_to(self.folder.resolve()) or place.is_symlink():
                    raise CallFailed(f"'{_shown(str(path))}' leads out of the work folder.")
                handles.append(os.open(place, flags))
            if not stat.S_ISREG(os.fstat(handles[-1]).st_mode):
                raise CallFailed(f"'{_shown(str(path))}' is no file.")
            if os.fstat(handles[-1]).st_nlink > 1:
                raise CallFailed(f"'{_shown(str(path))}' has a second name elsewhere, so that it is not only this run's.")
            yield handles[-1]
        finally:
            for handle in reversed(handles):
                os.close(handle)

    def _room_for(self, size: int, most: int = MAX_FILE) -> None:
        if size > most:
            raise CallFailed(f"That is too much for one file: {size:,} bytes, at most {most // 1_000_000} MB are taken.")
        if folder_size(self.folder) + size > MAX_SIZE:
            raise CallFailed(f"The work folder would become larger than {MAX_SIZE // 1024**3} GB.")


def _path(name: str) -> PurePosixPath:
    try:
        path = inside_path(name)
    except OutsideWorkFolder as mistake:
        raise CallFailed(str(mistake), "Use a relative name such as notes/plan.md.") from None
    if any(part.startswith(".") for part in path.parts):
        raise CallFailed(f"'{_shown(name)}' is hidden: names must not begin with a dot.")
    return path


def _pages(name: str, data: bytes) -> str:
    """The text of a PDF under the numbers of its pages."""
    from studio.engine.documents.document import DocumentUnusable
    from studio.engine.documents.reading import sections_of

    try:
        return "\n\n".join(f"# {section.place}\n\n{section.text}" for section in sections_of(name, data)) + "\n"
    except DocumentUnusable as mistake:
        raise CallFailed(mistake.sentence, mistake.remedy) from None


def _found_in(name: str, text: str, wanted: str) -> list[str]:
    lines = ((number, line) for number, line in enumerate(text.splitlines(), 1) if wanted in line.casefold())
    return [f"{name}:{number}: {line.strip()[:MAX_LINE]}" for number, line in lines][:MAX_FOUND]


def _shown(name: str) -> str:
    return name[:200].encode("utf-8", "replace").decode()
