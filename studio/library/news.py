"""News of flows: whoever shows one hears at once when it was changed, deleted, brought back or run, by whomever and wherever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlmodel import col, select

from studio.store.database import Database
from studio.store.tables import FlowRow, RunDocumentRow, RunRow

GLANCE = 0.5
"""Seconds between looks at a flow that another process may have changed."""

GOING_ON = ("running", "waiting", "paused")

OF_A_GUEST = '"person": "guest '
"""What stands in the options of a run that a guest started, from its first moment on."""


class News(NamedTuple):
    """A flow's revision, None while there is no such flow, and the newest of its owner's runs that go on or just began, if any."""

    rev: int | None
    run: str | None


@dataclass(eq=False, slots=True)
class _Listener:
    loop: asyncio.AbstractEventLoop
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    began: str | None = None

    def ring(self, began: str | None) -> None:
        self.began = began or self.began
        self.bell.set()


class FlowNews:
    """Who listens to which flow in this process. Changes of other processes are found by looking."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: dict[str, set[_Listener]] = {}

    def announce(self, flow_id: str, began: str | None = None) -> None:
        """A flow was stored, deleted or brought back, or a run of it began. May be called in any thread."""
        for listener in tuple(self._listeners.get(flow_id, ())):
            # A listener whose loop has ended hears nothing any more.
            with suppress(RuntimeError):
                listener.loop.call_soon_threadsafe(listener.ring, began)

    async def follow(self, flow_id: str) -> AsyncGenerator[News]:
        """How the flow stands now and after every change, the newest news where several came at once. Runs of guests are no news."""
        listener = _Listener(asyncio.get_running_loop())
        self._listeners.setdefault(flow_id, set()).add(listener)
        try:
            told: News | None = None
            while True:
                listener.bell.clear()
                began, listener.began = listener.began, None
                found = await asyncio.to_thread(self._look, flow_id)
                # A run can be over before anybody looks.
                if (news := News(found.rev, began or found.run)) != told:
                    told = news
                    yield news
                with suppress(TimeoutError):
                    async with asyncio.timeout(GLANCE):
                        await listener.bell.wait()
        finally:
            listeners = self._listeners[flow_id]
            listeners.discard(listener)
            if not listeners:
                del self._listeners[flow_id]

    def _look(self, flow_id: str) -> News:
        stored = select(FlowRow.rev).where(FlowRow.id == flow_id, col(FlowRow.deleted).is_(None))
        going_on = (
            select(RunRow.id)
            .join(RunDocumentRow, col(RunDocumentRow.run_id) == col(RunRow.id))
            .where(RunRow.flow_id == flow_id, col(RunRow.status).in_(GOING_ON), ~col(RunDocumentRow.options).contains(OF_A_GUEST))
            .order_by(col(RunRow.started).desc())
        )
        with self._database.reading() as session:
            return News(session.exec(stored).first(), session.exec(going_on).first())
