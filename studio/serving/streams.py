"""Streams to guests: server-sent events that say something from time to time, and end when the guest is gone."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import aclosing, suppress
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from studio.serving.door import Pace
from studio.serving.errors import GuestRefused

SILENCE = 15.0
"""Seconds after which a comment is sent, so that nobody in between takes the stream for dead."""

SEND_SECONDS = 30.0
"""How long a guest may leave a piece unread."""

Got = TypeVar("Got")

log = logging.getLogger("convene.serving")


def event_line(data: Any, *, name: str = "", number: int | None = None) -> str:
    """One server-sent event whose data is JSON."""
    head = (f"id: {number}\n" if number is not None else "") + (f"event: {name}\n" if name else "")
    return f"{head}data: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n"


class EventStream(Response):
    """Sends pieces as they come. `left` is called when the guest went away before the end."""

    media_type = "text/event-stream"

    def __init__(
        self,
        pieces: AsyncGenerator[str],
        pace: Pace,
        left: Callable[[], Awaitable[None]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Raises GuestRefused when there are too many streams."""
        super().__init__(headers={"X-Accel-Buffering": "no", **(headers or {})})
        del self.headers["content-length"]
        pace.stream()
        self._pieces = pieces
        self._pace = pace
        self._left = left

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.create_task(self._send(send))
        gone = asyncio.create_task(_disconnected(receive))
        whole = False
        try:
            await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
            whole = _went_well(sending)
        finally:
            self._pace.streams -= 1
            for task in (sending, gone):
                task.cancel()
            await asyncio.gather(sending, gone, return_exceptions=True)
            if not whole and self._left is not None:
                await self._left()

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})

        async def out(piece: str) -> None:
            async with asyncio.timeout(SEND_SECONDS):
                await send({"type": "http.response.body", "body": piece.encode(), "more_body": True})

        async with aclosing(self._pieces) as pieces:
            coming: asyncio.Task[str] | None = None
            try:
                while True:
                    coming = coming or asyncio.create_task(_next(pieces))
                    done, _ = await asyncio.wait({coming}, timeout=SILENCE)
                    if not done:
                        await out(": still there\n\n")
                        continue
                    try:
                        piece = coming.result()
                    except StopAsyncIteration:
                        break
                    finally:
                        coming = None
                    await out(piece)
            finally:
                if coming is not None:
                    coming.cancel()
                    await asyncio.gather(coming, return_exceptions=True)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def streamed(
    pieces: AsyncGenerator[str], pace: Pace, left: Callable[[], Awaitable[None]], headers: dict[str, str] | None = None
) -> EventStream:
    """The stream of an answer to what was just said. Raises GuestRefused when there are too many, and then nobody waits for the answer."""
    try:
        return EventStream(pieces, pace, left, headers)
    except GuestRefused:
        await left()
        raise


def _went_well(sending: asyncio.Task[None]) -> bool:
    """Whether a stream came to its end; why it did not is told in the log, unless the guest is just gone or does not read."""
    if not sending.done() or sending.cancelled():
        return False
    mistake = sending.exception()
    if mistake is not None and not isinstance(mistake, OSError):
        log.error("A guest's stream broke", exc_info=mistake)
    return mistake is None


async def _next(pieces: AsyncGenerator[str]) -> str:
    return await anext(pieces)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def unless_gone(request: Request, work: Coroutine[Any, Any, Got], left: Callable[[], Awaitable[None]]) -> Got | None:
    """What comes of `work`; None when the guest went away before, after `left` was called."""
    working = asyncio.create_task(work)
    gone = asyncio.create_task(_disconnected(request.receive))
    try:
        await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        await left()
        return None
    finally:
        for task in (working, gone):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(working, gone, return_exceptions=True)
