"""A process that appends to the log of one run until it is killed, and says what was acknowledged: one number a line."""

from __future__ import annotations

import asyncio
import sys

from studio.engine.events import MessageSaid, RunStarted
from studio.store.database import open_database
from studio.store.event_log import EventLog
from studio.store.tables import RunRow, SessionRow


async def write(url: str, run: str) -> None:
    database = open_database(url)
    with database.writing() as session:
        session.merge(SessionRow(id="s"))
        session.flush()
        session.add(RunRow(id=run, session_id="s", status="running"))
    log = EventLog(database)
    await log.append(run, 1, [RunStarted(seq=1, source="you", task="write")])
    seq = 1
    while True:
        events = [MessageSaid(seq=seq + 1, source="a", text="x" * 300), MessageSaid(seq=seq + 2, source="b", text="y")]
        await log.append(run, 1, events)
        seq += 2
        print(seq, flush=True)


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1], sys.argv[2]))
