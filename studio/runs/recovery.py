"""Taking up runs whose process is gone: on from the last completed step, or interrupted where nobody knows how far a step came."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from studio.engine.errors import ConveneError, StaleEpoch
from studio.engine.events import RunInterrupted, now
from studio.engine.fold import fold
from studio.engine.state import RunState
from studio.runs import rows
from studio.runs.executions import Executions
from studio.runs.live import Live
from studio.runs.lives import Lives
from studio.runs.override import team_of
from studio.runs.owner import is_gone
from studio.runs.sink import RunSink
from studio.runs.summary import is_abandoned
from studio.store.database import Database
from studio.store.event_log import EventLog
from studio.store.log_rows import LEASE
from studio.store.tables import RunRow
from studio.texts import text

log = logging.getLogger("studio.runs")

MAX_TAKEN = 50
"""Runs that are taken up at once; the others wait for the next look."""


async def take_up_all(database: Database, event_log: EventLog, lives: Lives, executions: Executions) -> None:
    """Take up every run that computes without anybody behind it."""
    taken = 0
    for row in await asyncio.to_thread(rows.running, database):
        if taken >= MAX_TAKEN:
            return
        if row.id in executions or not is_abandoned(row):
            continue
        try:
            await _take_up(row, database, event_log, lives, executions)
            taken += 1
        except StaleEpoch:
            continue  # another process was quicker
        except ConveneError as problem:
            log.warning("run %s cannot be taken up: %s", row.id, problem)


async def keep_looking(database: Database, event_log: EventLog, lives: Lives, executions: Executions) -> None:
    """The same again and again: processes of other machines are only known to be gone when their leases end."""
    while True:
        await asyncio.sleep(LEASE.total_seconds())
        try:
            await take_up_all(database, event_log, lives, executions)
        except Exception:
            log.exception("looking for abandoned runs failed")


async def _take_up(row: RunRow, database: Database, event_log: EventLog, lives: Lives, executions: Executions) -> None:
    dead = row.owner if row.owner is not None and is_gone(row.owner) else None
    epoch = await event_log.claim(row.id, executions.owner, dead=dead)
    live = lives.of(row.id)
    sink = RunSink(live, event_log, epoch)
    try:
        document, options = await asyncio.to_thread(rows.document_of, database, row.id)
        team = team_of(document, options)
        events = await asyncio.to_thread(event_log.read, row.id)
        state = fold(team, events)
    except ConveneError as problem:
        await executions.broke(live, sink, problem)
        lives.leave(live)
        return
    if not state.open_steps:
        executions.go_on(live, epoch, team, options, events)
        return
    await interrupt(state, live, sink, lives)


async def interrupt(state: RunState, live: Live, sink: RunSink, lives: Lives) -> None:
    """Say in the log what was under way when the process ended: the run offers to be resumed. Raises StaleEpoch and DatabaseUnusable."""
    await sink.append([interruption(state, now())])
    lives.leave(live)


def interruption(state: RunState, at: datetime) -> RunInterrupted:
    """What was under way, as the event that follows."""
    under_way = ", ".join(_step(name) for name in state.open_steps.values())
    return RunInterrupted(seq=state.seq + 1, time=at, source=state.speaker or state.team.name, step=under_way)


def _step(name: str) -> str:
    return text("runs.interrupted.code") if name == "code" else text("runs.interrupted.tool", name=name)
