"""The rows of a run: made when it starts, read when it goes on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection
from sqlmodel import Session, col, select

from studio.engine.errors import StaleEpoch
from studio.engine.events import Event
from studio.flow.document import FlowDocument
from studio.runs.errors import RunRefused
from studio.store import log_rows
from studio.store.database import Database
from studio.store.documents import read_stored, written
from studio.store.errors import RunMissing
from studio.store.log_rows import LEASE, Entry
from studio.store.tables import ConsentRow, FlowRow, RunDocumentRow, RunEventRow, RunRow, SessionRow, now
from studio.store.versions import keep_version

MOST_TIMED = 10_000
"""Questions with a time-out that are looked at together."""

LOCAL_CODE = "local_code"
"""The consent to run code on this machine without a sandbox."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a run was started, beside its flow and task; holds no secrets.

    `money` in US dollars and `seconds` end it whatever its own stop rules say. `person` is whom a memory takes notes about, where
    strangers use one flow: each conversation of a guest is a person of its own.
    """

    model: str | None = None
    base_url: str | None = None
    allow_local_code: bool = False
    money: float | None = None
    seconds: float | None = None
    person: str = ""


@dataclass(frozen=True, slots=True)
class NewRun:
    """Everything of a run that its first transaction writes. A session of None begins one, under `session_id`."""

    id: str
    session_id: str
    new_session: bool
    flow_id: str | None
    document: FlowDocument
    task: str
    options: Options
    owner: str


def insert(connection: Connection, run: NewRun, events: Sequence[Event], entries: Sequence[Entry]) -> None:
    """Write a run with its first events, and its flow's version. Raises RunRefused when the session is busy."""
    with Session(connection) as session:
        if run.new_session:
            session.add(SessionRow(id=run.session_id))
            session.flush()
        else:
            busy = select(RunRow.id).where(RunRow.session_id == run.session_id, col(RunRow.status).in_(("running", "waiting", "paused")))
            if session.exec(busy).first() is not None:
                raise RunRefused("session_busy")
        document = written(run.document)
        kept = run.flow_id is not None and session.get(FlowRow, run.flow_id) is not None
        version = keep_version(session, run.flow_id, document).number if kept and run.flow_id else None
        row = RunRow(
            id=run.id,
            session_id=run.session_id,
            flow_id=run.flow_id if kept else None,
            flow_version=version,
            flow=run.document.name,
            task=run.task,
            status="running",
            owner=run.owner,
            lease_until=now() + LEASE,
        )
        session.add(row)
        session.flush()
        session.add(RunDocumentRow(run_id=run.id, document=document, options=json.dumps(asdict(run.options))))
        session.flush()
    log_rows.append(connection, run.id, 1, events, entries)


def document_of(database: Database, run: str) -> tuple[FlowDocument, Options]:
    """What a run runs, and how. Raises RunMissing."""
    with database.reading() as session:
        row = session.get(RunDocumentRow, run)
    if row is None:
        raise RunMissing(run)
    return read_stored(row.document), Options(**json.loads(row.options))


def set_money(connection: Connection, run: str, most: float) -> None:
    """The run may cost so many US dollars, or less where it may not cost so much anyway. Raises RunMissing."""
    with Session(connection) as session:
        row = session.get(RunDocumentRow, run)
        if row is None:
            raise RunMissing(run)
        options = Options(**json.loads(row.options))
        row.options = json.dumps(asdict(replace(options, money=most if options.money is None else min(options.money, most))))
        session.add(row)
        session.flush()


def newest_of_session(database: Database, session_id: str) -> str | None:
    """The last run of a session, whose log holds all that was said before; None when there is no such session."""
    with database.reading() as session:
        return session.exec(select(RunRow.id).where(RunRow.session_id == session_id).order_by(col(RunRow.started).desc())).first()


def row_of(database: Database, run: str) -> RunRow:
    """Raises RunMissing."""
    with database.reading() as session:
        row = session.get(RunRow, run)
    if row is None:
        raise RunMissing(run)
    return row


def newest(database: Database, limit: int, flow_id: str | None) -> list[RunRow]:
    query = select(RunRow).order_by(col(RunRow.started).desc()).limit(limit)
    if flow_id is not None:
        query = query.where(RunRow.flow_id == flow_id)
    with database.reading() as session:
        return list(session.exec(query).all())


def running(database: Database) -> list[RunRow]:
    """The runs that somebody works on, or worked on when they ended."""
    with database.reading() as session:
        return list(session.exec(select(RunRow).where(RunRow.status == "running")).all())


def has_consent(database: Database, flow_id: str | None) -> bool:
    if flow_id is None:
        return False
    with database.reading() as session:
        return session.get(ConsentRow, (flow_id, LOCAL_CODE)) is not None


def set_consent(database: Database, flow_id: str, yes: bool) -> None:
    """Remember, or forget, that this flow may run code on this machine."""
    with database.writing() as session:
        kept = session.get(ConsentRow, (flow_id, LOCAL_CODE))
        if yes and kept is None and session.get(FlowRow, flow_id) is not None:
            session.add(ConsentRow(flow_id=flow_id, what=LOCAL_CODE))
        elif not yes and kept is not None:
            session.delete(kept)


def renew(connection: Connection, owner: str, runs: Sequence[str]) -> None:
    """This process is still alive and works on these runs."""
    with Session(connection) as session:
        mine = select(RunRow).where(RunRow.owner == owner, RunRow.status == "running", col(RunRow.id).in_(runs))
        for row in session.exec(mine):
            row.lease_until = now() + LEASE
            session.add(row)
        session.flush()


def let_go(connection: Connection, owner: str) -> None:
    """This process works on nothing any more; whoever comes next need not wait for its leases."""
    with Session(connection) as session:
        for row in session.exec(select(RunRow).where(RunRow.owner == owner)):
            row.owner = row.lease_until = None
            session.add(row)
        session.flush()


def set_rest(connection: Connection, run: str, epoch: int, status: str) -> None:
    """The run waits or is paused although its last event does not say so. Raises StaleEpoch."""
    _set_status(connection, run, epoch, status, None)


def set_running(connection: Connection, run: str, epoch: int, owner: str) -> None:
    """A paused run goes on, under its owner. Raises StaleEpoch."""
    _set_status(connection, run, epoch, "running", owner)


def _set_status(connection: Connection, run: str, epoch: int, status: str, owner: str | None) -> None:
    with Session(connection) as session:
        row = session.get(RunRow, run)
        if row is None or row.epoch != epoch:
            raise StaleEpoch(run)
        row.status, row.owner, row.updated = status, owner, now()
        row.lease_until = None if owner is None else now() + LEASE
        session.add(row)
        session.flush()


def timed_questions(database: Database) -> list[tuple[str, str]]:
    """The questions with a time-out of the runs that wait, as (run, JSON of the event), in the order in which they were asked."""
    event = RunEventRow
    query = (
        select(event.run_id, event.payload)
        .join(RunRow, col(RunRow.id) == col(event.run_id))
        .where(RunRow.status == "waiting", event.type == "question", col(event.payload).contains('"timeout":'))
        .order_by(col(event.run_id), col(event.seq))
        .limit(MOST_TIMED)
    )
    with database.reading() as session:
        return list(session.exec(query).all())


def epochs(database: Database, runs: Sequence[str]) -> dict[str, int]:
    """The newest epoch of each run."""
    with database.reading() as session:
        return dict(session.exec(select(RunRow.id, RunRow.epoch).where(col(RunRow.id).in_(runs))).all())
