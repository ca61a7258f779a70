"""Kills the process that writes a log, again and again, and counts what was acknowledged and is not there: `python bench_kill.py [TRIALS]`."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from studio.store.database import open_database  # noqa: E402
from studio.store.event_log import EventLog  # noqa: E402

TRIALS = 200
TOGETHER = 4
"""Writers on one database at a time."""


def main() -> int:
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    writer = ROOT / "tests" / "store" / "log_writer.py"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    chance = random.Random()
    acknowledged: dict[str, int] = {}
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/convene.db"
        open_database(url).close()
        for first in range(0, trials, TOGETHER):
            runs = [f"run{number}" for number in range(first, min(first + TOGETHER, trials))]
            started = {
                run: subprocess.Popen([sys.executable, str(writer), url, run], stdout=subprocess.PIPE, text=True, env=environment)
                for run in runs
            }
            for run, process in started.items():
                assert process.stdout is not None
                acknowledged[run] = int(process.stdout.readline())
            time.sleep(chance.uniform(0.0, 0.4))
            for process in started.values():
                process.send_signal(signal.SIGKILL)
            for run, process in started.items():
                assert process.stdout is not None
                whole = [line for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
                acknowledged[run] = int(whole[-1]) if whole else acknowledged[run]
                process.wait(10)
        database = open_database(url)
        log = EventLog(database)
        lost = gaps = unacknowledged = 0
        for run, seq in acknowledged.items():
            numbers = [event.seq for event in log.read(run)]
            gaps += numbers != list(range(1, len(numbers) + 1))
            lost += max(0, seq - len(numbers))
            unacknowledged += max(0, len(numbers) - seq)
        log.close()
        database.close()
        with sqlite3.connect(f"{folder}/convene.db") as connection:
            integrity = connection.execute("PRAGMA integrity_check").fetchone()[0]
    print(f"{trials} kills in {time.monotonic() - began:.0f} s, {sum(acknowledged.values())} events acknowledged")
    print(f"lost {lost}, logs with gaps {gaps}, written but not acknowledged {unacknowledged}, integrity {integrity}")
    print(f"ratio of acknowledged events that are there: {1 - lost / sum(acknowledged.values()):.6f}")
    return 1 if lost or gaps or integrity != "ok" else 0


if __name__ == "__main__":
    sys.exit(main())
