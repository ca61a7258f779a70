"""The database: opened with the settings that were measured, migrated with a backup before, read and written in transactions."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlmodel import Session, create_engine

from studio.store.errors import DatabaseTooNew, DatabaseUnusable
from studio.store.migrations import HEAD
from studio.store.tables import Table
from studio.texts import text as words

PATIENCE = 20.0
"""Seconds to wait for another writer."""

BACKUPS = 10
"""How many backup files are kept."""

_PRAGMAS = (
    "synchronous=FULL",
    f"busy_timeout={int(PATIENCE * 1000)}",
    "foreign_keys=ON",
    "temp_store=memory",
    "mmap_size=268435456",
    "cache_size=-32000",
    "wal_autocheckpoint=1000",
)


class Database:
    """An open database. Reads go on beside each other and beside one writer; writers take turns, in and between processes."""

    def __init__(self, engine: Engine, file: Path | None) -> None:
        self.engine = engine
        self.file = file
        self._reading = engine.execution_options(convene_read=True)
        self._turn = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one moment of the database and changes nothing."""
        with self._reading.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection in a transaction that is durable when the block ends.

        Raises DatabaseUnusable when others keep it busy, or when the disk does not take it.
        """
        with self._my_turn(), _refusals(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """`read` with rows as objects."""
        with Session(self._reading) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """`write` with rows as objects, which stay usable after the block."""
        with self._my_turn(), _refusals(), Session(self.engine, expire_on_commit=False) as session:
            yield session
            session.commit()

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        # Threads of one process queue here: SQLite's own waiting sleeps and polls, which would hold up the event loop.
        if not self._turn.acquire(timeout=PATIENCE):
            raise DatabaseUnusable(_shown(str(self.engine.url)), "busy", seconds=f"{PATIENCE:.0f}")
        try:
            yield
        finally:
            self._turn.release()

    def close(self) -> None:
        """Close all connections; the last one of all processes folds the write-ahead log into the file."""
        self.engine.dispose()


def open_database(url: str, backup_dir: Path | None = None) -> Database:
    """Open the database at a SQLAlchemy URL, create what is missing, bring the tables up to date.

    The folder of a SQLite file is made for this user alone. Before tables that hold something are changed, a copy of the
    file is put into `backup_dir` (by default `backups` beside the file). Raises DatabaseUnusable.
    """
    file: Path | None = None
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            file = _private_file(url, parsed.database)
            backup_dir = backup_dir or file.parent / "backups"
        engine = create_engine(parsed, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as problem:
        raise DatabaseUnusable(_shown(url), "address", problem=_shown(str(problem)).rstrip(".")) from problem
    if file is not None:
        _listen(engine)
    database = Database(engine, file)
    try:
        _bring_up_to_date(database, backup_dir)
    except DBAPIError as problem:
        database.close()
        why = "damaged" if re.search("not a database|malformed", str(problem.orig)) else "refused"
        raise DatabaseUnusable(_shown(url), why, problem=problem.orig, backups=backup_dir) from problem
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def _refusals() -> Iterator[None]:
    """A disk that is full or may not be written, in words."""
    try:
        yield
    except OperationalError as problem:
        raise DatabaseUnusable(words("store.database.this"), "refused", problem=problem.orig) from problem


def _private_file(url: str, name: str | None) -> Path:
    if not name or name == ":memory:" or name.startswith("file:"):
        raise DatabaseUnusable(url, "not_a_file")
    file = Path(name).absolute()
    try:
        if not file.parent.exists():
            file.parent.mkdir(parents=True, mode=0o700)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as problem:
        raise DatabaseUnusable(str(file), "place", problem=problem.strerror) from problem
    return file


def _shown(url: str) -> str:
    """The URL without the password that may be in it."""
    return re.sub(r"//([^/:@]*):[^@]*@", r"//\1:***@", url)


def _listen(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _record: Any) -> None:
        # Python would begin transactions by itself, and begin them as readers: two readers that both want to write lock each other out.
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        _switch_to_wal(connection)

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        read = connection.get_execution_options().get("convene_read")
        connection.exec_driver_sql("BEGIN" if read else "BEGIN IMMEDIATE")


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # The switch needs the file alone and does not heed busy_timeout: processes that start together must try again.
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as problem:
            if "locked" not in str(problem) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _revision(connection: Connection) -> str | None:
    """The stored revision; None when there are no tables at all. Raises DatabaseUnusable when the tables are somebody else's."""
    try:
        row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
    except OperationalError as problem:
        if "no such table" not in str(problem):
            raise
        row = None
    except DBAPIError as problem:
        if "alembic_version" not in str(problem.orig):
            raise
        connection.rollback()
        row = None
    if row is not None:
        return str(row[0])
    if inspect(connection).get_table_names():
        raise DatabaseUnusable(_shown(str(connection.engine.url)), "foreign")
    return None


def _bring_up_to_date(database: Database, backup_dir: Path | None) -> None:
    with database.read() as connection:
        stored = _revision(connection)
    if stored == HEAD:
        return
    if stored is None:
        _create(database)
        return
    if not _known(stored):
        raise DatabaseTooNew(str(database.file or _shown(str(database.engine.url))), stored, backup_dir)
    if database.file is not None and backup_dir is not None:
        _back_up(database.file, stored, backup_dir)
    _migrate(database)


def _create(database: Database) -> None:
    """All tables at once: a test proves that the steps of the history end in the same ones, and a first start need not load Alembic."""
    with database.write() as connection:
        if _revision(connection) is not None:
            return
        Table.metadata.create_all(connection)
        connection.exec_driver_sql(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
        connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": HEAD})


def _known(revision: str) -> bool:
    versions = Path(__file__).parent / "migrations" / "versions"
    return any(step.name.startswith(f"r{revision}_") for step in versions.glob("r*.py"))


def _back_up(file: Path, revision: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    copy = folder / f"{file.stem}-{stamp}-before-{revision}.db"
    with closing(sqlite3.connect(file, timeout=PATIENCE, isolation_level=None)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    copy.chmod(0o600)
    for old in sorted(folder.glob(f"{file.stem}-*-before-*.db"))[:-BACKUPS]:
        old.unlink(missing_ok=True)


def _migrate(database: Database) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    with database.engine.connect() as connection:
        if database.file is not None:
            # A table that is rebuilt is dropped in between: with foreign keys on, that would delete what hangs on it.
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                # Another process may have done it while this one waited for its turn.
                if _revision(connection) != HEAD:
                    config.attributes["connection"] = connection
                    command.upgrade(config, "head")
        finally:
            connection.invalidate()
