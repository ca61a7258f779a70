"""Reading AutoGen Studio's database: teams or workflows become flows, sessions and their runs become history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from studio.flow.findings import ForeignFileError
from studio.flow.recorded import Recorded
from studio.formats.autogen_database.history import as_json, events_of, moment, words
from studio.formats.autogen_database.linked_workflows import LinkedReader
from studio.formats.autogen_database.reader import MAX_MESSAGES, MAX_RUNS, MAX_SESSIONS, Found, ReadComponent, Reader
from studio.formats.autogen_database.rows import Rows, opened
from studio.formats.autogen_database.whole_workflows import WholeReader
from studio.texts import text

MAX_TEAMS = 500
READ = {
    "team": ("id", "component"),
    "gallery": ("id", "config"),
    "settings": ("id", "config"),
    "session": ("id", "team_id", "name"),
    "run": ("id", "session_id", "created_at", "status", "task", "team_result", "error_message", "messages"),
    "message": ("run_id", "config", "created_at", "session_id"),
}
"""The tables of AutoGen Studio 0.4 and newer."""

_NEW = "created"
_BARE = 2
"""Events of a run in which nothing was asked, said or done: it began, it ended. AutoGen Studio makes one whenever a session is opened."""

_DEFAULT_GALLERY = "gallery_default"


def from_database(file: Path, read_component: ReadComponent) -> Found:
    """Everything of a database that can be read. Nothing in it is run. Raises ForeignFileError when it is none of AutoGen Studio's."""
    with opened(file) as rows:
        if rows.has("team"):
            return _TeamReader(rows, read_component).found()
        for reader in (LinkedReader, WholeReader):
            if rows.has(*reader.MARKS):
                return reader(rows, read_component).found()
        raise ForeignFileError(text("autogen_database.other"), "", text("autogen_database.other.remedy"))


class _TeamReader(Reader):
    def __init__(self, rows: Rows, read_component: ReadComponent) -> None:
        super().__init__(rows, read_component, READ)
        self._flow_of_team: dict[Any, int] = {}

    def found(self) -> Found:
        for team, component in self.limited("team", ("id", "component"), MAX_TEAMS):
            before = len(self.flows)
            self.component(component, text("autogen_database.team", id=team), f"team {team}")
            if len(self.flows) > before:
                self._flow_of_team[team] = before
        self._galleries()
        runs = self._runs()
        if next(self.rows.read("settings", ("id",), 1), None) is not None:
            self.say("approximated", "settings", "settings")
        return self.finished(runs, text("autogen_database.form"))

    def _galleries(self) -> None:
        for gallery, config in self.limited("gallery", ("id", "config"), MAX_TEAMS):
            value = as_json(config)
            if isinstance(value, Mapping) and value.get("id") == _DEFAULT_GALLERY:
                self.say("approximated", "default_gallery", f"gallery {gallery}")
            else:
                self.component(config, text("autogen_database.gallery", id=gallery), f"gallery {gallery}")

    def _runs(self) -> list[Recorded]:
        sessions = {row[0]: row[1:] for row in self.limited("session", ("id", "team_id", "name"), MAX_SESSIONS)}
        said: dict[Any, list[tuple[Any, Any]]] = defaultdict(list)
        for run, config, time in self.limited("message", ("run_id", "config", "created_at"), MAX_MESSAGES):
            said[run].append((config, time))
        columns = ("id", "session_id", "created_at", "status", "task", "team_result", "error_message", "messages")
        rows = self.limited("run", columns, MAX_RUNS)
        read = [(self._run(row, sessions, said.pop(row[0], [])), row[columns.index("status")]) for row in rows]
        runs = [run for run, status in read if run.task or len(run.events) > _BARE or not str(status).lower().endswith(_NEW)]
        if len(runs) < len(read):
            self.say("approximated", "idle_runs", "run", count=len(read) - len(runs))
        self.left_out["no_run"] += sum(map(len, said.values()))
        if idle := len(sessions.keys() - {row[1] for row in rows}):
            self.say("approximated", "idle_sessions", "session", count=idle)
        return runs

    def _run(self, row: tuple[Any, ...], sessions: Mapping[Any, tuple[Any, ...]], said: list[tuple[Any, Any]]) -> Recorded:
        session, created, status, task, result, error, kept = row[1:]
        team, name = sessions.get(session, (None, None))
        flow = self._flow_of_team.get(team)
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
        wanted = wanted or _first_words(said)
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


def _first_words(said: Iterable[tuple[Any, Any]]) -> str:
    """What the person said first: some releases wrote a task down without its text."""
    messages = (as_json(config) for config, _ in said)
    own = (each for each in messages if isinstance(each, Mapping) and each.get("source") == "user")
    return next((found for each in own if (found := words(each.get("content")))), "")
