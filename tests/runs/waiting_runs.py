"""Many runs that wait for a person, and what each of them takes in memory."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from pathlib import Path

from run_house import House, asking
from sandboxes import until

MOST_BYTES = 50_000
"""What a conversation may take that waits for a person."""

AT_ONCE = 50


async def begin(house: House, count: int) -> list[str]:
    """Start so many runs and let each of them come to its question."""
    drawing, runs = asking(), []
    for first in range(0, count, AT_ONCE):
        started = [await house.runs.start(drawing, f"Task {number}.") for number in range(first, min(first + AT_ONCE, count))]
        await asyncio.gather(*(house.asked(each.run) for each in started))
        runs += [each.run for each in started]
    return runs


async def bytes_a_run(house: House, count: int) -> float:
    """Bytes of Python's memory that a waiting run keeps."""
    await begin(house, 20)
    await until(lambda: not house.runs.here())
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        await begin(house, count)
        await until(lambda: not house.runs.here())
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (after - before) / count


def resident() -> int:
    """Bytes of this process in the machine's memory; 0 where that is not told."""
    path = Path("/proc/self/statm")
    return int(path.read_text().split()[1]) * 4096 if path.exists() else 0
