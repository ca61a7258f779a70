"""What people do to a run: answer, stop, resume. Each is decided inside one transaction, so that of all who try, one wins."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection

from studio.engine.errors import AnswerRefused
from studio.engine.events import YOU, Event, QuestionAnswered, QuestionAsked, RunFinished, RunResumed, now
from studio.engine.usage import NOTHING, Usage
from studio.runs.errors import RunRefused
from studio.store import log_rows
from studio.store.event_log import EventLog, events_of
from studio.store.log_rows import Entry
from studio.texts import text

MAX_ANSWER = 200_000
"""Characters of an answer."""


@dataclass(frozen=True, slots=True)
class Added:
    """Events that were added to a log, and the epoch of who may go on with it."""

    epoch: int
    events: tuple[Event, ...]
    entries: tuple[Entry, ...]


class Refused(AnswerRefused):
    """`why` is a key of the message catalogue under `runs.answer.`."""

    def __init__(self, why: str, **facts: object) -> None:
        super().__init__(text(f"runs.answer.{why}", **facts), text(f"runs.answer.{why}.remedy", **facts))


def answer(connection: Connection, log: EventLog, owner: str, run: str, question: str, said: str, approved: bool | None, by: str) -> Added:
    """Add the answer and take the run over. Raises AnswerRefused, also when another answer came first, and RunMissing."""
    known = log_rows.head(connection, run)
    asked = events_of(run, log_rows.payloads_of(connection, run, ("question", "answer")))
    wanted = next((event for event in asked if isinstance(event, QuestionAsked) and event.id == question), None)
    if wanted is None:
        raise Refused("never_asked", question=question[:100])
    earlier = next((event for event in asked if isinstance(event, QuestionAnswered) and event.question == question), None)
    if earlier is not None:
        raise Refused("already", by=earlier.source)
    if known.status != "waiting":
        raise Refused("not_waiting")
    decides = wanted.form in ("approve", "edit")
    if decides and approved is None:
        raise Refused("yes_or_no")
    if len(said) > MAX_ANSWER:
        raise Refused("too_long", size=len(said), limit=MAX_ANSWER)
    if wanted.form == "edit" and approved and said.strip() and not _is_object(said):
        raise Refused("no_object")
    event = QuestionAnswered(
        seq=known.last_seq + 1,
        time=now(),
        source=by or YOU,
        question=question,
        text=said,
        approved=approved if decides else None,
    )
    return _add(connection, log, owner, run, event, force=True)


def _is_object(said: str) -> bool:
    try:
        return isinstance(json.loads(said), dict)
    except (ValueError, RecursionError):
        return False


def stop(connection: Connection, log: EventLog, owner: str, run: str) -> Added | None:
    """End a run that waits, or that another process works on; None when it is at its end already. Raises RunMissing."""
    known = log_rows.head(connection, run)
    if known.status not in ("waiting", "running"):
        return None
    used = NOTHING
    for event in events_of(run, log_rows.payloads(connection, run)):
        if not isinstance(event, RunFinished) and isinstance(usage := getattr(event, "usage", None), Usage):
            used = used + usage
    end = RunFinished(
        seq=known.last_seq + 1, time=now(), source=YOU, status="stopped", stop_reason=text("runs.stopped"), by="stop", usage=used
    )
    return _add(connection, log, owner, run, end, force=True)


def resume(connection: Connection, log: EventLog, owner: str, run: str, dead: str | None) -> Added:
    """Let a run go on that ended before its conversation did. Raises RunRefused, StaleEpoch and RunMissing."""
    known = log_rows.head(connection, run)
    if known.status == "done":
        raise RunRefused("is_done")
    if known.status == "waiting":
        raise RunRefused("still_waiting")
    event = RunResumed(seq=known.last_seq + 1, time=now(), source=YOU)
    return _add(connection, log, owner, run, event, dead=dead)


def _add(
    connection: Connection, log: EventLog, owner: str, run: str, event: Event, *, force: bool = False, dead: str | None = None
) -> Added:
    epoch = log_rows.claim(connection, run, owner, force=force, dead=dead)
    entries = log.entries([event])
    log_rows.append(connection, run, epoch, [event], entries)
    return Added(epoch, (event,), tuple(entries))
