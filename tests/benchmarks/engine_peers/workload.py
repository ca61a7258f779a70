"""What every engine is asked to do, and how it is timed: each peer's script defines `talk`, `chosen` and `alone` and calls `main`.

Run in the peer's own environment: python PEER.py WORK [BASE_URL]. Prints one line of JSON: {"seconds": …} and what else was measured.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import resource
import sys
import time
from collections.abc import Mapping
from typing import Any

SYSTEM = "You are one of several people who write a text together. Say what you would change, in one sentence."
TASK = "Write a short text about the sea, together."
TWO = ("ann", "bob")
THREE = ("ann", "bob", "cay")
FIVE = ("ann", "bob", "cay", "dan", "eve")
"""Who takes part."""

WARMING_UP = 3
"""Turns of the conversation that comes before the measured ones."""

WORKS = ("turns_100", "turns_1000", "round_robin", "chosen", "at_once", "slow", "alone", "import", "idle")


async def _timed(work: str, peer: Mapping[str, Any], base_url: str) -> dict[str, float]:
    talk = peer.get("talk")
    # The first call imports, connects and compiles: that is not what is compared.
    if talk is not None and base_url:
        await talk(base_url, TWO, WARMING_UP)
    gc.collect()
    began = time.perf_counter()
    match work:
        case "turns_100":
            said = [await talk(base_url, TWO, 100)]
            expected = [100]
        case "turns_1000":
            said = [await talk(base_url, TWO, 1_000)]
            expected = [1_000]
        case "round_robin":
            said = [await talk(base_url, FIVE, 200)]
            expected = [200]
        case "chosen":
            said = [await peer["chosen"](base_url, THREE, 100)]
            expected = [100]
        case "at_once" | "slow":
            said = list(await asyncio.gather(*(talk(base_url, TWO, 20) for _ in range(100))))
            expected = [20] * 100
        case "alone":
            await peer["alone"](TWO, 20)
            gc.collect()
            moments = await peer["alone"](TWO, 1_000)
            assert len(moments) == 1_000, f"{len(moments)} turns were taken"
            return {
                "seconds": (moments[-1] - moments[0]) / 999,
                "first": (moments[100] - moments[0]) / 100,
                "last": (moments[999] - moments[899]) / 100,
            }
        case "idle":
            return {"kilobytes": await peer["idle"](1_000)}
        case _:
            raise SystemExit(f"There is no work {work}; there are {', '.join(WORKS)}.")
    seconds = time.perf_counter() - began
    if "close" in peer:
        await peer["close"]()
    # The classic engines count in pairs: one turn more or less is theirs.
    assert all(abs(taken - turns) <= 1 for taken, turns in zip(said, expected, strict=True)), f"{said} turns were taken, not {expected}"
    return {"seconds": seconds}


def main(peer: Mapping[str, Any], *modules: str) -> None:
    """Do the work that the command line names; `modules` are what `import` imports, "module:name,name"."""
    work = sys.argv[1]
    if work == "import":
        began = time.perf_counter()
        for module in modules:
            name, _, names = module.partition(":")
            imported = importlib.import_module(name)
            for wanted in filter(None, names.split(",")):
                getattr(imported, wanted)
        measured = {"seconds": time.perf_counter() - began, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    else:
        measured = asyncio.run(_timed(work, peer, sys.argv[2] if sys.argv[2:] else ""))
    print(json.dumps(measured))
