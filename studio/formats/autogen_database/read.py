"""Reading AutoGen Studio's database: teams become flows, sessions and their runs become history."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from studio.engine.errors import ConveneError
from studio.flow.findings import Finding, ForeignFileError, Imported, ImportReport, Level, Place
from studio.flow.recorded import Recorded
from studio.formats.autogen_database.history import as_json, events_of, moment, words
from studio.formats.autogen_database.rows import Rows, opened
from studio.texts import text

ReadComponent = Callable[[str, str], tuple[Imported, ...]]
"""Reads the JSON of a component, with the name that it has where it has none of its own."""

MAX_TEAMS = 500
MAX_SESSIONS = 2_000
MAX_RUNS = 2_000
MAX_MESSAGES = 200_000
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
        for table, why in self.rows.trouble:
            self._say("decision", "trouble", table, table=table, why=why)
        return Found(tuple(self.flows), tuple(runs), ImportReport(text("autogen_database.form"), tuple(self.findings)))

    def _galleries(self) -> None:
        for gallery, config in self._limited("gallery", ("id", "config"), MAX_TEAMS):
            value = as_json(config)
            if isinstance(value, Mapping) and value.get("id") != _DEFAULT_GALLERY:
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
        return [self._run(row, sessions, said.get(row[0], [])) for row in self._limited("run", columns, MAX_RUNS)]

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
        )
        return Recorded(flow, title, str(session), wanted, started, events)

    def _limited(self, table: str, columns: tuple[str, ...], limit: int) -> list[tuple[Any, ...]]:
        """The rows of a table; that there are more than the limit is told."""
        found = list(self.rows.read(table, columns, limit + 1))
        if len(found) > limit:
            self._say("decision", "too_many", table, table=table, limit=limit)
        return found[:limit]

    def _say(self, level: Level, code: str, where: str, **facts: Any) -> None:
        self.findings.append(Finding(level, code, text(f"autogen_database.{code}", **facts), place=Place(where)))


def _at(imported: Imported, where: str) -> Imported:
    """The same, with places that say in which row they are."""
    findings = tuple(
        replace(each, place=Place(f"{where} {each.place.pointer}".strip(), each.place.line)) for each in imported.report.findings
    )
    return Imported(imported.document, replace(imported.report, findings=findings))
