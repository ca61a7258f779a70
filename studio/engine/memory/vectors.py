"""Vectors of texts, kept on disk under what they are vectors of, so that no text is sent to a model twice."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import time
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import mul
from pathlib import Path

from studio.engine.models.embeddings import Vector

LARGEST_FILE = 512 * 1024 * 1024
"""Bytes of vectors that are kept; those that were not used for longest go first."""

PATIENCE = 5.0
"""Seconds to wait for another process that writes; a file that stays busy, or is damaged, is done without."""

_ASKED_AT_ONCE = 500
"""Keys of one query."""

_TABLE = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, used REAL NOT NULL, vector BLOB NOT NULL) WITHOUT ROWID"


@dataclass(frozen=True, slots=True)
class VectorFile:
    """A file of vectors for many processes at once. What goes wrong with it is never more than a text that is sent again."""

    path: Path

    def find(self, identity: str, texts: Sequence[str]) -> dict[str, Vector]:
        """The vectors that are kept of some texts, by the text. `identity` says whose vectors. Blocks."""
        keys = {_key(identity, text): text for text in texts}
        found: dict[str, Vector] = {}
        with contextlib.suppress(sqlite3.Error, OSError, ValueError):
            if not self.path.exists():
                return {}
            with self._open() as file:
                wanted = list(keys)
                for start in range(0, len(wanted), _ASKED_AT_ONCE):
                    part = wanted[start : start + _ASKED_AT_ONCE]
                    marks = ",".join("?" * len(part))
                    for key, numbers in file.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", part):  # noqa: S608
                        vector: Vector = array("f")
                        vector.frombytes(numbers)
                        found[keys[key]] = vector
                    file.execute(f"UPDATE vectors SET used = ? WHERE key IN ({marks})", (time.time(), *part))  # noqa: S608
        return found

    def keep(self, identity: str, vectors: Mapping[str, Vector]) -> None:
        """Keep vectors of texts, and forget the oldest where there are too many. Blocks."""
        with contextlib.suppress(sqlite3.Error, OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._open() as file:
                rows = [(_key(identity, text), time.time(), vector.tobytes()) for text, vector in vectors.items()]
                file.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
                (total,) = file.execute("SELECT COALESCE(SUM(LENGTH(vector)), 0) FROM vectors").fetchone()
                if total > LARGEST_FILE:
                    for key, size in file.execute("SELECT key, LENGTH(vector) FROM vectors ORDER BY used").fetchall():
                        if total <= LARGEST_FILE * 9 // 10:
                            break
                        file.execute("DELETE FROM vectors WHERE key = ?", (key,))
                        total -= size

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        if self.path.is_symlink():
            raise OSError("a link is not followed")
        with contextlib.closing(sqlite3.connect(self.path, timeout=PATIENCE)) as file, file:
            file.execute("PRAGMA trusted_schema = OFF")
            file.execute(_TABLE)
            yield file


def likeness(one: Vector, other: Vector) -> float:
    """The cosine of two vectors of length 1; 0 where they are of different models."""
    return sum(map(mul, one, other)) if len(one) == len(other) else 0.0


def _key(identity: str, text: str) -> bytes:
    return hashlib.sha256(f"{identity}\n{text}".encode("utf-8", "replace")).digest()
