"""Opening a small database that several runs may write to at once, where code of a run may have meddled."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from studio.texts import text

WAIT = 10.0
"""Seconds to wait for another process that writes."""


@contextlib.contextmanager
def opened(path: Path, schema: str, columns: tuple[tuple[str, str, str], ...] = ()) -> Iterator[sqlite3.Connection]:
    """The open file, in one transaction. `columns` are (table, name, type) of what older files lack.

    Code of the run may have put a link here, which would lead outside: it is not followed. Raises OSError and sqlite3.Error.
    """
    if path.is_symlink() or path.parent.is_symlink():
        raise OSError(text("engine.memory.link"))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.closing(sqlite3.connect(path, timeout=WAIT)) as file, file:
        file.execute("PRAGMA trusted_schema = OFF")
        file.execute("PRAGMA temp_store = MEMORY")
        file.executescript(schema)
        file.execute("BEGIN IMMEDIATE")
        for table, name, kind in columns:
            if name not in {row[1] for row in file.execute(f"PRAGMA table_info({table})")}:
                file.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
        yield file
