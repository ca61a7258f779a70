"""Processes that append to the logs of runs until they are killed, one for each, and say what was acknowledged: one number a line.

Arguments: the database, a folder for what each says in a file of its run's name, and the runs. Standard output: a line with the number of
each process; once all have ended, how each did.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

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


def begin(url: str, said: Path, run: str) -> int:
    """A copy of this process, which has imported everything and opened nothing; returns its number."""
    number = os.fork()
    if number == 0:
        with said.open("wb") as file:
            os.dup2(file.fileno(), sys.stdout.fileno())
        asyncio.run(write(url, run))
    return number


if __name__ == "__main__":
    numbers = [begin(sys.argv[1], Path(sys.argv[2], run), run) for run in sys.argv[3:]]
    print(*numbers, flush=True)
    print(*(os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]) for number in numbers))
