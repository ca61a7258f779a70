"""Reading the databases of AutoGen Studio before 0.4: workflows become flows, the chats of sessions become runs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from studio.flow.recorded import Recorded
from studio.formats.autogen_database.chats import Exchange, Said, exchanges, unread_meta
from studio.formats.autogen_database.history import events_of, moment
from studio.formats.autogen_database.reader import MAX_RUNS, Found, ReadComponent, Reader, Tables
from studio.formats.autogen_database.rows import Rows
from studio.texts import text

MAX_WORKFLOWS = 500
MAX_PARTS = 2_000
"""Agents, models, skills, and links of each kind."""


@dataclass(frozen=True, slots=True)
class Part:
    """What becomes a flow: `value` is its JSON, `name` what it is called where it does not say so, `where` its row."""

    value: Any
    name: str
    where: str
    workflow: Any = None
    """The id of a workflow; None for a part that is in none."""


@dataclass(frozen=True, slots=True)
class Chat:
    """A session with what was said in it, in order."""

    id: Any
    workflow: Any
    name: Any
    said: list[Said]


class WorkflowReader(Reader):
    """What both kinds of such databases have in common."""

    MARKS: ClassVar[tuple[str, ...]]
    """The tables by which a database is known."""

    TABLES: ClassVar[Tables]
    META: ClassVar[str]
    """What the column is called that holds what an answer says about itself."""

    FORM: ClassVar[str]
    MESSAGES: ClassVar[str]

    def __init__(self, rows: Rows, read_component: ReadComponent) -> None:
        super().__init__(rows, read_component, self.TABLES)

    @abstractmethod
    def parts(self) -> Iterator[Part]:
        """The workflows, and what is in none of them."""

    @abstractmethod
    def chats(self) -> Iterable[Chat]:
        """The sessions."""

    def found(self) -> Found:
        flow_of: dict[Any, int] = {}
        for part in self.parts():
            before = len(self.flows)
            self.component(part.value, part.name, part.where)
            if len(self.flows) > before and part.workflow is not None:
                flow_of[part.workflow] = before
        return self.finished(self._runs(flow_of), text(self.FORM))

    def _runs(self, flow_of: dict[Any, int]) -> list[Recorded]:
        found: list[Recorded] = []
        unread: dict[str, int] = {}
        idle = beyond = 0
        for chat in self.chats():
            held = exchanges(chat.said)
            idle += not held
            beyond += max(0, len(found) + len(held) - MAX_RUNS)
            flow = flow_of.get(chat.workflow)
            found += [self._run(each, chat, flow) for each in held[: MAX_RUNS - len(found)]]
            for name, count in unread_meta(chat.said).items():
                unread[name] = unread.get(name, 0) + count
        if idle:
            self.say("approximated", "idle_sessions", "session", count=idle)
        if beyond:
            self.say("decision", "too_many", self.MESSAGES, table=self.MESSAGES, limit=MAX_RUNS)
        for name, count in sorted(unread.items()):
            self.tell_column(self.MESSAGES, f"{self.META}.{name}", count)
        return found

    def _run(self, exchange: Exchange, chat: Chat, flow: int | None) -> Recorded:
        title = self.flows[flow].document.name if flow is not None else str(chat.name or text("autogen_database.session", id=chat.id))[:200]
        started = moment(exchange.began, datetime.now(UTC))
        events = events_of(
            exchange.messages(),
            flow=title,
            task=exchange.task,
            started=started,
            status="complete" if exchange.answers else "",
            stop_reason="",
            error="",
            left_out=self.left_out,
        )
        return Recorded(flow, title, str(chat.id), exchange.task, started, events)
