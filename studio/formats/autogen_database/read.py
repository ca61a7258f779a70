"""Reading AutoGen Studio's database: teams become flows, sessions and their runs become history."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from studio.engine.errors import ConveneError
from studio.flow.findings import Finding, ForeignFileError, Imported, ImportReport, Level, Place
from studio.flow.recorded import Recorded
from studio.formats.autogen_database.history import MAX_EVENTS, as_json, events_of, moment, words
from studio.formats.autogen_database.rows import Rows, opened
from studio.texts import text

ReadComponent = Callable[[str, str], tuple[Imported, ...]]
"""Reads the JSON of a component, with the name that it has where it has none of its own."""

MAX_TEAMS = 500
MAX_SESSIONS = 2_000
MAX_RUNS = 2_000
MAX_MESSAGES = 200_000
READ = {
    "team": ("id", "component"),
    "gallery": ("id", "config"),
    "settings": ("id", "config"),
    "session": ("id", "team_id", "name"),
    "run": ("id", "session_id", "created_at", "status", "task", "team_result", "error_message", "messages"),
    "message": ("run_id", "config", "created_at", "session_id"),
}
"""The tables that are taken in, with the columns that are read, or said by another one."""

_BOOKKEEPING = ("id", "created_at", "updated_at", "user_id", "version")
_MIGRATIONS = "alembic_version"
_DEFAULT_GALLERY = "gallery_default"


@dataclass(frozen=True, slots=True)
class Found:
    """What a database held: flows, the runs that happened in them, and what there is to say about the file as a whole."""

    flows: tuple[Imported, ...]
    runs: tuple[Recorded, ...]
    report: ImportReport


def from_database(file: Path, read_component: ReadComponent) -> Found:
    """Everything of a database that can be read. Nothing in it is run. Raises ForeignFileError when it is none of AutoGen Studio's."""
    with opened(file) as rows:
        if not rows.has("team"):
            raise ForeignFileError(text("autogen_database.other"), "", text("autogen_database.other.remedy"))
        return _Reader(rows, read_component).found()


