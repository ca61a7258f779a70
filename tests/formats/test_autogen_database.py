"""AutoGen Studio's database comes in: teams as flows, runs as logs that fold, hostile rows survived."""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from autogen_databases import SCHEMA, conversation, damaged, database
from autogen_samples import assistant, team

from studio.engine.stored_events import event_from_json, event_to_json
from studio.flow.findings import ForeignFileError
from studio.formats.autogen_database.read import Found, from_database
from studio.formats.autogen_database.rows import MAX_CELL, Rows, opened
from studio.formats.autogen_json.read import from_autogen
from studio.formats.recognise import read_file


def read(file: Path) -> Found:
    return from_database(file, from_autogen)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "autogen04203.db"


def test_teams_become_flows_and_runs_history(file: Path) -> None:
    found = read(database(file, conversation(team(assistant("ann"), assistant("bob")))))
    assert [flow.document.name for flow in found.flows] == ["crew"]
    first, second = found.runs
    assert (first.flow, first.session, first.task) == (0, "5", "What is 1 + 1?")
    assert [event.type for event in first.events] == [  # type: ignore[attr-defined]
        "run_started",
        "message",
        "tool_calls",
        "tool_result",
        "message",
        "message",
        "handoff",
        "run_finished",
    ]
    assert [event.seq for event in first.events] == list(range(1, 9))
    ended: Any = first.events[-1]
    assert (ended.status, ended.stop_reason, ended.usage.total_tokens) == ("done", "Text 'DONE' mentioned", 54)
    assert first.events[4].text == "It is 2. 中文"  # type: ignore[attr-defined]
    assert "[picture]" in first.events[5].text  # type: ignore[attr-defined]
    assert [event.type for event in second.events][-2:] == ["error", "run_finished"]  # type: ignore[attr-defined]
    assert first.started.isoformat() == "2025-03-01T10:00:00+00:00"
    for run in found.runs:
        assert [event_from_json(event_to_json(event)) for event in run.events] == list(run.events)


def test_a_task_that_is_a_list_of_messages_is_shown_as_its_words(file: Path) -> None:
    rows = conversation(team(assistant("ann")))
    first, second = rows["run"]
    said = {"id": "m1", "source": "user", "models_usage": None, "content": "What is 1 + 1?", "type": "TextMessage"}
    first["task"] = {"source": "user", "content": [said, said | {"content": ["Look:", {"data": "iVBOR"}]}], "message_type": "text"}
    second["task"] = {"source": "user", "content": [{"source": "user", "models_usage": None, "metadata": {}}], "message_type": "text"}
    second["messages"] = [{"config": said}]
    runs = read(database(file, rows)).runs
    assert [run.task.split("\n")[0] for run in runs] == ["What is 1 + 1?", "What is 1 + 1?"]
    assert "{" not in runs[0].task
    assert [event.text for event in runs[1].events if event.type == "message"] == ["What is 1 + 1?"]  # type: ignore[attr-defined]


def test_runs_that_never_began_are_counted_and_passed_over(file: Path) -> None:
    rows = conversation(team(assistant("ann")))
    rows["run"] += [
        {"id": number, "session_id": 5, "created_at": "2025-03-01 09:00:00", "status": "CREATED", "task": None} for number in (1, 2)
    ]
    found = read(database(file, rows))
    assert len(found.runs) == 2
    assert found.report is not None
    (told,) = (finding.text for finding in found.report.findings if finding.code == "idle_runs")
    assert "2" in told


def test_the_file_is_not_touched_and_what_a_running_studio_wrote_last_is_seen(file: Path) -> None:
    database(file, {})
    with closing(sqlite3.connect(file)) as running:
        running.execute("PRAGMA journal_mode = WAL")
        running.execute("INSERT INTO team (id, component) VALUES (1, ?)", (json.dumps(assistant("ann")),))
        running.commit()
        before = file.read_bytes()
        assert len(read(file).flows) == 1
        assert file.read_bytes() == before


def test_a_database_is_recognised_by_its_content(file: Path) -> None:
    renamed = database(file, conversation(assistant("ann"))).rename(file.with_suffix(".txt"))
    brought = read_file(renamed)
    assert len(brought.flows) == 1
    assert len(brought.runs) == 2


def test_galleries_but_the_one_that_comes_with_the_studio_come_in(file: Path) -> None:
    gallery = {"id": "mine", "name": "Mine", "components": {"teams": [team(assistant("a"))], "models": []}}
    rows = {"gallery": [{"config": gallery}, {"config": {**gallery, "id": "gallery_default"}}], "settings": [{"config": {}}]}
    found = read(database(file, rows))
    assert len(found.flows) == 1
    assert [finding.code for finding in found.report.findings] == ["default_gallery", "settings"]


def test_rows_that_cannot_be_read_are_told_and_the_others_come_in(file: Path) -> None:
    good = conversation(assistant("ann"))
    hostile: list[Any] = ["{", "[" * 100_000, "null", 3, None, b"\xff\x00", '{"provider": 1}', "x" * 1_000_000, '{"a": NaN}', "\ud7ff"]
    rows = {
        "team": [*good["team"], *({"component": each} for each in hostile)],
        "session": [*good["session"], {"id": 6, "team_id": 77, "name": b"\xff"}, {"id": 7, "team_id": "x", "name": 3}],
        "run": [*good["run"], *({"session_id": 6, "status": each or "", "task": each, "team_result": each} for each in hostile)],
        "message": [*good["message"], *({"run_id": 9, "config": each, "created_at": each} for each in hostile)],
    }
    found = read(database(file, rows))
    assert len(found.flows) == 1
    assert len(found.runs) == 2 + len(hostile)
    told = {finding.code: finding.text for finding in found.report.findings}
    assert told.keys() == {"unreadable", "idle_sessions", "messages.unreadable", "messages.unshown", "messages.empty"}
    assert told["messages.unreadable"] == "Messages that could not be read: 8."
    assert told["messages.empty"] == "Messages that say nothing and were left out: 2."
    assert told["idle_sessions"] == "Sessions without a run, which leave no history: 1."


