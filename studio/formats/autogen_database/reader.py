"""What readers of AutoGen Studio's databases share: bounded rows, components that become flows, and an account of the whole file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from studio.engine.errors import ConveneError
from studio.flow.findings import Finding, Imported, ImportReport, Level, Place
from studio.flow.recorded import Recorded
from studio.formats.autogen_database.history import MAX_EVENTS
from studio.formats.autogen_database.rows import Rows
from studio.texts import text

ReadComponent = Callable[[str, str], tuple[Imported, ...]]
"""Reads the JSON of a component, with the name that it has where it has none of its own."""

Tables = Mapping[str, tuple[str, ...]]
"""The tables that are taken in, with the columns that are read, or said by another one."""

MAX_SESSIONS = 2_000
MAX_RUNS = 2_000
MAX_MESSAGES = 200_000

_BOOKKEEPING = ("id", "created_at", "updated_at", "user_id", "version")
_MIGRATIONS = "alembic_version"


@dataclass(frozen=True, slots=True)
class Found:
    """What a database held: flows, the runs that happened in them, and what there is to say about the file as a whole."""

    flows: tuple[Imported, ...]
    runs: tuple[Recorded, ...]
    report: ImportReport


class Reader:
    """Collects what a database holds. `tables` are those that its kind of reader takes in."""

    def __init__(self, rows: Rows, read_component: ReadComponent, tables: Tables) -> None:
        self.rows = rows
        self.flows: list[Imported] = []
        self.left_out: Counter[str] = Counter()
        self._read_component = read_component
        self._tables = tables
        self._findings: dict[tuple[str, ...], Finding] = {}

    def component(self, value: Any, name: str, where: str) -> None:
        """The flows of a component's JSON; one that cannot be read is told."""
        try:
            source = value if isinstance(value, str) else json.dumps(value, default=str) if isinstance(value, (dict, list)) else ""
        except (ValueError, RecursionError):
            source = ""
        try:
            imported = self._read_component(source, name)
        except ConveneError as error:
            self.say("decision", "unreadable", where, what=where, why=error.sentence)
            return
        self.flows.extend(_at(each, where) for each in imported)

    def limited(self, table: str, columns: tuple[str, ...], limit: int) -> list[tuple[Any, ...]]:
        """The rows of a table; that there are more than the limit is told."""
        found = list(self.rows.read(table, columns, limit + 1))
        if len(found) > limit:
            self.say("decision", "too_many", table, table=table, limit=limit)
        return found[:limit]

    def say(self, level: Level, code: str, where: str, **facts: Any) -> None:
        """One line of the report; the same is said once."""
        found = Finding(level, code, text(f"autogen_database.{code}", **facts), place=Place(where))
        self._findings.setdefault((code, where, found.text), found)

    def finished(self, runs: list[Recorded], form: str) -> Found:
        """Everything, with a line for every kind of message, table and column that nothing comes of, and how much of it there is."""
        for table, why, count in self.rows.trouble:
            missing = text("autogen_database.missing", count=count) if count is not None else text("autogen_database.missing.unknown")
            self.say("decision", "trouble", table, table=table, why=why, missing=missing)
        for why, count in sorted(self.left_out.items()):
            if count:
                self.say("approximated", f"messages.{why}", "message", count=count, limit=MAX_EVENTS)
        for table, rows in self.rows.others((*self._tables, _MIGRATIONS)):
            if rows != 0:
                self.say("approximated", "table", table, table=table[:80], rows=_counted(rows))
        for table, read in self._tables.items():
            for column in self.rows.columns(table):
                filled = self.rows.filled(table, column) if column not in read and column not in _BOOKKEEPING else 0
                if filled != 0:
                    self.tell_column(table, column, filled)
        return Found(tuple(self.flows), tuple(runs), ImportReport(form, tuple(self._findings.values())))

    def tell_column(self, table: str, column: str, filled: int | None) -> None:
        """That nothing comes of a column; `filled` is how many rows say something in it, None where that cannot be told."""
        where = f"{table}.{column}"[:160]
        self.say("approximated", "column", where, table=table, column=column[:80], rows=_counted(filled))


def _counted(rows: int | None) -> str:
    return text("autogen_database.rows", count=rows) if rows is not None else text("autogen_database.rows.unknown")


def _at(imported: Imported, where: str) -> Imported:
    """The same, with places that say in which row they are. A row has no lines."""
    findings = tuple(replace(each, place=Place(f"{where} {each.place.pointer}".strip())) for each in imported.report.findings)
    return Imported(imported.document, replace(imported.report, findings=findings))
