"""Requests whose bodies are bounded, whether they say how long they are or not."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class TooLarge(Exception):
    """A body is longer than it may be, and nothing was answered yet."""


async def bounded(app: ASGIApp, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
    """Passes a request on, and breaks it off when its body grows beyond `limit` bytes. Raises TooLarge."""
    length = Headers(scope=scope).get("content-length", "0")
    if not length.isdecimal() or int(length) > limit:
        raise TooLarge
    seen, started = 0, False

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise TooLarge
        return message

    async def watched(message: Message) -> None:
        nonlocal started
        if seen > limit and not started:
            return  # whatever the application makes of the broken request, the answer is ours
        started = True
        await send(message)

    try:
        await app(scope, counted, watched)
    except TooLarge:
        if started:
            return
        raise
    if seen > limit and not started:
        raise TooLarge
