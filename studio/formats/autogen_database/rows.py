"""The rows of a foreign SQLite file: read from a copy, bounded in size, number and time, whatever the file is."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from studio.flow.findings import ForeignFileError
from studio.texts import text

MAX_DATABASE = 500_000_000
"""Bytes of a database file."""

MAX_CELL = 8_000_000
MAX_READ = 300_000_000
"""Characters of all rows together."""

SECONDS = 60.0
"""How long reading may take altogether."""

_STEPS = 20_000
"""Instructions of SQLite's machine between two looks at the clock."""

_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_PRAGMA}


class Rows:
    """The tables of an opened copy. Rows that cannot be read end their table, and are told in `trouble`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._tables = self._plain_tables()
        self._left = MAX_READ
        self.trouble: list[tuple[str, str]] = []

    def has(self, *tables: str) -> bool:
        return all(table in self._tables for table in tables)

    def read(self, table: str, columns: tuple[str, ...], limit: int) -> Iterator[tuple[Any, ...]]:
        """The rows of a table in the order of their ids, at most `limit`; a column that is not there is None."""
        there = self._tables.get(table)
        if there is None:
            return
        wanted = ", ".join(f'"{column}"' if column in there else "NULL" for column in columns)
        order = 'ORDER BY "id"' if "id" in there else ""
        try:
            # The names are ours; what the file says is never part of a statement.
            for row in self._connection.execute(f'SELECT {wanted} FROM "{table}" {order} LIMIT ?', (limit,)):  # noqa: S608
                self._left -= sum(len(cell) for cell in row if isinstance(cell, (str, bytes)))
                if self._left < 0:
                    self.trouble.append((table, text("bounds.large", where=table, limit=f"{MAX_READ // 1_000_000} MB")))
                    return
                yield row
        except (sqlite3.Error, OverflowError, UnicodeError) as error:
            self.trouble.append((table, str(error)[:200]))

    def _plain_tables(self) -> dict[str, set[str]]:
        """The columns of every ordinary table: a view or a virtual table may hold work without end."""
        try:
            found = self._connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' LIMIT 500").fetchall()
            plain = [
                name
                for name, sql in found
                if isinstance(name, str) and isinstance(sql, str) and sql.lstrip().upper().startswith("CREATE TABLE")
            ]
            return {
                name: {row[1] for row in self._connection.execute(f'PRAGMA table_info("{name}")')}
                for name in plain
                if name.replace("_", "").isalnum()
            }
        except (sqlite3.Error, UnicodeError) as error:
            raise ForeignFileError(text("autogen_database.broken", why=str(error)[:200])) from None


@contextmanager
def opened(file: Path) -> Iterator[Rows]:
    """A foreign database, copied and opened for reading. Raises ForeignFileError."""
    with tempfile.TemporaryDirectory(prefix="convene-import-") as folder:
        copy = Path(folder) / "copy.db"
        try:
            if file.stat().st_size > MAX_DATABASE:
                raise ForeignFileError(text("bounds.large", where=file.name, limit=f"{MAX_DATABASE // 1_000_000} MB"))
            shutil.copyfile(file, copy)
            with suppress(FileNotFoundError):
                # What a studio that still runs has not yet written into the file itself.
                shutil.copyfile(f"{file}-wal", f"{copy}-wal")
            # Our own copy may be written to: SQLite brings in what the copied log holds.
            connection = sqlite3.connect(copy, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise ForeignFileError(text("autogen_database.broken", why=str(error)[:200])) from None
        with closing(connection):
            _limit(connection)
            yield Rows(connection)


def _limit(connection: sqlite3.Connection) -> None:
    until = time.monotonic() + SECONDS
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_CELL)
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
    with suppress(sqlite3.Error):
        for pragma in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON", "mmap_size = 0"):
            connection.execute(f"PRAGMA {pragma}")
    connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY)
