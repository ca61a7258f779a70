"""News of flows: whoever shows one hears at once when it was changed, deleted or brought back, by whomever and wherever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, field

from sqlmodel import col, select

from studio.store.database import Database
from studio.store.tables import FlowRow

GLANCE = 0.5
"""Seconds between looks at a flow that another process may have changed."""


@dataclass(eq=False, slots=True)
class _Listener:
    loop: asyncio.AbstractEventLoop
    bell: asyncio.Event = field(default_factory=asyncio.Event)


class FlowNews:
    """Who listens to which flow in this process. Changes of other processes are found by looking."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: dict[str, set[_Listener]] = {}

    def announce(self, flow_id: str) -> None:
        """A flow was stored, deleted or brought back. May be called in any thread."""
        for listener in tuple(self._listeners.get(flow_id, ())):
            # A listener whose loop has ended hears nothing any more.
            with suppress(RuntimeError):
                listener.loop.call_soon_threadsafe(listener.bell.set)

    async def follow(self, flow_id: str) -> AsyncGenerator[int | None]:
        """The flow's revision now and after every change, the newest one where several came at once; None while there is no such flow."""
        listener = _Listener(asyncio.get_running_loop())
        self._listeners.setdefault(flow_id, set()).add(listener)
        try:
            told: int | None = -1
            while True:
                listener.bell.clear()
                if (rev := await asyncio.to_thread(self._rev, flow_id)) != told:
                    told = rev
                    yield rev
                with suppress(TimeoutError):
                    async with asyncio.timeout(GLANCE):
                        await listener.bell.wait()
        finally:
            listeners = self._listeners[flow_id]
            listeners.discard(listener)
            if not listeners:
                del self._listeners[flow_id]

    def _rev(self, flow_id: str) -> int | None:
        with self._database.reading() as session:
            return session.exec(select(FlowRow.rev).where(FlowRow.id == flow_id, col(FlowRow.deleted).is_(None))).first()
