"""Requests that are on their way once they are asked for: before Python 3.12 aiohttp writes them behind all else that is ready by then."""

from __future__ import annotations

import sys
from collections.abc import Coroutine, Generator
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aiohttp import ClientRequest
    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.connector import Connection


@cache
def request_class() -> type[ClientRequest]:
    """What a session makes its requests of.

    Where a hundred answers come at once, a request that waits for the turns of all others is late by all of them, in every round.
    """
    from aiohttp import ClientRequest

    if sys.version_info >= (3, 12):
        return ClientRequest

    class PromptRequest(ClientRequest):
        def write_bytes(
            self, writer: AbstractStreamWriter, conn: Connection, content_length: int | None = None
        ) -> Coroutine[Any, Any, None]:
            return begun(super().write_bytes(writer, conn, content_length))

    return PromptRequest


def begun(work: Coroutine[Any, Any, None]) -> Coroutine[Any, Any, None]:
    """What is left of a coroutine after it went as far as it could without waiting, for a task. Raises what it raises until then."""
    try:
        awaited = work.send(None)
    except StopIteration:
        return _nothing()
    return _Rest(work, awaited)


async def _nothing() -> None:
    pass


class _Rest(Coroutine[Any, Any, None]):
    """A coroutine that waits for something already, which the first one who asks is told."""

    __slots__ = ("_told", "_work")

    def __init__(self, work: Coroutine[Any, Any, None], awaited: Any) -> None:
        self._work = work
        self._told = [awaited]

    def send(self, value: Any) -> Any:
        return self._told.pop() if self._told else self._work.send(value)

    def throw(self, *error: Any) -> Any:
        self._told.clear()
        return self._work.throw(*error)

    def close(self) -> None:
        self._work.close()

    def __await__(self) -> Generator[Any, Any, None]:
        yield from self._told
        self._told.clear()
        yield from self._work.__await__()
