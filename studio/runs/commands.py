"""What people do to a run: answer, steer, stop, resume. Each is decided inside one transaction, so that of all who try, one wins."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from studio.engine.answers import IN_TIME, Answer, unfit, wants_approval
from studio.engine.errors import AnswerRefused
from studio.engine.events import YOU, CommandGiven, Event, MessageSaid, QuestionAnswered, QuestionAsked, RunFinished, RunResumed, now
from studio.engine.fold import fold
from studio.engine.next_speaker import settled
from studio.engine.teams.team import Team
from studio.engine.usage import NOTHING, Usage
from studio.runs import rows
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
    goes_on: bool = True


Wish = CommandGiven | MessageSaid
"""What a person wants of a run between two of its steps."""


class Refused(AnswerRefused):
    """`why` is a key of the message catalogue under `runs.answer.`."""

    def __init__(self, why: str, **facts: object) -> None:
        super().__init__(text(f"runs.answer.{why}", **facts), text(f"runs.answer.{why}.remedy", **facts))


def answer(connection: Connection, log: EventLog, owner: str, run: str, question: str, said: str, approved: bool | None, by: str) -> Added:
    """Add the answer and take the run over. Raises AnswerRefused, also when another answer came first, and RunMissing."""
    return _add(connection, log, owner, run, fitting(connection, run, question, said, approved, by), force=True)


def fitting(connection: Connection, run: str, question: str, said: str, approved: bool | None, by: str) -> QuestionAnswered:
    """The answer as an event, when it may be given. Raises AnswerRefused, also when another answer came first, and RunMissing."""
    known = log_rows.head(connection, run)
    asked = events_of(run, log_rows.payloads_of(connection, run, ("question", "answer", "command")))
    wanted = next((event for event in asked if isinstance(event, QuestionAsked) and event.id == question), None)
    if wanted is None:
        raise Refused("never_asked", question=question[:100])
    earlier = next((event for event in asked if isinstance(event, QuestionAnswered) and event.question == question), None)
    if earlier is not None:
        raise Refused("already", by=earlier.source)
    if any(isinstance(event, CommandGiven) and event.question == question for event in asked):
        raise Refused("withdrawn")
    if known.status != "waiting":
        raise Refused("not_waiting")
    if len(said) > MAX_ANSWER:
        raise Refused("too_long", size=len(said), limit=MAX_ANSWER)
    # What counts when nobody answers is what the question says, whether it fits or not.
    if by != IN_TIME and (wrong := unfit(wanted, Answer(said, approved))) is not None:
        why, where = wrong
        raise Refused(why, answer=said[:100], choices=", ".join(wanted.choices)[:500], where=where)
    return QuestionAnswered(
        seq=known.last_seq + 1,
        time=now(),
        source=by or YOU,
        scope=wanted.scope,
        question=question,
        text=said,
        approved=approved if wants_approval(wanted) else None,
    )


def steer(connection: Connection, log: EventLog, owner: str, run: str, wish: Wish, team: Team) -> Added | None:
    """Add a command or a message to the log of a run of `team` that waits or is paused; it goes on when `Added.goes_on` says so.

    None when the run computes: then its execution takes the wish. Raises RunRefused and RunMissing.
    """
    known = log_rows.head(connection, run)
    if known.status == "running":
        return None
    if known.status not in ("waiting", "paused"):
        raise RunRefused("is_over")
    ordered = wish.command if isinstance(wish, CommandGiven) else ""
    if ordered in ("resume", "step") and known.status == "waiting":
        raise RunRefused("still_waiting")
    if ordered == "pause" and known.status == "paused":
        raise RunRefused("is_paused")
    seq = known.last_seq + 1
    if ordered == "next_speaker" and isinstance(wish, CommandGiven):
        wish = settled(fold(team, events_of(run, log_rows.payloads(connection, run))), wish)
    event = wish.model_copy(update={"seq": seq, "time": now(), **({"id": f"m{seq}"} if isinstance(wish, MessageSaid) else {})})
    added = _add(connection, log, owner, run, event, force=True)
    goes_on = ordered in ("resume", "step") or (isinstance(wish, CommandGiven) and bool(wish.question))
    if goes_on:
        rows.set_running(connection, run, added.epoch, owner)
    else:
        rows.set_rest(connection, run, added.epoch, known.status)
    return Added(added.epoch, added.events, added.entries, goes_on)


def stop(connection: Connection, log: EventLog, owner: str, run: str) -> Added | None:
    """End a run that waits, or that another process works on; None when it is at its end already. Raises RunMissing."""
    known = log_rows.head(connection, run)
    if known.status not in ("waiting", "paused", "running"):
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
    if known.status == "paused":
        raise RunRefused("is_paused")
    event = RunResumed(seq=known.last_seq + 1, time=now(), source=YOU)
    return _add(connection, log, owner, run, event, dead=dead)


def _add(
    connection: Connection, log: EventLog, owner: str, run: str, event: Event, *, force: bool = False, dead: str | None = None
) -> Added:
    epoch = log_rows.claim(connection, run, owner, force=force, dead=dead)
    entries = log.entries([event])
    log_rows.append(connection, run, epoch, [event], entries)
    return Added(epoch, (event,), tuple(entries))
