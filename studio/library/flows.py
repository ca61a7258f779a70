"""Flows: every change is saved as it is made, can be undone after a reload, and the states worth keeping are versions."""

from __future__ import annotations

import builtins
import json
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, delete, select

from studio.flow.bounds import MAX_BYTES
from studio.flow.document import FlowDocument
from studio.flow.edits import Edit, Replace, apply_edit, parse_edit
from studio.flow.kinds import is_agent
from studio.library import changes as changes_module
from studio.library.errors import FlowAmbiguous, FlowMissing, FlowTooLarge, VersionMissing
from studio.library.news import FlowNews
from studio.library.undo import remember
from studio.store.database import Database
from studio.store.documents import read_stored, written
from studio.store.ids import new_id
from studio.store.tables import FlowChangeRow, FlowEditRow, FlowRow, FlowVersionRow, RunRow, now
from studio.store.versions import keep_version
from studio.texts import text

MAX_DOCUMENT = MAX_BYTES
"""Bytes of a flow as JSON: what is kept can be exported and read in again."""

ONE_SITTING = timedelta(minutes=5)
"""After this long the state before the next change is kept as a version."""

UNCHANGED = 1
"""The revision of a flow that nobody has changed since it was made."""

KEPT_DELETED = timedelta(days=30)
"""So long a deleted flow can be brought back."""

KNOWN_CHANGES = 1_000
"""Revisions whose changes are known by their ids."""

SUMMARY_SENTENCES = 3
CACHED = 32
"""Documents that are kept parsed."""


@dataclass(frozen=True, slots=True)
class FlowSummary:
    id: str
    name: str
    description: str
    updated: datetime
    agents: int
    runs: int


@dataclass(frozen=True, slots=True)
class DeletedFlow:
    """A flow that can be brought back."""

    id: str
    name: str
    deleted: datetime


@dataclass(frozen=True, slots=True)
class OpenFlow:
    """A flow as it is stored now. `rev` counts its changes; `before` is the document that the last call changed, if it did."""

    id: str
    document: FlowDocument
    rev: int
    can_undo: bool
    can_redo: bool
    saved: datetime
    before: FlowDocument | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """A kept state. `summary` says what changed since the version before."""

    number: int
    name: str
    at: datetime
    summary: str


