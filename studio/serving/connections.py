"""HTTP on connections that may not be kept busy with nothing: how many there are, and how long one may take to say what it wants."""

from __future__ import annotations

import asyncio
from typing import ClassVar, Literal

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from studio.serving.answers import BODY_SECONDS

MOST_CONNECTIONS = 500
"""Connections of a process: fewer than the files that it may have open."""

HEAD_SECONDS = 15.0
"""How long the head of a request may take, from when the connection is there, or from its first byte on one that had another before."""

LONG_BODY_SECONDS = 600.0
"""How long a body may take where files are sent."""


class PromptHTTP(H11Protocol):
    """Closes connections whose requests do not come in time, however busily they send a byte now and then."""

    most: ClassVar[int] = MOST_CONNECTIONS
    head_seconds: ClassVar[float] = HEAD_SECONDS
    body_seconds: ClassVar[float] = LONG_BODY_SECONDS

    _awaited: Literal["", "head", "body"] = ""
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        if len(self.connections) >= self.most:
            transport.abort()
            return
        super().connection_made(transport)
        self._wait_for("head")

    def data_received(self, data: bytes) -> None:
        if self.transport is None:
            return  # it was one too many
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_for("")
        if self.transport is not None:
            super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._wait_for("")
        super().handle_websocket_upgrade(event)

    def _look(self) -> None:
        """What the client owes now. Between two requests it owes nothing; there uvicorn has a time-out of its own."""
        match self.conn.their_state:
            case h11.SEND_BODY:
                self._wait_for("body")
            case h11.IDLE if self.timeout_keep_alive_task is None:
                self._wait_for("head")
            case _:
                self._wait_for("")

    def _wait_for(self, part: Literal["", "head", "body"]) -> None:
        if part == self._awaited:
            return  # what comes of it meanwhile gives no more time
        self._awaited = part
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        if part:
            seconds = self.head_seconds if part == "head" else self.body_seconds
            self._patience = self.loop.call_later(seconds, self.transport.close)


class GuestHTTP(PromptHTTP):
    """The same where bodies are small; whoever reads one answers before this closes."""

    body_seconds = BODY_SECONDS + 5.0
