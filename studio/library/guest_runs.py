"""Which runs guests started at which door, what they cost together, and by what guests know their conversations again."""

from __future__ import annotations

import json
import math
from collections.abc import Collection
from datetime import timedelta

from sqlmodel import and_, col, delete, func, or_, select

from studio.store.database import Database
from studio.store.tables import GuestConversationRow, GuestRunRow, RunDocumentRow, RunRow, now

REMEMBERED = timedelta(days=30)
"""How long a conversation is known again that nobody goes on with."""


class GuestRuns:
    """The book of all doors. A door sees what came through it and nothing else."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, door: str, run: str, via: str) -> None:
        """A guest started this run."""
        with self._database.writing() as session:
            session.add(GuestRunRow(run_id=run, door=door, via=via))

    def came_through(self, door: str, run: str) -> bool:
        with self._database.reading() as session:
            row = session.get(GuestRunRow, run)
        return row is not None and row.door == door

    def computing(self, door: str) -> int:
        """How many runs of a door compute right now."""
        with self._database.reading() as session:
            query = (
                select(func.count())
                .select_from(GuestRunRow)
                .join(RunRow, col(RunRow.id) == col(GuestRunRow.run_id))
                .where(GuestRunRow.door == door, RunRow.status == "running")
            )
            return int(session.exec(query).one())

    def spent(self, door: str) -> float:
        """US dollars that all runs of a door have cost so far."""
        with self._database.reading() as session:
            query = select(func.coalesce(func.sum(RunRow.cost), 0.0)).join(GuestRunRow, col(GuestRunRow.run_id) == col(RunRow.id))
            return float(session.exec(query.where(GuestRunRow.door == door)).one() or 0.0)

    def set_aside(self, door: str, here: Collection[str]) -> tuple[float, bool]:
        """US dollars that the runs of a door which compute may still cost; infinite where one has no limit.

        `here` are runs that a process works on: one of them that asked somebody may compute elsewhere meanwhile. Whether there is such a
        one is told too, since it may also just be coming to rest.
        """
        with self._database.reading() as session:
            query = (
                select(RunRow.status, RunRow.cost, RunDocumentRow.options)
                .join(GuestRunRow, col(GuestRunRow.run_id) == col(RunRow.id))
                .join(RunDocumentRow, col(RunDocumentRow.run_id) == col(RunRow.id))
                .where(
                    GuestRunRow.door == door,
                    or_(col(RunRow.status) == "running", and_(col(RunRow.status) == "waiting", col(RunRow.id).in_(here))),
                )
            )
            found = session.exec(query).all()
        limits = [(json.loads(options).get("money"), cost or 0.0) for _, cost, options in found]
        aside = sum(math.inf if money is None else max(0.0, money - cost) for money, cost in limits)
        return aside, any(status == "waiting" for status, *_ in found)

    def remember(self, door: str, key: str, session_id: str) -> None:
        """A guest will name this conversation by `key`. Forgets what was not gone on with for long."""
        with self._database.writing() as session:
            session.merge(GuestConversationRow(door=door, key=key, session_id=session_id))
            session.exec(delete(GuestConversationRow).where(col(GuestConversationRow.at) < now() - REMEMBERED))

    def conversation(self, door: str, key: str) -> str | None:
        """The session that a guest means by `key`."""
        with self._database.reading() as session:
            row = session.get(GuestConversationRow, (door, key))
        return None if row is None else row.session_id
