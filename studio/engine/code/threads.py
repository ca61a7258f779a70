"""Blocking work in a daemon thread of its own: work that hangs holds up neither other work nor the end of the program."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable
from typing import TypeVar

Got = TypeVar("Got")


async def in_thread(work: Callable[[], Got]) -> Got:
    """What `work` returns or raises. Cancelling stops the waiting, not the thread."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[Got] = loop.create_future()
    context = contextvars.copy_context()

    def returned(value: Got) -> None:
        if not outcome.done():
            outcome.set_result(value)

    def raised(mistake: BaseException) -> None:
        if not outcome.done():
            outcome.set_exception(mistake)

    def run() -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            try:
                value = context.run(work)
            except BaseException as mistake:
                loop.call_soon_threadsafe(raised, mistake)
            else:
                loop.call_soon_threadsafe(returned, value)

    threading.Thread(target=run, name="convene-work", daemon=True).start()
    return await outcome
