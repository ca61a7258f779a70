"""Measures runs without a browser: start to first message, a long run, opening a long log, appending. Prints ratios to the figures to hold."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "runs")]

from run_house import House, assistant, drawing, events_in, pair, practice  # noqa: E402

from studio.engine.events import MessageSaid, RunFinished  # noqa: E402
from studio.flow.document import FlowDocument  # noqa: E402

FIRST_MESSAGE = 0.075
LONG_RUN = 3.0
OPEN_LONG_LOG = 0.150
EVENTS_A_SECOND = 1_000


def show(what: str, measured: float, figure: float, unit: str, more_is_better: bool = False) -> None:
    ratio = measured / figure if more_is_better else figure / measured
    print(f"{what:<52}{measured:>10.3f} {unit:<5} {ratio:>6.1f} × better than the figure ({figure:g})")


def talk(turns: int) -> FlowDocument:
    script: dict[str, list[object]] = {"ann": ["Hello there, friend."], "bob": ["Good day to you."]}
    return drawing(assistant("ann"), assistant("bob"), model=practice(script), turns=turns)


async def first_message(house: House) -> float:
    flow = house.flows.create(pair())
    seconds = []
    for _ in range(20):
        began = time.perf_counter()
        started = await house.runs.start(pair(), "Count.", flow_id=flow)
        await house.read(started.run, lambda frame: any(event["source"] == "ann" for event in events_in([frame])))
        seconds.append(time.perf_counter() - began)
        await house.rest(started.run)
    return statistics.median(seconds)


async def long_run(house: House) -> tuple[float, str]:
    began = time.perf_counter()
    started = await house.runs.start(talk(300), "Talk.")
    await house.rest(started.run)
    return time.perf_counter() - began, started.run


async def open_long_log(house: House) -> float:
    started = await house.runs.start(talk(1), "Talk.")
    log = await house.rest(started.run)
    epoch = await house.runs._log.claim(started.run, "bench", force=True)
    first = len(log) + 1
    events = [MessageSaid(seq=seq, source="ann", text="word " * 80, id=f"m{seq}") for seq in range(first, 10_000)]
    await house.runs._log.append(started.run, epoch, [*events, RunFinished(seq=10_000, status="done")])
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        async for text in house.runs.follow_text(started.run):
            if text.startswith('{"t": "status"'):
                break
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


async def appending(house: House, runs: int, events: int) -> float:
    ids = [(await house.runs.start(talk(1), "Talk.")).run for _ in range(runs)]
    for run in ids:
        await house.rest(run)
    log = house.runs._log
    epochs = {run: await log.claim(run, "bench", force=True) for run in ids}

    async def write(run: str) -> None:
        first = log.head(run).last_seq + 1
        for seq in range(first, first + events):
            await log.append(run, epochs[run], [MessageSaid(seq=seq, source="ann", text="word " * 80)])

    began = time.perf_counter()
    await asyncio.gather(*(write(run) for run in ids))
    return runs * events / (time.perf_counter() - began)


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        show("start to the first message (median of 20)", await first_message(house), FIRST_MESSAGE, "s")
        show("a run of 300 messages", (await long_run(house))[0], LONG_RUN, "s")
        show("opening a log of 10,000 events (median of 5)", await open_long_log(house), OPEN_LONG_LOG, "s")
        show("durable events of 10 runs at once", await appending(house, 10, 200), EVENTS_A_SECOND, "ev/s", more_is_better=True)
        await house.close()


if __name__ == "__main__":
    asyncio.run(main())