def test_tables_and_columns_that_are_not_taken_in_are_told_with_their_rows(file: Path) -> None:
    more = """
        CREATE TABLE evaltaskdb (id INTEGER PRIMARY KEY, name VARCHAR, config JSON);
        INSERT INTO evaltaskdb (name, config) VALUES ('Sums', '{}'), ('Words', '{}');
        CREATE TABLE evalrundb (id INTEGER PRIMARY KEY);
        CREATE TABLE alembic_version (version_num VARCHAR);
        INSERT INTO alembic_version VALUES ('1');
        CREATE VIEW busy AS SELECT * FROM run;
        CREATE TABLE "odd; DROP" (id INTEGER);
        ALTER TABLE team ADD COLUMN price VARCHAR;
        ALTER TABLE team ADD COLUMN "note; 1" VARCHAR;
    """
    rows = conversation(assistant("ann"))
    rows["team"][0]["price"] = "3"
    rows["team"].append({"id": 2, "component": assistant("bob"), "price": ""})
    rows["message"][0]["message_meta"] = {"time": 3}
    rows["message"] += [{"run_id": 77, "config": {"source": "ann", "content": "Who asked?"}}]
    found = read(database(file, rows, SCHEMA + more))
    assert [(each.place.pointer, each.text) for each in found.report.findings] == [
        ("message", "Messages of runs that are not in the file and were left out: 1."),
        (
            "message",
            "Messages that only say how AutoGen worked (pieces of answers, calls of models, memories, choices of speakers) "
            "and were left out: 1.",
        ),
        ("evaltaskdb", "The table “evaltaskdb” is none that is taken in (rows with something in them: 2)."),
        ("busy", "The table “busy” is none that is taken in (how many rows it has is not known)."),
        ("odd; DROP", "The table “odd; DROP” is none that is taken in (how many rows it has is not known)."),
        ("team.note; 1", "The column “note; 1” of “team” is none that is taken in (how many rows it has is not known)."),
        ("team.price", "The column “price” of “team” is none that is taken in (rows with something in them: 1)."),
        ("message.message_meta", "The column “message_meta” of “message” is none that is taken in (rows with something in them: 1)."),
    ]


def test_a_row_that_is_too_large_is_passed_over_and_counted(file: Path) -> None:
    rows = {"team": [{"component": assistant("ann")}, {"component": "x" * (MAX_CELL + 1)}, {"component": assistant("bob")}]}
    found = read(database(file, rows))
    assert [flow.document.nodes[0].name for flow in found.flows] == ["ann", "bob"]
    (told,) = found.report.findings
    assert told.text == "Not all of “team” could be read: string or blob too big. Rows that are missing: 1."


def test_a_table_without_end_of_rows_that_cannot_be_read_is_given_up(file: Path) -> None:
    database(file, {})
    with closing(sqlite3.connect(file)) as connection:
        connection.executemany("INSERT INTO team (component) VALUES (?)", [("x" * 2_000,)] * 130)
        connection.commit()
    with opened(file) as rows:
        rows._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1_000)
        assert list(rows.read("team", ("id", "component"), 500)) == []
    assert [(table, count) for table, _, count in rows.trouble] == [("team", 130)]


def test_a_database_of_somebody_else_says_so(file: Path) -> None:
    with pytest.raises(ForeignFileError, match="none of AutoGen Studio"):
        read(database(file, {}, "CREATE TABLE songs (id INTEGER)"))


def test_a_view_without_end_is_not_read(file: Path) -> None:
    endless = "CREATE VIEW team AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT id, id AS component FROM n;"
    with pytest.raises(ForeignFileError):
        read(database(file, {}, endless))


def test_columns_that_an_older_studio_did_not_have_are_missed_by_nobody(file: Path) -> None:
    schema = SCHEMA.replace("error_message VARCHAR, ", "").replace("team_result JSON, ", "").replace(", messages JSON", "")
    rows = conversation(assistant("ann"))
    rows["run"] = [{key: row[key] for key in ("id", "session_id", "status", "task")} for row in rows["run"]]
    assert len(read(database(file, rows, schema)).runs) == 2


def test_nothing_can_be_written_through_an_opened_copy(file: Path) -> None:
    database(file, {})
    with opened(file) as rows:
        assert isinstance(rows, Rows)
        with pytest.raises(sqlite3.DatabaseError):
            rows._connection.execute("DELETE FROM team")
        with pytest.raises(sqlite3.DatabaseError):
            rows._connection.execute("ATTACH DATABASE '/tmp/other.db' AS other")


def test_broken_databases_end_in_a_sentence_or_in_what_could_be_read(file: Path) -> None:
    rows = conversation(team(assistant("ann"), assistant("bob")))
    rows["message"] *= 30
    data = database(file, rows).read_bytes()
    chance = random.Random(4)
    for _ in range(150):
        file.write_bytes(damaged(data, chance))
        try:
            found = read(file)
        except ForeignFileError as refused:
            if not refused.sentence:
                raise
            continue
        for run in found.runs:
            assert [event.seq for event in run.events] == list(range(1, len(run.events) + 1))
