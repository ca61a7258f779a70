"""The log of all runs: durable appends behind a fence, grouped into few commits by one writer thread a process."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from studio.engine.events import Event
from studio.engine.stored_events import event_from_json, event_to_json
from studio.store import log_rows
from studio.store.database import Database
from studio.store.errors import DatabaseUnusable, LogBroken, LogClosed
from studio.store.log_rows import Entry, Head
from studio.texts import text

log = logging.getLogger("studio.store")

GROUP = 500
"""How many jobs at most share one commit."""

CLOSING = 10.0
"""Seconds that closing waits for the jobs that were given before."""

Result = TypeVar("Result")
Job = Callable[[Connection], Any]


class EventLog:
    """Appends events durably and reads them. Safe to use from any thread and any event loop.

    `redact` is applied to the JSON of every event before it is stored; what it returns must be JSON again.
    """

    def __init__(self, database: Database, redact: Callable[[str], str] = str) -> None:
        self._database = database
        self._redact = redact
        self._jobs: SimpleQueue[tuple[Job, Future[Any]] | None] = SimpleQueue()
        self._starting = threading.Lock()
        self._writer: threading.Thread | None = None
        self._closed = False

    # Writing ----------------------------------------------------------------------------------------------------------

    async def append(self, run: str, epoch: int, events: Sequence[Event], owner: str | None = None) -> list[Entry]:
        """Store numbered events; returns them as they are stored, when they are durable.

        The order of calls is the order in the log, even before the first of them returned. Raises StaleEpoch when another
        writer took the run over, LogBroken when the numbers leave a gap, DatabaseUnusable when the disk does not take it.
        `owner` is who works on a run that waited and goes on by these events.
        """
        entries = self.entries(events)
        if entries:
            await self.soon(lambda connection: log_rows.append(connection, run, epoch, events, entries, owner))
        return entries

    def entries(self, events: Sequence[Event]) -> list[Entry]:
        """Events as rows, with what is secret taken out."""
        return [
            Entry(event.seq, event.type, self._redact(event_to_json(event)), event.time)  # type: ignore[attr-defined]
            for event in events
        ]

    async def claim(self, run: str, owner: str, *, dead: str | None = None, force: bool = False) -> int:
        """Become the run's only writer: the new epoch. Raises StaleEpoch while another process works on it, and RunMissing."""
        return await self.soon(lambda connection: log_rows.claim(connection, run, owner, dead=dead, force=force))

    async def soon(self, job: Callable[[Connection], Result]) -> Result:
        """What `job` returns, after its writing is durable. It may share a commit with others and must be fit to be tried twice.

        Once given, a job is done even if the one who waits for it is cancelled.
        """
        return await asyncio.wrap_future(self.give(job))

    def give(self, job: Callable[[Connection], Result]) -> Future[Result]:
        """Queue a job for the writer. Raises LogClosed."""
        if self._closed:
            raise LogClosed
        if self._writer is None:
            with self._starting:
                if self._writer is None:
                    self._writer = threading.Thread(target=self._write, name="event-log", daemon=True)
                    self._writer.start()
        done: Future[Result] = Future()
        done.set_running_or_notify_cancel()
        self._jobs.put((job, done))
        return done

    def close(self) -> None:
        """Write what was given, then stop."""
        self._closed = True
        if self._writer is not None:
            self._jobs.put(None)
            self._writer.join(CLOSING)

    def _write(self) -> None:
        while True:
            first = self._jobs.get()
            if first is None:
                return
            group = [first]
            last = False
            while len(group) < GROUP:
                try:
                    following = self._jobs.get_nowait()
                except Empty:
                    break
                if following is None:
                    last = True
                    break
                group.append(following)
            self._commit(group)
            if last:
                return

    def _commit(self, group: list[tuple[Job, Future[Any]]]) -> None:
        try:
            with self._database.write() as connection:
                results = [job(connection) for job, _ in group]
        except Exception as problem:
            if len(group) == 1:
                group[0][1].set_exception(_readable(problem))
                return
            # One of them is at fault: alone, each of the others succeeds.
            for single in group:
                self._commit([single])
            return
        for (_, done), result in zip(group, results, strict=True):
            done.set_result(result)

    # Reading ----------------------------------------------------------------------------------------------------------

    def head(self, run: str) -> Head:
        """Where a run stands. Raises RunMissing."""
        with self._database.read() as connection:
            return log_rows.head(connection, run)

    def read(self, run: str, after: int = 0) -> list[Event]:
        """The events after a number, in order. Raises LogBroken when one cannot be read."""
        with self._database.read() as connection:
            stored = log_rows.payloads(connection, run, after)
        return events_of(run, stored)

    def page(self, run: str, after: int, limit: int) -> list[tuple[int, str]]:
        """The numbers of the next events after a number, with the JSON that is stored; at most `limit` of them."""
        with self._database.read() as connection:
            return log_rows.numbered(connection, run, after, limit)


def events_of(run: str, payloads: Sequence[str]) -> list[Event]:
    """Stored JSON as events. Raises LogBroken when one cannot be read."""
    try:
        return [event_from_json(payload) for payload in payloads]
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]["msg"]
        raise LogBroken(run, "unreadable", problem=first) from problem


def _readable(problem: Exception) -> Exception:
    if isinstance(problem, DBAPIError):
        return DatabaseUnusable(text("store.database.this"), "refused", problem=problem.orig)
    return problem
