"""Measures what 500 runs that wait for a person keep in memory, against the figure to hold."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "runs")]

from run_house import House  # noqa: E402
from waiting_runs import MOST_BYTES, begin, bytes_a_run, resident  # noqa: E402

RUNS = 500


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        try:
            await begin(house, 20)
            before = resident()
            await begin(house, RUNS)
            grown = (resident() - before) / RUNS
            kept = await bytes_a_run(house, RUNS)
        finally:
            await house.close()
    for what, measured in (("Python's memory a waiting run", kept), ("the process a waiting run", grown)):
        print(
            f"{what:<40}{measured / 1000:>9.2f} kB {MOST_BYTES / max(measured, 1):>7.1f} × better than the figure ({MOST_BYTES / 1000:g} kB)"
        )


if __name__ == "__main__":
    asyncio.run(main())
