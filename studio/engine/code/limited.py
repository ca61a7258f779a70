"""Waiting for functions that somebody else wrote: no longer than agreed, even for one that does not let itself be cancelled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

log = logging.getLogger("studio.engine")

GRACE = 0.5
"""Seconds that cancelled work has for its own end before it is left behind."""

Got = TypeVar("Got")


async def within(seconds: float, work: Coroutine[Any, Any, Got]) -> Got:
    """What `work` returns or raises. Raises TimeoutError when it takes longer, and RuntimeError when it cancelled itself."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        await _end(task)
        raise
    if not task.done():
        await _end(task)
        raise TimeoutError
    if task.cancelled():
        raise RuntimeError("it was cancelled from within")
    return task.result()


async def _end(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.wait({task}, timeout=GRACE)
    if not task.done():
        log.warning("%s does not let itself be cancelled and is left behind", getattr(task.get_coro(), "__qualname__", "a function"))
    task.add_done_callback(_ignore)


def _ignore(task: asyncio.Task[Any]) -> None:
    """Nobody waits for it any more: what it raises is not to be told as an error that nobody looked at."""
    if not task.cancelled():
        task.exception()
