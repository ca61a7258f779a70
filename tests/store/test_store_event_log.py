"""The event log: order, fences, statuses, totals, and what survives a kill."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patience import within
from sqlalchemy import Connection

import studio
from studio.engine.errors import StaleEpoch
from studio.engine.events import (
    ErrorHappened,
    Event,
    MessageSaid,
    QuestionAnswered,
    QuestionAsked,
    RunFinished,
    RunInterrupted,
    RunResumed,
    RunStarted,
    SpeakerChosen,
)
from studio.engine.usage import Usage
from studio.store import log_rows
from studio.store.database import Database, open_database
from studio.store.errors import DatabaseUnusable, LogBroken, LogClosed, RunMissing
from studio.store.event_log import EventLog
from studio.store.tables import RunRow, SessionRow

KILLS = 20


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path / 'convene.db'}")
    with database.writing() as session:
        session.add(SessionRow(id="s"))
    yield database
    database.close()


@pytest.fixture
def log(database: Database) -> Iterator[EventLog]:
    log = EventLog(database)
    yield log
    log.close()


def new_run(database: Database, name: str = "r") -> str:
    with database.writing() as session:
        session.add(RunRow(id=name, session_id="s", status="running"))
    return name


def row_of(database: Database, run: str) -> RunRow:
    with database.reading() as session:
        row = session.get(RunRow, run)
        assert row is not None
        return row


def said(seq: int, text: str = "hello", **facts: object) -> MessageSaid:
    return MessageSaid(seq=seq, source="a", text=text, id=f"m{seq}", **facts)  # type: ignore[arg-type]


async def test_what_was_appended_is_read_back_as_it_was(database: Database, log: EventLog) -> None:
    run = new_run(database)
    events: list[Event] = [
        RunStarted(seq=1, source="you", task="say \u2028 \U0001f600"),
        said(2),
        QuestionAsked(seq=3, source="h", text="?"),
    ]
    await log.append(run, 1, events[:1])
    await log.append(run, 1, events[1:])
    assert log.read(run) == events
    assert log.read(run, after=2) == events[2:]
    assert [(seq, json.loads(payload)["text"]) for seq, payload in log.page(run, after=1, limit=1)] == [(2, "hello")]


async def test_appends_that_were_not_waited_for_keep_their_order(database: Database, log: EventLog) -> None:
    run = new_run(database)
    await asyncio.gather(*(log.append(run, 1, [said(seq)]) for seq in range(1, 301)))
    assert [event.seq for event in log.read(run)] == list(range(1, 301))


async def test_a_number_that_leaves_a_gap_or_comes_twice_is_refused(database: Database, log: EventLog) -> None:
    run = new_run(database)
    await log.append(run, 1, [said(1)])
    for wrong in ([said(1)], [said(3)], [said(2), said(4)]):
        with pytest.raises(LogBroken):
            await log.append(run, 1, wrong)
    assert [event.seq for event in log.read(run)] == [1]
    assert log.head(run).last_seq == 1


async def test_only_the_newest_epoch_may_write(database: Database, log: EventLog) -> None:
    run = new_run(database)
    await log.append(run, 1, [said(1)])
    epoch = await log.claim(run, "second", force=True)
    with pytest.raises(StaleEpoch):
        await log.append(run, 1, [said(2, "from the one who was replaced")])
    await log.append(run, epoch, [said(2, "from the new one")])
    assert [event.text for event in log.read(run)] == ["hello", "from the new one"]  # type: ignore[attr-defined]


async def test_a_run_that_somebody_works_on_cannot_be_claimed_until_the_lease_is_over(database: Database, log: EventLog) -> None:
    run = new_run(database)
    first = await log.claim(run, "first")
    with pytest.raises(StaleEpoch):
        await log.claim(run, "second")
    assert await log.claim(run, "second", dead="first") == first + 1
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE run SET lease_until = '2001-01-01 00:00:00.000000'")
    assert await log.claim(run, "third") == first + 2
    with pytest.raises(RunMissing):
        await log.claim("nobody", "first")


async def test_of_many_who_claim_at_once_one_wins(database: Database, log: EventLog) -> None:
    run = new_run(database)
    outcomes = await asyncio.gather(*(log.claim(run, f"owner {n}") for n in range(20)), return_exceptions=True)
    assert sum(1 for outcome in outcomes if isinstance(outcome, int)) == 1
    assert sum(1 for outcome in outcomes if isinstance(outcome, StaleEpoch)) == 19


@pytest.mark.parametrize(
    ("events", "status", "owned"),
    [
        ([said(1)], "running", True),
        ([QuestionAsked(seq=1, text="?")], "waiting", False),
        ([QuestionAsked(seq=1, text="?"), QuestionAnswered(seq=2, question="q1")], "running", True),
        ([RunFinished(seq=1, status="done", stop_reason="said DONE")], "done", False),
        ([ErrorHappened(seq=1, code="x", text="y"), RunFinished(seq=2, status="failed")], "failed", False),
        ([RunInterrupted(seq=1, step="code")], "interrupted", False),
        ([RunFinished(seq=1, status="stopped"), RunResumed(seq=2)], "running", True),
    ],
)
async def test_the_status_changes_with_the_event_that_changes_it(
    database: Database, log: EventLog, events: list[Event], status: str, owned: bool
) -> None:
    run = new_run(database)
    epoch = await log.claim(run, "me")
    await log.append(run, epoch, events)
    row = row_of(database, run)
    assert row.status == status
    assert (row.owner == "me") is owned
    assert (row.finished is not None) is (status not in ("running", "waiting"))
    assert row.stop_reason == ("said DONE" if status == "done" else "")


async def test_totals_are_added_up_once(database: Database, log: EventLog) -> None:
    run = new_run(database)
    usage = Usage(prompt_tokens=10, completion_tokens=3, calls=1, cost=0.5)
    await log.append(run, 1, [RunStarted(seq=1), MessageSaid(seq=2, source="you", text="task", role="task")])
    await log.append(run, 1, [SpeakerChosen(seq=3, speaker="a", usage=usage), said(4, usage=usage), said(5)])
    await log.append(run, 1, [RunFinished(seq=6, status="done", usage=usage + usage)])
    row = row_of(database, run)
    assert (row.messages, row.prompt_tokens, row.completion_tokens, row.cost) == (2, 20, 6, 1.0)


async def test_a_free_run_has_no_cost_rather_than_none_of_it(database: Database, log: EventLog) -> None:
    run = new_run(database)
    await log.append(run, 1, [said(1, usage=Usage(prompt_tokens=1, calls=1))])
    assert row_of(database, run).cost is None


async def test_a_job_that_fails_does_not_take_others_of_its_commit_with_it(database: Database, log: EventLog) -> None:
    new_run(database, "good")
    new_run(database, "bad")
    gate = log.soon(lambda connection: time.sleep(0.2))
    outcomes = await asyncio.gather(
        gate, log.append("good", 1, [said(1)]), log.append("bad", 1, [said(7)]), log.append("good", 1, [said(2)]), return_exceptions=True
    )
    assert isinstance(outcomes[2], LogBroken)
    assert [event.seq for event in log.read("good")] == [1, 2]
    assert log.read("bad") == []


async def test_a_job_that_was_given_is_done_even_if_nobody_waits_any_more(database: Database, log: EventLog) -> None:
    run = new_run(database)
    gate = asyncio.ensure_future(log.soon(lambda connection: time.sleep(0.2)))
    waiting = asyncio.ensure_future(log.append(run, 1, [said(1)]))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await gate
    await log.append(run, 1, [said(2)])
    assert [event.seq for event in log.read(run)] == [1, 2]


async def test_a_disk_that_takes_nothing_more_is_said_so_and_nothing_is_acknowledged(database: Database, log: EventLog) -> None:
    run = new_run(database)

    def full(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        log_rows.append(connection, run, 1, [said(1, "x" * 100_000)], log.entries([said(1, "x" * 100_000)]))

    with pytest.raises(DatabaseUnusable, match="full"):
        await log.soon(full)
    assert log.read(run) == []


async def test_a_closed_log_has_written_all_that_it_was_given_and_takes_no_more(database: Database) -> None:
    log = EventLog(database)
    run = new_run(database)
    given_before = [asyncio.ensure_future(log.append(run, 1, [said(seq)])) for seq in range(1, 51)]
    await asyncio.sleep(0)
    log.close()
    assert len(log.read(run)) == 50
    await asyncio.gather(*given_before)
    with pytest.raises(LogClosed):
        await log.append(run, 1, [said(51)])


async def test_what_is_secret_is_taken_out_before_it_is_stored(database: Database) -> None:
    log = EventLog(database, lambda text: text.replace("sk-secret", "•••"))
    run = new_run(database)
    stored = await log.append(run, 1, [said(1, "the key is sk-secret")])
    log.close()
    assert [event.text for event in log.read(run)] == ["the key is •••"]  # type: ignore[attr-defined]
    assert "sk-secret" not in stored[0].payload


async def test_an_event_that_cannot_be_read_names_the_run(database: Database, log: EventLog) -> None:
    run = new_run(database)
    await log.append(run, 1, [said(1)])
    with database.write() as connection:
        connection.exec_driver_sql("""UPDATE run_event SET payload = '{"type": "nonsense"}'""")
    with pytest.raises(LogBroken, match="run r"):
        log.read(run)


def acknowledgements(said: Path) -> list[int]:
    """The numbers of all whole lines."""
    lines = said.read_text("ascii").splitlines(keepends=True) if said.exists() else []
    return [int(line) for line in lines if line.endswith("\n")]


def test_after_twenty_kills_nothing_that_was_acknowledged_is_missing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'convene.db'}"
    open_database(url).close()
    writer = Path(__file__).with_name("log_writer.py")
    chance = random.Random(7)
    environment = os.environ | {"PYTHONPATH": str(Path(studio.__file__).parents[1])}
    acknowledged: dict[str, int] = {}
    for first in range(0, KILLS, 4):
        runs = [f"run{n}" for n in range(first, min(first + 4, KILLS))]
        said = tmp_path / f"said-from-{first}"
        said.mkdir()
        command = [sys.executable, str(writer), url, str(said), *runs]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as writing:
            assert writing.stdout is not None
            numbers = [int(number) for number in writing.stdout.readline().split()]
            waits = time.monotonic() + within(30)
            while not all(acknowledgements(said / run) for run in runs):
                assert time.monotonic() < waits, "nothing was acknowledged"
                time.sleep(0.01)
            time.sleep(chance.uniform(0.01, 0.3))
            for number in numbers:
                os.kill(number, signal.SIGKILL)
            assert writing.stdout.read().split() == [str(-signal.SIGKILL)] * len(runs)
        acknowledged |= {run: acknowledgements(said / run)[-1] for run in runs}
    log = EventLog(open_database(url))
    for run, seq in acknowledged.items():
        numbers = [event.seq for event in log.read(run)]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) >= seq > 0
        assert log.head(run).last_seq == len(numbers)
    with sqlite3.connect(tmp_path / "convene.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["claim", "write", "crash"]), st.integers(0, 2)), max_size=40))
def test_whatever_writers_do_the_log_is_what_was_acknowledged(actions: list[tuple[str, int]]) -> None:
    """Three writers that claim by force, write with what they believe, and forget everything: the log never forks."""
    import tempfile

    async def play(folder: str) -> None:
        database = open_database(f"sqlite:///{folder}/convene.db")
        log = EventLog(database)
        with database.writing() as session:
            session.add(SessionRow(id="s"))
        run = new_run(database)
        beliefs: dict[int, tuple[int, int]] = {}
        acknowledged: list[str] = []
        for number, (action, who) in enumerate(actions):
            if action == "claim":
                epoch = await log.claim(run, f"w{who}", force=True)
                beliefs[who] = (epoch, log.head(run).last_seq)
            elif action == "crash":
                beliefs.pop(who, None)
            elif who in beliefs:
                epoch, seq = beliefs[who]
                try:
                    await log.append(run, epoch, [said(seq + 1, f"{who}:{number}")])
                except StaleEpoch:
                    assert log.head(run).epoch > epoch
                    continue
                assert epoch == log.head(run).epoch
                beliefs[who] = (epoch, seq + 1)
                acknowledged.append(f"{who}:{number}")
        assert [event.text for event in log.read(run)] == acknowledged  # type: ignore[attr-defined]
        log.close()
        database.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(folder))
