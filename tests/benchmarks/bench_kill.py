"""What is lost when the studio is killed while it writes: of 200 kills of a writer of the event log, and of a few of the whole server.

Run: PYTHONPATH=. python tests/benchmarks/bench_kill.py. Every kill is `kill -9` at a moment of chance. An event counts as acknowledged
when the writer was told that it is stored, or when a browser was sent it; all of these must be in the log afterwards, once and in
their order. Needs an operating system that can fork.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import tempfile
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from serving import ROOT, Figure, StudioProcess, compiled, installed, report, talk

KILLS = 200
SERVER_KILLS = 4
CHANCE = random.Random(7)
MESSAGES = 5_000


def kill_writers(folder: Path) -> tuple[int, int]:
    """Kills a process that appends to a log, 200 times on one database. Returns how many events were acknowledged and how many lost."""
    import sys

    sys.path.insert(0, str(ROOT / "tests" / "store"))
    from log_writer import write

    url = f"sqlite:///{folder / 'log.db'}"
    acknowledged = lost = 0
    for number in range(KILLS):
        run = f"run{number}"
        last = _killed(url, run, write)
        acknowledged += last
        lost += last - _kept_in_order(folder / "log.db", run, last)
    with closing(sqlite3.connect(folder / "log.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",), "The database is damaged."
    return acknowledged, lost


def _killed(url: str, run: str, write: Any) -> int:
    """The last number that a writer in a process of its own said is stored, before it was killed."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.dup2(writer, 1)
        asyncio.run(write(url, run))
        os._exit(1)
    os.close(writer)
    with open(reader, "rb") as said:
        first = said.readline()
        time.sleep(CHANCE.uniform(0.0, 0.12))
        os.kill(child, signal.SIGKILL)
        rest = said.read()
    os.waitpid(child, 0)
    lines = (first + rest).split(b"\n")[:-1]  # a line that was cut in the middle acknowledges nothing
    assert lines, "The writer was killed before it wrote anything."
    return int(lines[-1])


def _kept_in_order(database: Path, run: str, last: int) -> int:
    """How many of the first `last` events of a run are in the log, in a row from the first."""
    with closing(sqlite3.connect(database)) as connection:
        numbers = [row[0] for row in connection.execute("SELECT seq FROM run_event WHERE run_id = ? ORDER BY seq", (run,))]
    kept = 0
    for kept, number in enumerate(numbers, 1):
        if number != kept:
            return kept - 1
    return min(kept, last)


def kill_servers(folder: Path) -> tuple[int, int]:
    """Kills a studio in the middle of a run that somebody watches. Returns how many events were sent to them and how many lost."""
    compiled()
    served = StudioProcess(folder, **installed(str(folder))).start()
    run, seen, lost = "", dict[int, Any](), 0
    flow = _import(served)
    for _ in range(SERVER_KILLS):
        events = asyncio.run(_watch(served, flow if not run else "", run, max(seen, default=0)))
        run = run or events.pop(-1)
        served.kill()
        seen |= events
        served.start()
        stored = asyncio.run(_watch(served, "", run, 0, until=max(seen)))
        lost += sum(1 for number, event in seen.items() if stored.get(number) != event)
    served.stop()
    return len(seen), lost


def _token(served: StudioProcess) -> str:
    return parse_qs(urlsplit(served.url).query)["auth"][0]


def _import(served: StudioProcess) -> str:
    """The id of the talk, imported."""
    document = {"format": "convene.flow", "version": 1, **talk(MESSAGES, words_per_second=1000, text="one two three")}
    request = urllib.request.Request(
        f"{served.origin}/api/import",
        json.dumps(document).encode(),
        {"Authorization": f"Bearer {_token(served)}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(json.load(answer)["flow"])


async def _watch(served: StudioProcess, flow: str, run: str, after: int, until: int | None = None) -> dict[int, Any]:
    """The events of a run by their numbers, up to `until`, or else for a moment of chance; of a new run also its id, as number -1."""
    from websockets.asyncio.client import connect

    found: dict[int, Any] = {}
    address = f"{served.origin.replace('http', 'ws')}/api/channel"
    headers = {"Authorization": f"Bearer {_token(served)}"}
    async with connect(address, origin=served.origin, additional_headers=headers, max_size=None) as socket:  # type: ignore[arg-type]
        if flow:
            await socket.send(json.dumps({"t": "start", "nonce": "1", "flow": flow, "task": "Talk"}))
        else:
            await socket.send(json.dumps({"t": "watch", "run": run, "after": after}))
        ends = time.monotonic() + (30 if until is not None else CHANCE.uniform(0.5, 2.0))
        try:
            while (until is None or max(found, default=0) < until) and time.monotonic() < ends:
                frame = json.loads(await asyncio.wait_for(socket.recv(), max(0.001, ends - time.monotonic())))
                if frame["t"] == "started":
                    found[-1] = frame["run"]
                    await socket.send(json.dumps({"t": "watch", "run": frame["run"], "after": 0}))
                assert frame["t"] != "refused", frame
                found |= {event["seq"]: event for event in frame.get("events", ())}
        except TimeoutError:
            pass
    return found


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="convene-bench-", ignore_cleanup_errors=True) as folder:
        acknowledged, lost = kill_writers(Path(folder))
        sent, missing = kill_servers(Path(folder, "studio"))
    report(
        [
            Figure(f"acknowledged events lost, {KILLS} kills", lost, 0, None, "events", f"of {acknowledged:,}"),
            Figure(f"events sent and lost, {SERVER_KILLS} kills of servers", missing, 0, None, "events", f"of {sent:,}"),
        ]
    )


if __name__ == "__main__":
    main()