class _Reader:
    def __init__(self, rows: Rows, read_component: ReadComponent) -> None:
        self.rows = rows
        self.read_component = read_component
        self.flows: list[Imported] = []
        self.flow_of_team: dict[Any, int] = {}
        self.findings: list[Finding] = []
        self.left_out: Counter[str] = Counter()

    def found(self) -> Found:
        for team, component in self._limited("team", ("id", "component"), MAX_TEAMS):
            before = len(self.flows)
            self._component(component, text("autogen_database.team", id=team), f"team {team}")
            if len(self.flows) > before:
                self.flow_of_team[team] = before
        self._galleries()
        runs = self._runs()
        if next(self.rows.read("settings", ("id",), 1), None) is not None:
            self._say("approximated", "settings", "settings")
        for table, why, count in self.rows.trouble:
            missing = text("autogen_database.missing", count=count) if count is not None else text("autogen_database.missing.unknown")
            self._say("decision", "trouble", table, table=table, why=why, missing=missing)
        self._tell_the_rest()
        return Found(tuple(self.flows), tuple(runs), ImportReport(text("autogen_database.form"), tuple(self.findings)))

    def _galleries(self) -> None:
        for gallery, config in self._limited("gallery", ("id", "config"), MAX_TEAMS):
            value = as_json(config)
            if isinstance(value, Mapping) and value.get("id") == _DEFAULT_GALLERY:
                self._say("approximated", "default_gallery", f"gallery {gallery}")
            else:
                self._component(config, text("autogen_database.gallery", id=gallery), f"gallery {gallery}")

    def _component(self, value: Any, name: str, where: str) -> None:
        source = value if isinstance(value, str) else json.dumps(value, default=str) if isinstance(value, (dict, list)) else ""
        try:
            imported = self.read_component(source, name)
        except ConveneError as error:
            self._say("decision", "unreadable", where, what=where, why=error.sentence)
            return
        self.flows.extend(_at(each, where) for each in imported)

    def _runs(self) -> list[Recorded]:
        sessions = {row[0]: row[1:] for row in self._limited("session", ("id", "team_id", "name"), MAX_SESSIONS)}
        said: dict[Any, list[tuple[Any, Any]]] = defaultdict(list)
        for run, config, time in self._limited("message", ("run_id", "config", "created_at"), MAX_MESSAGES):
            said[run].append((config, time))
        columns = ("id", "session_id", "created_at", "status", "task", "team_result", "error_message", "messages")
        rows = self._limited("run", columns, MAX_RUNS)
        runs = [self._run(row, sessions, said.pop(row[0], [])) for row in rows]
        self.left_out["no_run"] += sum(map(len, said.values()))
        if idle := len(sessions.keys() - {row[1] for row in rows}):
            self._say("approximated", "idle_sessions", "session", count=idle)
        return runs

    def _run(self, row: tuple[Any, ...], sessions: Mapping[Any, tuple[Any, ...]], said: list[tuple[Any, Any]]) -> Recorded:
        session, created, status, task, result, error, kept = row[1:]
        team, name = sessions.get(session, (None, None))
        flow = self.flow_of_team.get(team)
        title = self.flows[flow].document.name if flow is not None else str(name or text("autogen_database.session", id=session))[:200]
        started = moment(created, datetime.now(UTC))
        asked = as_json(task)
        wanted = words(asked.get("content") if isinstance(asked, Mapping) else asked)
        outcome = as_json(result)
        ended = outcome.get("task_result") if isinstance(outcome, Mapping) else None
        ended = ended if isinstance(ended, Mapping) else {}
        if not said:
            held = as_json(kept) or ended.get("messages")
            said = [(item.get("config", item), None) for item in held if isinstance(item, Mapping)] if isinstance(held, list) else []
        events = events_of(
            said,
            flow=title,
            task=wanted,
            started=started,
            status=status,
            stop_reason=words(ended.get("stop_reason")),
            error=words(error),
            left_out=self.left_out,
        )
        return Recorded(flow, title, str(session), wanted, started, events)

    def _tell_the_rest(self) -> None:
        """A line for every kind of message, table and column that nothing comes of, with how much of it there is."""
        for why, count in sorted(self.left_out.items()):
            if count:
                self._say("approximated", f"messages.{why}", "message", count=count, limit=MAX_EVENTS)
        for table, rows in self.rows.others((*READ, _MIGRATIONS)):
            if rows != 0:
                self._say("approximated", "table", table, table=table[:80], rows=_counted(rows))
        for table, read in READ.items():
            for column in self.rows.columns(table):
                filled = self.rows.filled(table, column) if column not in read and column not in _BOOKKEEPING else 0
                if filled != 0:
                    self._say("approximated", "column", f"{table}.{column}"[:160], table=table, column=column[:80], rows=_counted(filled))

    def _limited(self, table: str, columns: tuple[str, ...], limit: int) -> list[tuple[Any, ...]]:
        """The rows of a table; that there are more than the limit is told."""
        found = list(self.rows.read(table, columns, limit + 1))
        if len(found) > limit:
            self._say("decision", "too_many", table, table=table, limit=limit)
        return found[:limit]

    def _say(self, level: Level, code: str, where: str, **facts: Any) -> None:
        self.findings.append(Finding(level, code, text(f"autogen_database.{code}", **facts), place=Place(where)))


def _counted(rows: int | None) -> str:
    return text("autogen_database.rows", count=rows) if rows is not None else text("autogen_database.rows.unknown")


def _at(imported: Imported, where: str) -> Imported:
    """The same, with places that say in which row they are."""
    findings = tuple(
        replace(each, place=Place(f"{where} {each.place.pointer}".strip(), each.place.line)) for each in imported.report.findings
    )
    return Imported(imported.document, replace(imported.report, findings=findings))