class Flows:
    """All flows of an installation. Every call is one transaction; several tabs and processes may edit one flow.

    Whoever shows one hears of each change by `news`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.news = FlowNews(database)
        self._parsed: OrderedDict[tuple[str, int], FlowDocument] = OrderedDict()

    # Keeping ----------------------------------------------------------------------------------------------------------

    def list(self) -> list[FlowSummary]:
        """All flows, the ones changed last first."""
        runs = select(RunRow.flow_id, func.count().label("runs")).group_by(col(RunRow.flow_id)).subquery()
        columns = (FlowRow.id, FlowRow.name, FlowRow.description, FlowRow.updated, FlowRow.agents)
        query = (
            select(*columns, func.coalesce(runs.c.runs, 0))  # type: ignore[call-overload]
            .outerjoin(runs, runs.c.flow_id == FlowRow.id)
            .where(col(FlowRow.deleted).is_(None))
            .order_by(col(FlowRow.updated).desc())
        )
        with self._database.reading() as session:
            return [FlowSummary(*row) for row in session.exec(query)]

    def create(self, document: FlowDocument) -> str:
        """Keep a new flow; returns its id. Raises FlowTooLarge."""
        row = FlowRow(id=new_id(), name=document.name)
        _put(row, document)
        with self._database.writing() as session:
            session.add(row)
            session.flush()
            keep_version(session, row.id, row.document)
        return row.id

    def get(self, flow_id: str) -> OpenFlow:
        """Raises FlowMissing."""
        with self._database.reading() as session:
            return self._open(session, _row(session, flow_id))

    def find(self, name_or_id: str) -> str:
        """The id of the flow with this id or name. Raises FlowMissing and FlowAmbiguous."""
        wanted = name_or_id.strip()
        with self._database.reading() as session:
            known = select(FlowRow.id, FlowRow.name).where(col(FlowRow.deleted).is_(None))
            if session.exec(known.where(FlowRow.id == wanted)).first() is not None:
                return wanted
            named = session.exec(known.order_by(col(FlowRow.updated).desc())).all()
        exact = [flow_id for flow_id, name in named if name == wanted]
        found = exact or [flow_id for flow_id, name in named if name.casefold() == wanted.casefold()]
        if not found:
            raise FlowMissing(wanted)
        if len(found) > 1:
            raise FlowAmbiguous(wanted, tuple(found[:5]))
        return found[0]

    def duplicate(self, flow_id: str) -> str:
        """A copy with versions of its own; returns its id. Raises FlowMissing."""
        document = self.get(flow_id).document
        name = text("library.copy_of", name=document.name)[:200]
        return self.create(document.model_copy(update={"name": name}))

    def delete(self, flow_id: str) -> None:
        """Remove a flow, its versions and its undo steps; its runs stay. It can be brought back for 30 days. Raises FlowMissing."""
        with self._database.writing() as session:
            row = _row(session, flow_id)
            row.deleted = now()
            session.add(row)
            session.exec(delete(FlowRow).where(col(FlowRow.deleted) < row.deleted - KEPT_DELETED))
        self.news.announce(flow_id)

    def deleted(self) -> builtins.list[DeletedFlow]:
        """The flows that can be brought back, the ones deleted last first."""
        query = select(FlowRow.id, FlowRow.name, FlowRow.deleted).where(col(FlowRow.deleted) >= now() - KEPT_DELETED)
        with self._database.reading() as session:
            found = session.exec(query.order_by(col(FlowRow.deleted).desc())).all()
        return [DeletedFlow(flow_id, name, deleted) for flow_id, name, deleted in found if deleted is not None]

    def bring_back(self, flow_id: str) -> None:
        """Undo the deletion of a flow; one that is there stays as it is. Raises FlowMissing."""
        with self._database.writing() as session:
            row = session.get(FlowRow, flow_id)
            if row is None:
                raise FlowMissing(flow_id)
            row.deleted = None
            session.add(row)
        self.news.announce(flow_id)

    def forget(self, flow_id: str) -> None:
        """Remove a deleted flow for good; its runs stay. Raises FlowMissing."""
        with self._database.writing() as session:
            row = session.get(FlowRow, flow_id)
            if row is None or row.deleted is None:
                raise FlowMissing(flow_id)
            session.delete(row)

    # Editing ----------------------------------------------------------------------------------------------------------

    def edit(self, flow_id: str, raw: dict[str, Any], change: str = "") -> OpenFlow:
        """Apply an edit to the newest document and save it. Raises EditRefused, FlowMissing and FlowTooLarge; then nothing changed.

        With the id of a `change` it is applied once: when it comes again, nothing happens.
        """
        edit = parse_edit(raw)
        with self._database.writing() as session:
            row = _row(session, flow_id)
            if not _is_new(session, row, change):
                return self._open(session, row)
            before = self._document(row)
            if isinstance(edit, Replace) or _long_ago(session, flow_id):
                keep_version(session, flow_id, row.document)
            opened = self._apply(session, row, before, edit)
        return self._remembered(opened)

    def is_made(self, flow_id: str, change: str) -> bool:
        """Whether an edit with this id was applied; of the last thousand revisions it is known."""
        with self._database.reading() as session:
            return session.get(FlowChangeRow, (flow_id, change)) is not None

    def undo(self, flow_id: str, change: str = "") -> OpenFlow:
        """Take the last change back; without one, nothing happens. With the id of a `change` once, as `edit`. Raises FlowMissing."""
        return self._step(flow_id, change, undo=True)

    def redo(self, flow_id: str, change: str = "") -> OpenFlow:
        """Make the change again that was taken back last; without one, nothing happens. With an id once, as `edit`. Raises FlowMissing."""
        return self._step(flow_id, change, undo=False)

    def _apply(self, session: Session, row: FlowRow, before: FlowDocument, edit: Edit) -> OpenFlow:
        applied = apply_edit(before, edit)
        if applied.document == before:
            return self._open(session, row)
        _put(row, applied.document)
        row.rev += 1
        session.add(row)
        session.exec(delete(FlowEditRow).where(col(FlowEditRow.flow_id) == row.id, col(FlowEditRow.undone)))
        remember(session, row, edit, applied.inverse)
        session.flush()
        return _open(session, row, applied.document, before)

    def _step(self, flow_id: str, change: str, *, undo: bool) -> OpenFlow:
        with self._database.writing() as session:
            row = _row(session, flow_id)
            if not _is_new(session, row, change):
                return self._open(session, row)
            number = col(FlowEditRow.number)
            steps = select(FlowEditRow).where(FlowEditRow.flow_id == flow_id, col(FlowEditRow.undone).is_(not undo))
            step = session.exec(steps.order_by(number.desc() if undo else number)).first()
            if step is None:
                return self._open(session, row)
            before = self._document(row)
            applied = apply_edit(before, parse_edit(json.loads(step.inverse if undo else step.edit)))
            step.undone = undo
            step.target = ""
            _put(row, applied.document)
            row.rev += 1
            session.add(step)
            session.add(row)
            session.flush()
            opened = _open(session, row, applied.document, before)
        return self._remembered(opened)

    # Versions ---------------------------------------------------------------------------------------------------------

    def versions(self, flow_id: str) -> builtins.list[Version]:
        """All kept states, the newest first. Raises FlowMissing."""
        with self._database.writing() as session:
            _row(session, flow_id)
            rows = session.exec(select(FlowVersionRow).where(FlowVersionRow.flow_id == flow_id).order_by(col(FlowVersionRow.number))).all()
            for earlier, row in zip([None, *rows], rows, strict=False):
                if not row.summary:
                    row.summary = _summary(earlier, row)
                    session.add(row)
            return [Version(row.number, row.name, row.at, row.summary) for row in reversed(rows)]

    def name_version(self, flow_id: str, name: str) -> Version:
        """Keep the flow as it is now under a name. Raises FlowMissing."""
        with self._database.writing() as session:
            row = keep_version(session, flow_id, _row(session, flow_id).document)
            row.name = " ".join(name.split())[:200]
            session.add(row)
            number = row.number
        return next(version for version in self.versions(flow_id) if version.number == number)

    def version(self, flow_id: str, number: int) -> FlowDocument:
        """The flow as it was. Raises VersionMissing."""
        with self._database.reading() as session:
            row = session.get(FlowVersionRow, (flow_id, number))
            if row is None:
                raise VersionMissing(flow_id, number)
            return read_stored(row.document)

    def restore(self, flow_id: str, number: int, change: str = "") -> OpenFlow:
        """Bring a version back: what is there now is kept first, and the step can be undone. With the id of a `change` once, as `edit`.

        Raises VersionMissing and FlowMissing.
        """
        document = self.version(flow_id, number)
        with self._database.writing() as session:
            row = _row(session, flow_id)
            if not _is_new(session, row, change):
                return self._open(session, row)
            keep_version(session, flow_id, row.document)
            opened = self._apply(session, row, self._document(row), Replace(document=document))
        return self._remembered(opened)

    def changes(self, flow_id: str, number: int, other: int | None = None) -> builtins.list[str]:
        """What changed from a version to another one, or to now, in sentences. Raises VersionMissing and FlowMissing."""
        after = self.get(flow_id).document if other is None else self.version(flow_id, other)
        return changes_module.changes(self.version(flow_id, number), after)

    # Documents --------------------------------------------------------------------------------------------------------

    def _open(self, session: Session, row: FlowRow) -> OpenFlow:
        return _open(session, row, self._document(row))

    def _document(self, row: FlowRow) -> FlowDocument:
        known = self._parsed.get((row.id, row.rev))
        return known if known is not None else self._cache(row.id, row.rev, read_stored(row.document))

    def _remembered(self, opened: OpenFlow) -> OpenFlow:
        """The same, once it is sure to be stored: a number that was given back would mean another document."""
        self._cache(opened.id, opened.rev, opened.document)
        if opened.before is not None:
            self.news.announce(opened.id)
        return opened

    def _cache(self, flow_id: str, rev: int, document: FlowDocument) -> FlowDocument:
        self._parsed[flow_id, rev] = document
        while len(self._parsed) > CACHED:
            self._parsed.popitem(last=False)
        return document


def _open(session: Session, row: FlowRow, document: FlowDocument, before: FlowDocument | None = None) -> OpenFlow:
    undone = session.exec(select(FlowEditRow.undone).where(FlowEditRow.flow_id == row.id).distinct()).all()
    return OpenFlow(row.id, document, row.rev, False in undone, True in undone, row.updated, before)


def _row(session: Session, flow_id: str) -> FlowRow:
    row = session.get(FlowRow, flow_id)
    if row is None or row.deleted is not None:
        raise FlowMissing(flow_id)
    return row


def _is_new(session: Session, row: FlowRow, change: str) -> bool:
    """Whether a change with this id has not been made; it is known from now on. One without an id always is."""
    if not change:
        return True
    if session.get(FlowChangeRow, (row.id, change)) is not None:
        return False
    session.add(FlowChangeRow(flow_id=row.id, id=change, rev=row.rev + 1))
    if row.rev % 20 == 0:
        old = col(FlowChangeRow.rev) <= row.rev - KNOWN_CHANGES
        session.exec(delete(FlowChangeRow).where(col(FlowChangeRow.flow_id) == row.id, old))
    return True


def _put(row: FlowRow, document: FlowDocument) -> None:
    row.document = written(document)
    if (size := len(row.document.encode())) > MAX_DOCUMENT:
        raise FlowTooLarge(size, MAX_DOCUMENT)
    row.name = document.name
    row.description = document.description
    row.agents = sum(1 for node in document.nodes if is_agent(node))
    row.updated = now()


def _long_ago(session: Session, flow_id: str) -> bool:
    latest = session.exec(select(func.max(FlowVersionRow.at)).where(FlowVersionRow.flow_id == flow_id)).one()
    return latest is None or now() - latest > ONE_SITTING


def _summary(earlier: FlowVersionRow | None, row: FlowVersionRow) -> str:
    if earlier is None:
        return text("changes.created")
    found = changes_module.changes(read_stored(earlier.document), read_stored(row.document))
    if not found:
        return text("changes.none")
    rest = len(found) - SUMMARY_SENTENCES
    return " ".join([*found[:SUMMARY_SENTENCES], *([text("changes.more", count=rest)] if rest > 0 else [])])
