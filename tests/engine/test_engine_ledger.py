"""A planner's ledger after every event: stalls, plans, rounds, and reports that cannot be read."""

from __future__ import annotations

from typing import Any

import pytest

from studio.engine.agents.assistant import Assistant
from studio.engine.errors import ModelAnswerBroken
from studio.engine.events import YOU, CommandGiven, Event, LedgerWritten, MessageSaid, Noticed, SpeakerChosen
from studio.engine.models.base import ModelReply, ModelRequest
from studio.engine.teams.ledger import BAD_PROGRESS, PROGRESS, Ledger, after
from studio.engine.teams.planner import MAX_BAD, Planner
from studio.engine.teams.selection import Candidates


def report(progress: bool = True, loop: bool = False, done: bool = False) -> LedgerWritten:
    data = {"is_request_satisfied": done, "is_in_loop": loop, "is_progress_being_made": progress}
    return LedgerWritten(page="progress", data=data)


def ledger(*events: Event, most_stalls: int = 3) -> Ledger:
    known = Ledger()
    for event in events:
        known = after(known, event, most_stalls, "boss")
    return known


def test_a_report_of_progress_makes_up_for_one_without() -> None:
    stuck, going = report(progress=False), report()
    assert ledger(stuck, stuck, going, stuck).stalls == 2
    assert not ledger(stuck, stuck, going, stuck).stale
    assert ledger(stuck, stuck, going, stuck, stuck).stale
    assert ledger(going, going, stuck).stalls == 1


def test_going_in_circles_is_no_progress() -> None:
    assert ledger(report(loop=True)).stalls == 1
    assert ledger(report(loop=True, done=True), most_stalls=1).stale is False


def test_a_new_plan_begins_with_no_stalls_and_is_told_anew() -> None:
    plan, told = LedgerWritten(page="plan", text="first this"), MessageSaid(source="boss", text="the plan")
    known = ledger(plan, told, report(progress=False), plan)
    assert (known.stalls, known.plans, known.announced) == (0, 2, False)
    assert ledger(plan, told).announced


def test_who_gave_way_took_no_round() -> None:
    chosen = SpeakerChosen(source="boss", speaker="ann")
    other, same = (CommandGiven(source=YOU, command="next_speaker", speaker=name, instead_of="ann") for name in ("bob", "ann"))
    assert ledger(chosen, chosen).rounds == 2
    assert ledger(chosen, chosen, other).rounds == 1
    assert ledger(chosen, chosen, same).rounds == 2


def test_reports_that_cannot_be_read_are_counted_in_a_row_and_end_it_at_the_tenth() -> None:
    bad = Noticed(source="boss", code=BAD_PROGRESS, text="")
    assert ledger(bad, bad, report(), bad).bad == 1

    def after_so_many(count: int) -> Any:
        asked = ModelRequest(agent="boss", system="", thread=(), schema=PROGRESS)
        ann = Assistant(name="ann")
        known = Candidates("boss", (ann,), ("ann",), (), (), 0, None, memory=ledger(*[bad] * count), asked=asked)
        return Planner().on_reply(known, ModelReply(text="hm"))

    assert [event.code for event in after_so_many(MAX_BAD - 2)] == [BAD_PROGRESS]
    with pytest.raises(ModelAnswerBroken):
        after_so_many(MAX_BAD - 1)
