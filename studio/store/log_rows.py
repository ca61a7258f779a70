"""The statements of the event log: the fence that lets one writer in, the rows of events, and what they do to their run's row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text

from studio.engine.errors import StaleEpoch
from studio.engine.events import (
    CommandGiven,
    Event,
    MessageSaid,
    QuestionAnswered,
    QuestionAsked,
    RunFinished,
    RunInterrupted,
    RunResumed,
    RunStarted,
)
from studio.engine.usage import NOTHING, Usage
from studio.store.errors import LogBroken, RunMissing
from studio.store.tables import RunEventRow, UtcDateTime, now

LEASE = timedelta(seconds=15)
"""How long a process may be silent before another one may go on with its runs."""

AT_REST = frozenset({"waiting", "paused", "done", "stopped", "failed", "interrupted"})
"""The statuses in which nobody works on a run."""

_moment = UtcDateTime()
_events = RunEventRow.__table__  # type: ignore[attr-defined]

_ADVANCE = text(
    """
    UPDATE run SET
        last_seq = :last,
        updated = :now,
        lease_until = :lease_until,
        owner = CASE WHEN :at_rest THEN NULL ELSE COALESCE(:owner, owner) END,
        status = COALESCE(:status, status),
        finished = CASE WHEN :status IS NULL THEN finished ELSE :finished END,
        stop_reason = CASE WHEN :status IS NULL THEN stop_reason ELSE :stop_reason END,
        messages = messages + :messages,
        prompt_tokens = prompt_tokens + :prompt_tokens,
        completion_tokens = completion_tokens + :completion_tokens,
        cost = CASE WHEN :cost IS NULL THEN cost ELSE COALESCE(cost, 0) + :cost END,
        unpriced = unpriced + :unpriced
    WHERE id = :run AND epoch = :epoch AND last_seq = :before
    """
).bindparams(bindparam("now", type_=_moment), bindparam("lease_until", type_=_moment), bindparam("finished", type_=_moment))

_CLAIM = text(
    """
    UPDATE run SET epoch = epoch + 1, owner = :owner, lease_until = :lease_until
    WHERE id = :run AND (:force OR owner IS NULL OR owner IN (:owner, :dead) OR lease_until IS NULL OR lease_until < :now)
    """
).bindparams(bindparam("now", type_=_moment), bindparam("lease_until", type_=_moment))

_HEAD = text("SELECT status, epoch, last_seq, owner, lease_until FROM run WHERE id = :run").columns(lease_until=_moment)


@dataclass(frozen=True, slots=True)
class Head:
    """Where a run stands: its status, its newest epoch, its last event, and who works on it until when."""

    status: str
    epoch: int
    last_seq: int
    owner: str | None
    lease_until: datetime | None


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as a row: its number, its type, its JSON and its time."""

    seq: int
    type: str
    payload: str
    time: datetime


def status_after(events: Sequence[Event]) -> str | None:
    """The status that these events leave a run in; None when they leave it as it is."""
    for event in reversed(events):
        match event:
            case RunFinished(status=status):
                return status
            case QuestionAsked():
                return "waiting"
            case RunInterrupted():
                return "interrupted"
            case RunStarted() | QuestionAnswered() | RunResumed():
                return "running"
            case CommandGiven(question=question) if question:
                return "running"
            case _:
                continue
    return None


def head(connection: Connection, run: str) -> Head:
    """Raises RunMissing."""
    row = connection.execute(_HEAD, {"run": run}).first()
    if row is None:
        raise RunMissing(run)
    return Head(*row)


def claim(connection: Connection, run: str, owner: str, *, dead: str | None = None, force: bool = False) -> int:
    """Become the one who may write: the new epoch. `dead` names an owner that is known to be gone; `force` asks nobody.

    Raises StaleEpoch while somebody else works on the run, and RunMissing.
    """
    at = now()
    facts = {"run": run, "owner": owner, "dead": dead, "force": force, "now": at, "lease_until": at + LEASE}
    if connection.execute(_CLAIM, facts).rowcount == 1:
        return head(connection, run).epoch
    head(connection, run)
    raise StaleEpoch(run)


def append(
    connection: Connection, run: str, epoch: int, events: Sequence[Event], entries: Sequence[Entry], owner: str | None = None
) -> None:
    """Add numbered events and what they do to the run's row. Raises StaleEpoch, LogBroken and RunMissing; then nothing is written.

    `owner` is who works on a run that waited and goes on by these events.
    """
    first, last = entries[0].seq, entries[-1].seq
    if [entry.seq for entry in entries] != list(range(first, first + len(entries))):
        raise LogBroken(run, "not_in_a_row")
    status = status_after(events)
    at = now()
    resting = status in AT_REST
    facts: dict[str, Any] = {
        "run": run,
        "epoch": epoch,
        "before": first - 1,
        "last": last,
        "now": at,
        "status": status,
        "at_rest": resting,
        "owner": owner if status == "running" else None,
        "lease_until": None if resting else at + LEASE,
        "finished": at if resting and status not in ("waiting", "paused") else None,
        "stop_reason": next((event.stop_reason for event in reversed(events) if isinstance(event, RunFinished)), ""),
        **_totals(events),
    }
    if connection.execute(_ADVANCE, facts).rowcount != 1:
        known = head(connection, run)
        if known.epoch != epoch:
            raise StaleEpoch(run)
        raise LogBroken(run, "gap", first=first, last=known.last_seq)
    connection.execute(
        insert(_events),
        [{"run_id": run, "seq": entry.seq, "type": entry.type, "payload": entry.payload, "time": entry.time} for entry in entries],
    )


def payloads(connection: Connection, run: str, after: int = 0) -> list[str]:
    """The JSON of the events after a number, in order."""
    query = select(_events.c.payload).where(_events.c.run_id == run, _events.c.seq > after).order_by(_events.c.seq)
    return list(connection.execute(query).scalars())


def numbered(connection: Connection, run: str, after: int, limit: int) -> list[tuple[int, str]]:
    """The numbers and the JSON of the next events after a number, at most `limit` of them."""
    query = select(_events.c.seq, _events.c.payload).where(_events.c.run_id == run, _events.c.seq > after)
    return [(seq, payload) for seq, payload in connection.execute(query.order_by(_events.c.seq).limit(limit))]


def payloads_of(connection: Connection, run: str, types: Sequence[str]) -> list[str]:
    """The JSON of the events of some types, in order."""
    query = select(_events.c.payload).where(_events.c.run_id == run, _events.c.type.in_(types)).order_by(_events.c.seq)
    return list(connection.execute(query).scalars())


def _totals(events: Sequence[Event]) -> dict[str, Any]:
    used = NOTHING
    for event in events:
        # run_finished repeats the sum of what is counted already
        if not isinstance(event, RunFinished) and isinstance(usage := getattr(event, "usage", None), Usage):
            used = used + usage
    return {
        "messages": sum(1 for event in events if isinstance(event, MessageSaid) and event.role != "task"),
        "prompt_tokens": used.prompt_tokens,
        "completion_tokens": used.completion_tokens,
        "cost": used.cost,
        "unpriced": used.without_price,
    }
