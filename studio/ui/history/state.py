"""All runs: found by flow, task and status."""

from __future__ import annotations

from typing import Any

import reflex as rx

from studio.api.services import services
from studio.ui.shared.notices import told
from studio.ui.shared.runs import RunRow, run_row

MOST = 500
"""So many runs are listed, the newest first."""


class HistoryState(rx.State):
    runs: list[RunRow] = []
    search: str = ""
    status: str = ""
    loaded: bool = False

    @rx.var
    def found(self) -> list[RunRow]:
        """The runs that fit the search and the chosen status; unfinished ones count as running."""
        wanted = self.search.strip().casefold()
        return [
            run
            for run in self.runs
            if (not self.status or run["status"] == self.status) and (not wanted or wanted in f"{run['flow']} {run['task']}".casefold())
        ]

    @rx.event
    @told
    def open(self) -> Any:
        self.runs = [run_row(run) for run in services().runs.list(limit=MOST)]
        self.loaded = True

    @rx.event
    def set_search(self, value: str) -> None:
        self.search = value

    @rx.event
    def set_status(self, value: str) -> None:
        self.status = value
