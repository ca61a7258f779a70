"""The rows of a foreign SQLite file: read from a copy, bounded in size, number and time, whatever the file is."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Collection, Iterator
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

MAX_PASSED = 100
"""Rows of one table that are passed over because they cannot be read."""

MAX_TABLES = 500
_STEPS = 20_000
"""Instructions of SQLite's machine between two looks at the clock."""

_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_PRAGMA}


class Rows:
    """The tables of an opened copy.

    Rows that cannot be read are passed over, and told in `trouble`: (table, why, how many are missing or None where nobody knows).
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._tables = self._plain_tables()
        self._left = MAX_READ
        self.trouble: list[tuple[str, str, int | None]] = []

    def has(self, *tables: str) -> bool:
        return all(table in self._tables for table in tables)

    def others(self, known: Collection[str]) -> list[tuple[str, int | None]]:
        """The tables, views and virtual tables that are none of these, each with the number of its rows where that can be told."""
        return [(name, self.count(name)) for name in self._all if name not in known and not name.startswith("sqlite_")]

    def columns(self, table: str) -> list[str]:
        return sorted(self._tables.get(table, ()))

    def filled(self, table: str, column: str) -> int | None:
        """How many rows of a table say something in a column; None where that cannot be told."""
        if not _is_plain(column):
            return None
        # Only names of letters, digits and _ come this far.
        return self._number(f"""SELECT count(*) FROM "{table}" WHERE "{column}" NOT IN ('', '{{}}', '[]', 'null')""")  # noqa: S608

    def count(self, table: str) -> int | None:
        """How many rows a table has; None for what is no ordinary table, and where it cannot be told."""
        return self._number(f'SELECT count(*) FROM "{table}"') if table in self._tables else None  # noqa: S608

    def _number(self, query: str) -> int | None:
        try:
            found = self._connection.execute(query).fetchone()
        except (sqlite3.Error, OverflowError, UnicodeError):
            return None
        return int(found[0])

    def read(self, table: str, columns: tuple[str, ...], limit: int) -> Iterator[tuple[Any, ...]]:
        """The rows of a table in the order of their ids, at most `limit`; a column that is not there is None."""
        there = self._tables.get(table)
        if there is None:
            return
        wanted = ", ".join(f'"{column}"' if column in there else "NULL" for column in columns)
        order = 'ORDER BY "id"' if "id" in there else ""
        # The names are ours; what the file says is never part of a statement.
        query = f'SELECT {wanted} FROM "{table}" {order} LIMIT ? OFFSET ?'  # noqa: S608
        read = passed = 0
        why = ""
        alone = False
        while passed < MAX_PASSED and "interrupted" not in why:
            most = limit - read - passed
            try:
                for row in self._connection.execute(query, (min(most, 1) if alone else most, read + passed)):
                    self._left -= sum(len(cell) for cell in row if isinstance(cell, (str, bytes)))
                    if self._left < 0:
                        break
                    read += 1
                    yield row
            except (sqlite3.Error, OverflowError, UnicodeError) as error:
                # sqlite3 looks one row ahead: which of the two it was, shows each by itself.
                why = str(error)[:200]
                passed += alone
                alone = not alone
                continue
            if self._left < 0:
                why = text("bounds.large", where=table, limit=f"{MAX_READ // 1_000_000} MB")
            if not alone or most <= 1:
                break
            alone = False
        if why:
            there_are = self.count(table)
            self.trouble.append((table, why, max(passed, min(there_are, limit) - read) if there_are is not None else None))

    def _plain_tables(self) -> dict[str, set[str]]:
        """The columns of every ordinary table: a view or a virtual table may hold work without end."""
        try:
            found = self._connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'view') LIMIT ?", (MAX_TABLES,)
            ).fetchall()
            self._all = [name for name, _ in found if isinstance(name, str)]
            plain = [
                name
                for name, sql in found
                if isinstance(name, str) and isinstance(sql, str) and sql.lstrip().upper().startswith("CREATE TABLE")
            ]
            return {name: {row[1] for row in self._connection.execute(f'PRAGMA table_info("{name}")')} for name in plain if _is_plain(name)}
        except (sqlite3.Error, UnicodeError) as error:
            raise ForeignFileError(text("autogen_database.broken", why=str(error)[:200])) from None


def _is_plain(name: str) -> bool:
    return name.replace("_", "").isalnum()


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
    connection.set_authorizer(_may)


def _may(action: int, _first: str | None, second: str | None, *_: str | None) -> int:
    counts = action == sqlite3.SQLITE_FUNCTION and second == "count"
    return sqlite3.SQLITE_OK if counts or action in _ALLOWED else sqlite3.SQLITE_DENY
