"""The database: settings, creation, migrations, backups, and what it refuses."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import textwrap
import threading
from datetime import datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import StatementError

import studio
from studio.store import database as database_module
from studio.store.database import open_database
from studio.store.errors import DatabaseTooNew, DatabaseUnusable
from studio.store.migrations import HEAD
from studio.store.tables import FlowRow, FlowVersionRow, RunRow, SessionRow, SettingRow, Table

ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(studio.__file__).parents[1])}
"""For processes of their own: they find the same package as these tests."""

MIGRATIONS = Path(database_module.__file__).parent / "migrations"


def url_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'data' / 'convene.db'}"


def schema_of(file: Path) -> list[tuple[str, str, str]]:
    """Every column, index and foreign key of a database, however its SQL was written."""
    found: list[tuple[str, str, str]] = []
    with sqlite3.connect(file) as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall():
            for kind in ("table_info", "foreign_key_list", "index_list"):
                rows = connection.execute(f"PRAGMA {kind}({table})").fetchall()
                found += sorted((table, kind, repr(row[1:])) for row in rows)
            sql = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
            found.append((table, "rowid", str("WITHOUT ROWID" in sql)))
    return found


def migrated(file: Path) -> None:
    """A database made by the steps of the history alone."""
    from sqlalchemy import create_engine

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()


def test_a_new_database_has_the_measured_settings_and_belongs_to_its_user_alone(tmp_path: Path) -> None:
    database = open_database(url_of(tmp_path))
    with database.read() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    database.close()
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 20000}
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "data" / "convene.db").stat().st_mode) == 0o600


def test_the_newest_revision_is_the_one_that_the_code_names() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [HEAD]


def test_a_new_database_equals_one_that_went_through_every_step(tmp_path: Path) -> None:
    open_database(url_of(tmp_path)).close()
    migrated(tmp_path / "stepwise.db")
    assert schema_of(tmp_path / "data" / "convene.db") == schema_of(tmp_path / "stepwise.db")


def test_the_steps_and_the_tables_agree(tmp_path: Path) -> None:
    migrated(tmp_path / "stepwise.db")
    database = open_database(f"sqlite:///{tmp_path / 'stepwise.db'}")
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        differences = compare_metadata(context, Table.metadata)
    database.close()
    assert differences == []


def test_every_step_can_be_taken_back(tmp_path: Path) -> None:
    from sqlalchemy import create_engine, inspect

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(f"sqlite:///{tmp_path / 'x.db'}")
    for direction, target in ((command.upgrade, "head"), (command.downgrade, "base"), (command.upgrade, "head")):
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            direction(config, target)
    with engine.connect() as connection:
        assert set(Table.metadata.tables) <= set(inspect(connection).get_table_names())
    engine.dispose()


def test_opening_an_up_to_date_database_does_not_load_alembic(tmp_path: Path) -> None:
    open_database(url_of(tmp_path)).close()
    code = f"""
        import sys
        from studio.store.database import open_database
        open_database({url_of(tmp_path)!r}).close()
        print(sorted(m for m in ("alembic", "keyring", "nacl", "openai") if m in sys.modules))
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env=ENVIRONMENT)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A history with one step more than the real one, in a folder of its own: what an upgrade will look like."""
    package = tmp_path / "next" / "store"
    versions = package / "migrations" / "versions"
    versions.mkdir(parents=True)
    for file in [*MIGRATIONS.glob("*.py"), *MIGRATIONS.glob("versions/*.py")]:
        (package / "migrations" / file.relative_to(MIGRATIONS)).write_text(file.read_text())
    (versions / "r9999_another_column.py").write_text(
        textwrap.dedent(f"""
        import sqlalchemy as sa
        from alembic import op
        revision = "9999"
        down_revision = "{HEAD}"
        def upgrade():
            with op.batch_alter_table("flow", recreate="always") as batch:
                batch.add_column(sa.Column("colour", sa.String(), nullable=False, server_default="blue"))
        def downgrade():
            op.drop_column("flow", "colour")
        """)
    )
    monkeypatch.setattr(database_module, "__file__", str(package / "database.py"))
    monkeypatch.setattr(database_module, "HEAD", "9999")
    return package


def filled(folder: Path) -> None:
    database = open_database(url_of(folder))
    with database.writing() as session:
        session.add(FlowRow(id="f", name="Kept", document="{}"))
        session.flush()
        session.add(FlowVersionRow(flow_id="f", number=1, digest="d", document="{}"))
    database.close()


def test_an_upgrade_keeps_what_is_there_and_what_hangs_on_it_and_leaves_a_copy(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    filled(tmp_path)
    request.getfixturevalue("next_step")
    open_database(url_of(tmp_path)).close()
    with sqlite3.connect(tmp_path / "data" / "convene.db") as connection:
        assert connection.execute("SELECT name, colour FROM flow").fetchall() == [("Kept", "blue")]
        assert connection.execute("SELECT count(*) FROM flow_version").fetchone() == (1,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    (copy,) = (tmp_path / "data" / "backups").iterdir()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT name FROM flow").fetchall() == [("Kept",)]
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)


def test_an_upgrade_that_fails_changes_nothing(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    filled(tmp_path)
    package = request.getfixturevalue("next_step")
    step = package / "migrations" / "versions" / "r9999_another_column.py"
    step.write_text(step.read_text().replace("def downgrade", "    op.execute('this is no SQL')\n\ndef downgrade"))
    with pytest.raises(DatabaseUnusable):
        open_database(url_of(tmp_path))
    with sqlite3.connect(tmp_path / "data" / "convene.db") as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)
        assert "colour" not in [row[1] for row in connection.execute("PRAGMA table_info(flow)")]


def test_only_the_newest_ten_backups_stay(tmp_path: Path) -> None:
    filled(tmp_path)
    backups = tmp_path / "backups"
    for _ in range(13):
        database_module._back_up(tmp_path / "data" / "convene.db", HEAD, backups)
    assert len(list(backups.iterdir())) == 10


def test_processes_that_start_together_on_no_database_all_succeed(tmp_path: Path) -> None:
    code = f"from studio.store.database import open_database; open_database({url_of(tmp_path)!r}).close(); print('fine')"
    started = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) for _ in range(4)]
    assert [process.communicate(timeout=90)[0].strip() for process in started] == ["fine"] * 4


def test_writers_take_turns_and_lose_nothing(tmp_path: Path) -> None:
    database = open_database(url_of(tmp_path))

    def count_up() -> None:
        for _ in range(25):
            with database.writing() as session:
                row = session.get(SettingRow, "n") or SettingRow(key="n", value="0")
                row.value = str(int(row.value) + 1)
                session.add(row)

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with database.reading() as session:
        row = session.get(SettingRow, "n")
    database.close()
    assert row is not None
    assert row.value == "100"


def test_a_reader_is_not_held_up_by_a_writer(tmp_path: Path) -> None:
    database = open_database(url_of(tmp_path))
    with database.write() as writer:
        writer.exec_driver_sql("INSERT INTO setting (key, value) VALUES ('a', '1')")
        with database.read() as reader:
            assert reader.exec_driver_sql("SELECT count(*) FROM setting").scalar() == 0
    database.close()


def test_a_moment_without_a_time_zone_is_refused(tmp_path: Path) -> None:
    database = open_database(url_of(tmp_path))
    with pytest.raises(StatementError, match="no time zone"), database.writing() as session:
        session.add(FlowRow(id="f", name="x", updated=datetime(2026, 1, 1)))  # noqa: DTZ001
    database.close()


def test_deleting_a_flow_keeps_its_runs_and_removes_its_versions(tmp_path: Path) -> None:
    filled(tmp_path)
    database = open_database(url_of(tmp_path))
    with database.writing() as session:
        session.add(SessionRow(id="s"))
        session.flush()
        session.add(RunRow(id="r", session_id="s", flow_id="f", flow="Kept", status="done"))
        session.flush()
        session.delete(session.get(FlowRow, "f"))
    with database.reading() as session:
        run = session.get(RunRow, "r")
        version = session.get(FlowVersionRow, ("f", 1))
    database.close()
    assert run is not None
    assert (run.flow_id, run.flow) == (None, "Kept")
    assert run.started.tzinfo is not None
    assert version is None


def test_a_database_of_a_newer_version_is_left_alone_and_said_so(tmp_path: Path) -> None:
    filled(tmp_path)
    with sqlite3.connect(tmp_path / "data" / "convene.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '7777'")
    with pytest.raises(DatabaseTooNew, match="7777"):
        open_database(url_of(tmp_path))


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    with pytest.raises(DatabaseUnusable, match="another program"):
        open_database(f"sqlite:///{tmp_path / 'other.db'}")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite://", "not a file"),
        ("nonsense", "nonsense"),
        ("nosuch://x/y", "nosuch"),
    ],
)
def test_an_address_that_cannot_work_gets_a_sentence(url: str, says: str) -> None:
    with pytest.raises(DatabaseUnusable, match=says) as refused:
        open_database(url)
    assert refused.value.remedy


def test_a_file_that_is_no_database_gets_a_sentence_and_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    file.write_text("not a database " * 100)
    with pytest.raises(DatabaseUnusable, match="not a database"):
        open_database(f"sqlite:///{file}")
    assert file.read_text() == "not a database " * 100


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind this user")
def test_a_folder_that_cannot_be_written_gets_a_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(DatabaseUnusable, match="Permission"):
        open_database(url_of(tmp_path))


def test_a_folder_that_is_a_file_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(DatabaseUnusable):
        open_database(url_of(tmp_path))
