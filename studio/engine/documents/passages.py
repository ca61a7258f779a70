"""A file of passages with what they are like, so that a document is read and cut once for each way of cutting it."""

from __future__ import annotations

import contextlib
import math
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from studio.engine.documents.chunks import Passage
from studio.engine.errors import ConveneError
from studio.engine.memory.lexical import embedding
from studio.engine.memory.sqlite_file import opened
from studio.texts import text

MOST_PASSAGES = 200_000
"""Passages of a file: beyond it the documents that were not asked for longest are forgotten, and read anew when they are wanted."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sets (key TEXT PRIMARY KEY, used REAL NOT NULL, count INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, held TEXT NOT NULL, number INTEGER NOT NULL, place TEXT NOT NULL, text TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS passages_of_set ON passages (held, number);
CREATE TABLE IF NOT EXISTS features (
    feature TEXT NOT NULL, passage INTEGER NOT NULL, weight REAL NOT NULL, PRIMARY KEY (feature, passage)
) WITHOUT ROWID;
"""


class PassagesUnusable(ConveneError):
    code = "passages_unusable"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(text("engine.passages.unusable", why=why), text("engine.passages.unusable.remedy", file=path.name))


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage of the set `held`, and how like the query it is: from 0 to 1."""

    held: str
    passage: Passage
    score: float


@dataclass(frozen=True, slots=True)
class PassageFile:
    """Sets of passages by their keys. All functions wait for the disk, and raise PassagesUnusable."""

    path: Path

    def lacking(self, keys: Sequence[str]) -> list[str]:
        """The keys whose passages are not here."""
        with self._open() as file:
            return [key for key in keys if file.execute("UPDATE sets SET used = ? WHERE key = ?", (time.time(), key)).rowcount == 0]

    def keep(self, key: str, passages: Sequence[Passage]) -> None:
        """Keep the passages of a set, unless somebody else did so meanwhile."""
        # Reckoned before the file is opened: others wait as long as it is.
        features = [
            (feature, number, weight) for number, passage in enumerate(passages) for feature, weight in embedding(searched(passage)).items()
        ]
        features.sort(key=itemgetter(0))
        with self._open() as file:
            new = file.execute("INSERT OR IGNORE INTO sets VALUES (?, ?, ?)", (key, time.time(), len(passages))).rowcount
            if not new:
                return
            (last,) = file.execute("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = 'passages'").fetchone()
            rows = ((last + 1 + number, key, number, passage.place, passage.text) for number, passage in enumerate(passages))
            file.executemany("INSERT INTO passages VALUES (?, ?, ?, ?, ?)", rows)
            file.executemany(
                "INSERT INTO features VALUES (?, ?, ?)", ((feature, last + 1 + number, weight) for feature, number, weight in features)
            )
            self._forget(file, key)

    def all(self, keys: Sequence[str]) -> list[Scored]:
        """All passages of some sets, in order; nothing is compared, so that scores are 0."""
        with self._open() as file:
            return [
                Scored(key, Passage(place, text), 0.0)
                for key in keys
                for place, text in file.execute("SELECT place, text FROM passages WHERE held = ? ORDER BY number", (key,))
            ]

    def query(self, text: str, keys: Sequence[str], top: int) -> list[Scored]:
        """The passages of some sets that share most words with a text, the most alike first. A word that few of them have counts more."""
        wanted = embedding(text)
        with self._open() as file:
            file.execute("CREATE TEMP TABLE asked (key TEXT PRIMARY KEY) WITHOUT ROWID")
            file.executemany("INSERT OR IGNORE INTO asked VALUES (?)", ((key,) for key in keys))
            (count,) = file.execute("SELECT COUNT(*) FROM passages JOIN asked ON asked.key = passages.held").fetchone()
            file.execute("CREATE TEMP TABLE wanted (feature TEXT PRIMARY KEY, weight REAL NOT NULL) WITHOUT ROWID")
            file.executemany("INSERT INTO wanted VALUES (?, ?)", wanted.items())
            frequent = file.execute(
                "SELECT wanted.feature, COUNT(*) FROM wanted CROSS JOIN features ON features.feature = wanted.feature"
                " JOIN passages ON passages.id = features.passage JOIN asked ON asked.key = passages.held GROUP BY wanted.feature"
            ).fetchall()
            rare = {feature: wanted[feature] * math.log(1 + count / having) for feature, having in frequent}
            length = math.sqrt(sum(weight * weight for weight in rare.values())) or 1.0
            file.execute("DELETE FROM wanted")
            file.executemany("INSERT INTO wanted VALUES (?, ?)", ((feature, weight / length) for feature, weight in rare.items()))
            rows = file.execute(
                "SELECT passages.held, passages.place, passages.text, SUM(wanted.weight * features.weight) AS score FROM wanted"
                " CROSS JOIN features ON features.feature = wanted.feature JOIN passages ON passages.id = features.passage"
                " JOIN asked ON asked.key = passages.held GROUP BY passages.id ORDER BY score DESC, passages.id LIMIT ?",
                (top,),
            ).fetchall()
        return [Scored(held, Passage(place, said), min(round(score, 4), 1.0)) for held, place, said, score in rows]

    def _forget(self, file: sqlite3.Connection, newest: str) -> None:
        (total,) = file.execute("SELECT COALESCE(SUM(count), 0) FROM sets").fetchone()
        if total <= MOST_PASSAGES:
            return
        for key, count in file.execute("SELECT key, count FROM sets WHERE key <> ? ORDER BY used", (newest,)).fetchall():
            if total <= MOST_PASSAGES:
                return
            file.execute("DELETE FROM features WHERE passage IN (SELECT id FROM passages WHERE held = ?)", (key,))
            file.execute("DELETE FROM passages WHERE held = ?", (key,))
            file.execute("DELETE FROM sets WHERE key = ?", (key,))
            total -= count

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with opened(self.path, _SCHEMA) as file:
                yield file
        except (sqlite3.Error, OSError) as problem:
            raise PassagesUnusable(self.path, str(problem)) from problem


def searched(passage: Passage) -> str:
    """What a passage is found by: its text, and the headings above it."""
    return f"{passage.place}\n{passage.text}" if passage.place else passage.text
