"""The tables: flows, their versions and edits, sessions, runs and their events, model accounts, settings, consents, reports, shares."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, DateTime, ForeignKey, MetaData, Text, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
"""How constraints are named, so that a migration can name them too."""


def now() -> datetime:
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. Stored as UTC, given back with its time zone; one without a time zone is refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Table(SQLModel, registry=registry(metadata=MetaData(naming_convention=NAMES))):
    """The base of our tables, with metadata of their own."""


def _moment(**options: Any) -> Any:
    return Field(default_factory=now, sa_type=UtcDateTime, nullable=False, **options)


def _moment_or_none() -> Any:
    return Field(default=None, sa_type=UtcDateTime, nullable=True)


def _text() -> Any:
    return Field(default="", sa_type=Text, nullable=False)


def _count() -> Any:
    """A whole number that is 0 in rows from before its column."""
    return Field(default=0, nullable=False, sa_column_kwargs={"server_default": "0"})


def _of_flow(primary: bool = False, on_delete: str = "CASCADE") -> Any:
    return Field(
        default=None,
        sa_column=Column(
            "flow_id",
            ForeignKey("flow.id", ondelete=on_delete),
            primary_key=primary,
            index=not primary,
            nullable=on_delete == "SET NULL",
        ),
    )


class FlowRow(Table, table=True):
    """A flow as it is now. `rev` counts its changes; `document` is the drawing as JSON; `agents` is how many it has.

    One that was `deleted` can be brought back for a while.
    """

    __tablename__ = "flow"

    id: str = Field(primary_key=True)
    name: str
    description: str = _text()
    document: str = _text()
    rev: int = 1
    agents: int = 0
    created: datetime = _moment()
    updated: datetime = _moment(index=True)
    deleted: datetime | None = _moment_or_none()


class FlowVersionRow(Table, table=True):
    """A kept state of a flow. `number` counts from 1 in its flow; `digest` is the hash of the document."""

    __tablename__ = "flow_version"

    flow_id: str = _of_flow(primary=True)
    number: int = Field(primary_key=True)
    name: str = ""
    summary: str = _text()
    digest: str
    document: str = _text()
    at: datetime = _moment()


class FlowEditRow(Table, table=True):
    """One step of undo. `edit` makes the change, `inverse` takes it back; `target` is what it changes, for joining quick ones."""

    __tablename__ = "flow_edit"

    flow_id: str = _of_flow(primary=True)
    number: int = Field(primary_key=True)
    edit: str = _text()
    inverse: str = _text()
    target: str = _text()
    undone: bool = False
    at: datetime = _moment()


class FlowChangeRow(Table, table=True):
    """A change that a tab sent and that is made: it is not made again, however often it comes. `rev` is what the flow's was to become."""

    __tablename__ = "flow_change"

    flow_id: str = _of_flow(primary=True)
    id: str = Field(primary_key=True)
    rev: int


class SessionRow(Table, table=True):
    """A conversation that goes on over several runs."""

    __tablename__ = "session"

    id: str = Field(primary_key=True)
    created: datetime = _moment()


class RunRow(Table, table=True):
    """A run: who works on it, and the totals of its log. Small, because every append writes it.

    Only who holds the newest `epoch` may append to the log, at `last_seq` + 1; `owner` names the process until `lease_until`.
    """

    __tablename__ = "run"

    id: str = Field(primary_key=True)
    session_id: str = Field(foreign_key="session.id", index=True)
    flow_id: str | None = _of_flow(on_delete="SET NULL")
    flow_version: int | None = None
    flow: str = ""
    task: str = _text()
    status: str = Field(index=True)
    epoch: int = 1
    last_seq: int = 0
    owner: str | None = None
    lease_until: datetime | None = _moment_or_none()
    started: datetime = _moment(index=True)
    updated: datetime = _moment()
    finished: datetime | None = _moment_or_none()
    messages: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
    unpriced: int = _count()
    stop_reason: str = _text()


class RunDocumentRow(Table, table=True):
    """What a run runs: a copy of the drawing, which neither editing nor deleting the flow touches, and the run's options as JSON."""

    __tablename__ = "run_document"

    run_id: str = Field(foreign_key="run.id", ondelete="CASCADE", primary_key=True)
    document: str = _text()
    options: str = _text()


class RunEventRow(Table, table=True):
    """One event of a run's log; `payload` is the event as JSON, exactly as it is shown and replayed."""

    __tablename__ = "run_event"
    __table_args__ = {"sqlite_with_rowid": False}

    run_id: str = Field(foreign_key="run.id", ondelete="CASCADE", primary_key=True)
    seq: int = Field(primary_key=True)
    type: str
    payload: str = _text()
    time: datetime = _moment()


class RunSpendingRow(Table, table=True):
    """What the events of a run up to number `upto` have cost: JSON lines by account and model. A fold that is kept, not a truth."""

    __tablename__ = "run_spending"

    run_id: str = Field(foreign_key="run.id", ondelete="CASCADE", primary_key=True)
    upto: int = 0
    lines: str = _text()


class ModelAccountRow(Table, table=True):
    """Where a model is. `sealed_key` is encrypted for this row and this base URL; `key_hint` are its last characters.

    A limit of 0 is none.
    """

    __tablename__ = "model_account"

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    provider: str = "openai"
    base_url: str | None = None
    default_model: str = ""
    sealed_key: str | None = None
    key_hint: str = ""
    requests_per_minute: int = _count()
    tokens_per_minute: int = _count()
    requests_at_once: int = _count()
    created: datetime = _moment()
    updated: datetime = _moment()


class SettingRow(Table, table=True):
    """A preference of the installation; `value` is JSON."""

    __tablename__ = "setting"

    key: str = Field(primary_key=True)
    value: str = _text()


class ConsentRow(Table, table=True):
    """What a person allowed a flow for good, such as running code on this machine."""

    __tablename__ = "consent"

    flow_id: str = _of_flow(primary=True)
    what: str = Field(primary_key=True)
    at: datetime = _moment()


class FlowReportRow(Table, table=True):
    """What was to be said when a flow was brought in from elsewhere, until somebody puts it aside; `report` is JSON."""

    __tablename__ = "flow_report"

    flow_id: str = _of_flow(primary=True)
    report: str = _text()
    at: datetime = _moment()


class ShareRow(Table, table=True):
    """A flow that is open to others under the address `id`. Without a `token_digest` it is closed; `terms` is JSON."""

    __tablename__ = "share"

    id: str = Field(primary_key=True)
    flow_id: str = Field(sa_column=Column("flow_id", ForeignKey("flow.id", ondelete="CASCADE"), unique=True, nullable=False))
    token_digest: str | None = None
    token_hint: str = ""
    terms: str = _text()
    created: datetime = _moment()
    updated: datetime = _moment()


class GuestRunRow(Table, table=True):
    """A run that a guest started: at which `door` (a share, or a flow that is served by itself) and how they spoke to it."""

    __tablename__ = "guest_run"

    run_id: str = Field(foreign_key="run.id", ondelete="CASCADE", primary_key=True)
    door: str = Field(index=True)
    via: str = ""
    at: datetime = _moment()


class GuestConversationRow(Table, table=True):
    """By what a guest's program knows a conversation again: `key` is a digest of it, `session_id` the conversation."""

    __tablename__ = "guest_conversation"

    door: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    session_id: str = Field(foreign_key="session.id", ondelete="CASCADE")
    at: datetime = _moment(index=True)
