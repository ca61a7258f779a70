"""Runs that happened elsewhere, written down whole: to be read and replayed, never to be gone on with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection
from sqlmodel import Session

from studio.engine.events import Event
from studio.runs import rows
from studio.runs.rows import NewRun
from studio.store.log_rows import Entry
from studio.store.tables import RunRow


def write_down(connection: Connection, run: NewRun, events: Sequence[Event], entries: Sequence[Entry], started: datetime) -> None:
    """Write a run that is over, with the times at which it happened. Raises RunRefused when its session is busy."""
    rows.insert(connection, run, events, entries)
    with Session(connection) as session:
        row = session.get(RunRow, run.id)
        if row is not None:
            row.started = started
            row.updated = row.finished = max(started, entries[-1].time)
            session.add(row)
        session.flush()
