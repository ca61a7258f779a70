"""The runs that somebody watches or works on in this process."""

from __future__ import annotations

from studio.runs import rows
from studio.runs.live import Live
from studio.store.database import Database
from studio.store.redaction import Redactor


class Lives:
    """One `Live` a run, for as long as it is worked on or followed here."""

    def __init__(self, database: Database, redactor: Redactor) -> None:
        self._database = database
        self._redactor = redactor
        self._known: dict[str, Live] = {}

    def of(self, run: str) -> Live:
        """Raises RunMissing."""
        live = self._known.get(run)
        if live is None:
            row = rows.row_of(self._database, run)
            live = self._known[run] = Live(run, row.session_id, row.flow_id, row.status, row.last_seq, self._redactor)
        return live

    def new(self, run: str, session: str, flow: str | None) -> Live:
        live = self._known[run] = Live(run, session, flow, "running", 0, self._redactor)
        return live

    def leave(self, live: Live) -> None:
        """Forget it when nobody needs it any more."""
        if not live.here and not live.followers and self._known.get(live.run) is live:
            del self._known[live.run]

    def close(self) -> None:
        """Send all followers home."""
        for live in self._known.values():
            live.closed = True
            live.ring()
