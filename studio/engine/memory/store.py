"""A file of remembered texts and what they are like, in which several runs may read and write at once."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.engine.errors import ConveneError
from studio.engine.memory.lexical import MAX_CHARACTERS, embedding
from studio.engine.memory.sqlite_file import opened
from studio.texts import text

MAX_TEXTS = 10_000
"""Texts of a file: beyond it the oldest are forgotten."""

PERSON = "person:"
"""How the origin of what is noted about a person begins."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS texts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, origin TEXT NOT NULL, digest TEXT NOT NULL, source TEXT NOT NULL, text TEXT NOT NULL,
    UNIQUE (origin, digest)
);
CREATE TABLE IF NOT EXISTS features (
    feature TEXT NOT NULL, text INTEGER NOT NULL, weight REAL NOT NULL, PRIMARY KEY (feature, text)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS features_of_text ON features (text);
"""


class MemoryUnusable(ConveneError):
    code = "memory_unusable"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(text("engine.memory.unusable", name=name, why=why), text("engine.memory.unusable.remedy"))


@dataclass(frozen=True, slots=True)
class Found:
    """A text that is like what was asked; `score` is from 0 to 1, `source` who said it, if anybody."""

    text: str
    score: float
    source: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A text as a person sees it; `at` is in seconds since 1970, None where that was not written down."""

    id: int
    text: str
    source: str
    origin: str
    at: float | None


@dataclass(frozen=True, slots=True)
class MemoryFile:
    """The texts of one file, each with its `origin`: empty for what was said, the person whom it is about or to whom alone it is told,
    else the memory in whose form it stands.

    All functions wait for the disk, and raise MemoryUnusable.
    """

    path: Path

    def add(self, texts: Sequence[str], origin: str = "", source: str = "") -> tuple[str, ...]:
        """Put texts in; gives those that were not there. Longer ones are cut at MAX_CHARACTERS."""
        added: list[str] = []
        with self._open() as file:
            for text in dict.fromkeys(text.strip()[:MAX_CHARACTERS] for text in texts):
                if not text:
                    continue
                row = file.execute(
                    "INSERT OR IGNORE INTO texts (origin, digest, source, text, at) VALUES (?, ?, ?, ?, ?)",
                    (origin, _digest(text), source, text, time.time()),
                )
                if row.rowcount:
                    features = [(feature, row.lastrowid, weight) for feature, weight in embedding(text).items()]
                    file.executemany("INSERT INTO features (feature, text, weight) VALUES (?, ?, ?)", features)
                    added.append(text)
            if added:
                self._forget_oldest(file)
        return tuple(added)

    def query(self, text: str, origin: str, top: int, threshold: float, without: Sequence[str] = (), said: str = "") -> tuple[Found, ...]:
        """The `top` texts at least `threshold` like `text`, the most like first: those of `origin`, and those said, whose own is `said`."""
        wanted = embedding(text)
        hidden = {each.strip()[:MAX_CHARACTERS] for each in without}
        with self._open() as file:
            file.execute("CREATE TEMP TABLE wanted (feature TEXT PRIMARY KEY, weight REAL NOT NULL) WITHOUT ROWID")
            file.executemany("INSERT INTO wanted VALUES (?, ?)", wanted.items())
            rows = file.execute(
                "SELECT texts.text, SUM(wanted.weight * features.weight) AS score, texts.source FROM wanted"
                " CROSS JOIN features ON features.feature = wanted.feature JOIN texts ON texts.id = features.text"
                " WHERE texts.origin IN (?, ?) GROUP BY texts.id HAVING score >= ? ORDER BY score DESC, texts.id LIMIT ?",
                (said, origin, threshold, 2 * top + len(hidden)),
            ).fetchall()
        best: dict[str, Found] = {}
        for found, score, source in rows:
            if found not in hidden:
                best.setdefault(found, Found(found, min(round(score, 4), 1.0), source))
        return tuple(best.values())[:top]

    def texts(self, origin: str, said: str = "") -> tuple[Found, ...]:
        """What is of `origin` and everything that was said, whose own is `said`, once each, the oldest first.

        Nothing is compared, so that scores are 0.
        """
        with self._open() as file:
            rows = file.execute("SELECT text, source FROM texts WHERE origin IN (?, ?) ORDER BY id", (said, origin)).fetchall()
        found: dict[str, Found] = {}
        for kept, source in rows:
            found.setdefault(kept, Found(kept, 0.0, source))
        return tuple(found.values())

    def remove(self, origin: str, texts: Sequence[str]) -> int:
        """Forget texts of one origin; gives how many were there."""
        with self._open() as file:
            ids = [
                row
                for text in texts
                for row in file.execute("SELECT id FROM texts WHERE origin = ? AND digest = ?", (origin, _digest(text))).fetchall()
            ]
            return _removed(file, ids)

    def kept(self, search: str = "") -> tuple[Kept, ...]:
        """What is in it, the newest first, without what stands in the form of a memory; of a search, what has all its words."""
        with self._open() as file:
            rows = file.execute("SELECT id, text, source, origin, at FROM texts ORDER BY id DESC").fetchall()
        words = search.casefold().split()
        found = (Kept(*row) for row in rows if not _of_a_form(row[3]))
        return tuple(each for each in found if all(word in f"{each.text} {each.source}".casefold() for word in words))

    def forget(self, ids: Sequence[int]) -> int:
        """Forget what has these numbers; gives how many there were."""
        with self._open() as file:
            return _removed(file, [(number,) for number in ids])

    def _forget_oldest(self, file: sqlite3.Connection) -> None:
        (count,) = file.execute("SELECT COUNT(*) FROM texts").fetchone()
        if count > MAX_TEXTS:
            old = list(file.execute("SELECT id FROM texts ORDER BY id LIMIT ?", (count - MAX_TEXTS,)))
            _removed(file, old)

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with opened(self.path, _SCHEMA, (("texts", "at", "REAL"),)) as file:
                yield file
        except (sqlite3.Error, OSError) as problem:
            raise MemoryUnusable(self.path.stem, str(problem)) from problem


def _removed(file: sqlite3.Connection, ids: Sequence[tuple[int]]) -> int:
    file.executemany("DELETE FROM features WHERE text = ?", ids)
    return file.executemany("DELETE FROM texts WHERE id = ?", ids).rowcount if ids else 0


def _of_a_form(origin: str) -> bool:
    """Whether a text stands in the form of a memory, where it is changed."""
    return bool(origin) and not origin.startswith(PERSON)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
