"""What agents remember for all runs: seen, searched and forgotten by the person whom it is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from studio.engine.errors import ConveneError
from studio.engine.memory.store import MemoryFile
from studio.engine.memory.teachable import PEOPLE
from studio.engine.memory.vector_memory import STRANGERS
from studio.texts import text


class NoteMissing(ConveneError):
    code = "note_missing"

    def __init__(self, key: str) -> None:
        super().__init__(text("memories.missing", key=key), text("memories.missing.remedy"))


@dataclass(frozen=True, slots=True)
class Note:
    """Something remembered. `key` is unique in an installation; `person` whom it is about or who said it, if anybody."""

    key: str
    memory: str
    person: str
    text: str
    at: datetime | None
    origin: str


@dataclass(frozen=True, slots=True)
class Memories:
    """The memories in a folder. All functions wait for the disk, and raise MemoryUnusable."""

    folder: Path

    def notes(self, search: str = "", person: str | None = None, memory: str | None = None) -> list[Note]:
        """What is remembered, the newest first; of a search, what has all its words."""
        found = [
            Note(f"{name}:{kept.id}", name, kept.source, kept.text, _time(kept.at), kept.origin)
            for name, file in self._files()
            if memory is None or memory == name
            for kept in file.kept(search)
        ]
        wanted = [note for note in found if person is None or note.person.casefold() == person.casefold()]
        return sorted(wanted, key=lambda note: note.at or datetime.min.replace(tzinfo=UTC), reverse=True)

    def forget(self, keys: Sequence[str]) -> list[Note]:
        """Forget notes; gives those that were there. Raises NoteMissing for a key that nothing has, before anything is forgotten."""
        known = {note.key: note for note in self.notes()}
        for key in keys:
            if key not in known:
                raise NoteMissing(key)
        gone = [known[key] for key in dict.fromkeys(keys)]
        for name, file in self._files():
            ids = [int(note.key.rpartition(":")[2]) for note in gone if note.memory == name]
            if ids:
                file.forget(ids)
        return gone

    def bring_back(self, notes: Sequence[Note]) -> None:
        """Remember again what was forgotten."""
        files = dict(self._files())
        for note in notes:
            if note.memory in files:
                files[note.memory].add((note.text,), note.origin, note.person)

    def _files(self) -> Iterator[tuple[str, MemoryFile]]:
        """By name: those about people are `people/<name>`, those of strangers `strangers/<name>` and `strangers/people.<name>`."""
        for folder, before in ((self.folder, ""), (self.folder / PEOPLE, f"{PEOPLE}/"), (self.folder / STRANGERS, f"{STRANGERS}/")):
            if folder.is_dir() and not folder.is_symlink():
                for path in sorted(folder.glob("[!.]*.db")):
                    if path.is_file() and not path.is_symlink():
                        yield before + path.stem, MemoryFile(path)


def _time(at: float | None) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at is not None else None
