"""The state of a run as its events: saved to a file and loaded again, and gone on with from any of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from os import PathLike
from pathlib import Path

from pydantic import ValidationError

from studio.engine.errors import ConveneError
from studio.engine.events import YOU, Event, RunFinished, RunResumed, now
from studio.engine.fold import fold
from studio.engine.stored_events import event_from_json, event_to_json
from studio.engine.teams.team import Team
from studio.texts import text

LARGEST_LOG = 500_000_000
"""Bytes of a file with events."""


class LogUnreadable(ConveneError):
    code = "log_unreadable"

    def __init__(self, path: str | PathLike[str], why: str) -> None:
        super().__init__(text("engine.saved.unreadable", path=path, why=why), text("engine.saved.unreadable.remedy"))


class NoSuchEvent(ConveneError):
    code = "no_such_event"

    def __init__(self, seq: int, last: int) -> None:
        super().__init__(text("engine.saved.no_event", number=seq), text("engine.saved.no_event.remedy", last=last))


class StepUnfinished(ConveneError):
    code = "step_unfinished"

    def __init__(self, step: str) -> None:
        super().__init__(text("engine.saved.unfinished", step=step), text("engine.saved.unfinished.remedy"))


def save_events(path: str | PathLike[str], events: Iterable[Event]) -> None:
    """Write the durable events of a run, one JSON object a line. Raises OSError."""
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(event_to_json(event) + "\n" for event in events if event.seq)


def load_events(path: str | PathLike[str]) -> tuple[Event, ...]:
    """The events that a file holds. Raises LogUnreadable, and OSError."""
    file = Path(path)
    if file.stat().st_size > LARGEST_LOG:
        raise LogUnreadable(path, text("engine.saved.too_large", limit=f"{LARGEST_LOG:,}"))
    found: list[Event] = []
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                event = event_from_json(line)
            except ValidationError as problem:
                why = problem.errors(include_url=False, include_input=False)[0]["msg"]
                raise LogUnreadable(path, text("engine.saved.line", line=number, why=why)) from None
            if event.seq != len(found) + 1:
                raise LogUnreadable(path, text("engine.saved.out_of_order", line=number, number=event.seq, due=len(found) + 1))
            found.append(event)
    return tuple(found)


def first_events(events: Sequence[Event], up_to: int | None) -> Sequence[Event]:
    """The events up to and with number `up_to`, all of them when it is None. Raises NoSuchEvent."""
    if up_to is None:
        return events
    if not 1 <= up_to <= len(events):
        raise NoSuchEvent(up_to, len(events))
    return events[:up_to]


def gone_on(team: Team, events: Sequence[Event], up_to: int | None = None, repeat: bool = False) -> list[Event]:
    """The log with which a run goes on from an event of it. Raises StepUnfinished, NoSuchEvent and FlowError."""
    kept = list(first_events(events, up_to))
    state = fold(team, kept)
    if state.open_steps and not repeat:
        raise StepUnfinished(", ".join(state.open_steps.values()))
    if state.question is None or state.finished is not None:
        ended = isinstance(kept[-1], RunFinished) and kept[-1].status == "done"
        if not ended:
            kept.append(RunResumed(seq=kept[-1].seq + 1, time=now(), source=YOU))
    return kept
