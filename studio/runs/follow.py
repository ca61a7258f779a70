"""One reader of one run: the log from where it left off, what is being spoken, and everything after it, as channel frames."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from studio.runs.live import Follower, Frame, Live, Page
from studio.store.event_log import EventLog

PAGE = 500
"""Events a frame."""

MOMENT = 0.04
"""Seconds for which streamed text is gathered before it is sent on."""

BURST = 0.005
"""The same for events, which otherwise go out at once."""

GLANCE = 0.25
"""Seconds between looks at the log of a run that another process works on."""

LONG_GLANCE = 1.0
"""The same for a run that nobody works on: somebody may answer or resume it elsewhere."""


async def frames_of(live: Live, log: EventLog, after: int) -> AsyncGenerator[Page | Frame]:
    """What there is to tell of a run, until the service closes; the reader may be as slow as it likes and misses nothing.

    Durable events come in order and without gaps; text that became an event before it was sent is not sent.
    """
    loop = asyncio.get_running_loop()
    follower = Follower()
    live.followers.add(follower)
    try:
        seq = after
        while page := await _page(live, log, seq):
            seq = page.last_seq
            yield page
        shown = live.status
        yield live.status_frame()
        follower.pending = live.tail()
        if follower.pending:
            follower.bell.set()
        sent_text = sent_events = 0.0
        while not live.closed:
            if not await _news(live, log, follower):
                continue
            follower.bell.clear()
            if live.last_seq > seq or live.status != shown:
                await asyncio.sleep(max(0.0, sent_events + BURST - loop.time()))
                while live.last_seq > seq and (page := await _page(live, log, seq)):
                    seq = page.last_seq
                    yield page
                sent_events = loop.time()
                if live.status != shown:
                    shown = live.status
                    yield live.status_frame()
            if follower.pending and (wait := sent_text + MOMENT - loop.time()) > 0:
                follower.urgent.clear()
                await _at_most(follower.urgent, wait)
            if live.last_seq > seq:
                # What was said after an event goes out after it.
                follower.bell.set()
                continue
            if follower.pending:
                pending, follower.pending = follower.pending, []
                sent_text = loop.time()
                for frame in pending:
                    yield frame
    finally:
        live.followers.discard(follower)


async def _page(live: Live, log: EventLog, seq: int) -> Page | None:
    found = live.since(seq)
    if found is None:
        found = await asyncio.to_thread(log.page, live.run, seq, PAGE)
    found = found[:PAGE]
    return Page(live.run, found[-1][0], tuple(payload for _, payload in found)) if found else None


async def _news(live: Live, log: EventLog, follower: Follower) -> bool:
    """Wait until there is something new. False when it was only a look at the log that found nothing."""
    if live.here:
        # Still with a limit: whether this process works on the run can change while nobody speaks.
        return await _at_most(follower.bell, LONG_GLANCE)
    if await _at_most(follower.bell, GLANCE if live.status == "running" else LONG_GLANCE):
        return True
    if live.here:
        return False
    known = await asyncio.to_thread(log.head, live.run)
    if live.here or (known.status, known.last_seq) == (live.status, live.last_seq):
        return False
    live.elsewhere(known.status, known.last_seq)
    return True


async def _at_most(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
