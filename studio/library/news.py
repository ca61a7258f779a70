"""News of flows: whoever shows one hears at once when it was changed, deleted, brought back or run, by whomever and wherever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import JSON, col, func, or_, select, type_coerce

from studio.store.database import Database
from studio.store.tables import FlowRow, RunDocumentRow, RunRow, now

GLANCE = 0.5
"""Seconds between looks at a flow that another process may have changed."""

GOING_ON = ("running", "waiting", "paused")

LATE = timedelta(seconds=1)
"""How long after it began another process may have stored a run."""


class News(NamedTuple):
    """A flow's revision, None while there is no such flow, and the newest of its owner's runs that go on or just began, if any.

    A run of a guest, whose options name its person, is none of its owner's.
    """

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
            opened = since = now()
            while True:
                listener.bell.clear()
                began, listener.began = listener.began, None
                looking = now()
                found = await asyncio.to_thread(self.newest, flow_id, GOING_ON, since)
                # What another process stored late is found by the next look.
                since = max(opened, looking - LATE)
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

    def newest(self, flow_id: str, statuses: Collection[str] = GOING_ON, since: datetime | None = None) -> News:
        """How the flow stands: its newest run is one in these statuses, or whatever became of one that began after `since`."""
        stored = select(FlowRow.rev).where(FlowRow.id == flow_id, col(FlowRow.deleted).is_(None))
        person = type_coerce(col(RunDocumentRow.options), JSON)["person"].as_string()
        is_news = col(RunRow.status).in_(statuses)
        newest = (
            select(RunRow.id)
            .join(RunDocumentRow, col(RunDocumentRow.run_id) == col(RunRow.id))
            .where(
                RunRow.flow_id == flow_id,
                is_news if since is None else or_(is_news, col(RunRow.started) > since),
                func.coalesce(person, "") == "",
            )
            .order_by(col(RunRow.started).desc())
        )
        with self._database.reading() as session:
            return News(session.exec(stored).first(), session.exec(newest).first())
