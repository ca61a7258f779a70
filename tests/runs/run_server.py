"""A process that starts one run and lives until it is killed: `run_server.py FOLDER KIND`, prints the run's id, then each event's type."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from run_house import House, asking, asking_while_coding, coding, pair

KINDS = {
    "talking": lambda: pair(turns=6, words_per_second=5),
    "asking": asking,
    "asking_while_coding": lambda: asking_while_coding("import time\ntime.sleep(60)"),
    "coding": lambda: coding("import time, pathlib\npathlib.Path('began').touch()\ntime.sleep(60)", turns=3),
}


async def serve(folder: Path, kind: str) -> None:
    house = House(folder)
    started = await house.runs.start(KINDS[kind](), "Begin.", allow_local_code=True)
    print(started.run, flush=True)
    async for frame in house.runs.follow(started.run):
        for event in frame.get("events", ()):
            print(event["type"], event["seq"], flush=True)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2]))
