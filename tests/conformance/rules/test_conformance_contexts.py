"""What every context policy promises: whole calls with their results, the order kept, pure, and no more than it says."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.engine.agents.agent import Turn
from studio.engine.component import kinds
from studio.engine.context.base import TOKEN, Context, size, units
from studio.engine.context.everything import Everything
from studio.engine.context.head_and_tail import HeadAndTail
from studio.engine.context.last import LastMessages
from studio.engine.context.summary import SummaryOfOld
from studio.engine.context.token_budget import TokenBudget
from studio.engine.events import MessageSaid, Summarised, ThreadEvent, ToolCall, ToolFinished, ToolsCalled

CASES: dict[str, tuple[Context, ...]] = {
    "everything": (Everything(),),
    "head_and_tail": (HeadAndTail(head=0, tail=1), HeadAndTail(head=2, tail=3)),
    "last_messages": (LastMessages(count=1), LastMessages(count=4, keep_task=False)),
    "summary_of_old": (SummaryOfOld(tokens=100, keep=1), SummaryOfOld(tokens=100, keep=3)),
    "token_budget": (TokenBudget(tokens=100), TokenBudget(tokens=100, keep_task=False)),
}
POLICIES = [policy for policies in CASES.values() for policy in policies]

NAMES = [f"{policy.kind} {number}" for number, policy in enumerate(POLICIES)]


def test_every_kind_of_context_policy_takes_part() -> None:
    assert set(CASES) == {kind for kind, known in kinds().items() if known.category == "context" and known.drawable}


@st.composite
def threads(draw: st.DrawFn) -> list[ThreadEvent]:
    """A task, and what several agents say and call at the same time, their results in any order; some calls are not answered yet."""
    thread: list[Any] = [MessageSaid(seq=1, source="you", role="task", text="the task")]
    waiting: list[tuple[str, str]] = []
    for number in range(draw(st.integers(0, 30))):
        who = draw(st.sampled_from(["ann", "bob"]))
        what = draw(st.sampled_from(["say", "say", "call", "answer", "answer"]))
        seq = len(thread) + 1
        if what == "call":
            made = tuple(ToolCall(id=f"c{number}_{n}", name="look") for n in range(draw(st.integers(1, 3))))
            thread.append(ToolsCalled(seq=seq, source=who, calls=made))
            waiting += [(who, call.id) for call in made]
        elif what == "answer" and waiting:
            whose, call = waiting.pop(draw(st.integers(0, len(waiting) - 1)))
            thread.append(ToolFinished(seq=seq, source=whose, call=call, name="look", output="x" * draw(st.integers(0, 200))))
        else:
            thread.append(MessageSaid(seq=seq, source=who, text="y" * draw(st.integers(1, 400))))
    return thread


def turn_of(thread: list[ThreadEvent], summaries: tuple[Summarised, ...] = ()) -> Turn:
    return Turn(0, thread, (), None, ("ann", "bob"), summaries=summaries, characters=sum(size(event) for event in thread))


def summed(policy: Context, turn: Turn, thread: list[ThreadEvent]) -> Turn:
    """The turn after every summary that the policy asks for."""
    for _ in range(3):
        if policy.summary_due(turn, "ann") is None:
            break
        turn = turn_of(thread, (*turn.summaries, Summarised(source="ann", text="in short", upto=policy.covers(turn))))
    return turn


@pytest.mark.parametrize("policy", POLICIES, ids=NAMES)
@settings(max_examples=60, deadline=None, database=None)
@given(thread=threads())
def test_calls_keep_their_results_and_everything_its_order(policy: Context, thread: list[ThreadEvent]) -> None:
    turn = summed(policy, turn_of(thread), thread)
    before = copy.deepcopy(thread)
    view = policy.view(turn)
    assert list(view) == list(policy.view(turn)), "the same turn gives the same view"
    assert thread == before, "what is read is not changed"
    assert [event.seq for event in view if event.seq] == sorted(event.seq for event in view if event.seq)
    assert len({id(event) for event in view}) == len(view), "nothing is told twice"
    told = {event.call for event in view if isinstance(event, ToolFinished)}
    made = {call.id for event in view if isinstance(event, ToolsCalled) for call in event.calls}
    answered = {event.call for event in thread if isinstance(event, ToolFinished)}
    assert told <= made, "a result without its call"
    assert made & answered <= told, "a call without the result that it has"
    assert view, "a model is shown something"


@pytest.mark.parametrize("policy", POLICIES, ids=NAMES)
@settings(max_examples=60, deadline=None, database=None)
@given(thread=threads())
def test_it_shows_no_more_than_it_says(policy: Context, thread: list[ThreadEvent]) -> None:
    turn = summed(policy, turn_of(thread), thread)
    view = list(policy.view(turn))
    pieces = units([event for event in view if event.seq])
    newest = units(thread)[-1]
    match policy:
        case LastMessages():
            assert len(pieces) <= policy.count + policy.keep_task
        case HeadAndTail():
            assert len(pieces) <= policy.head + policy.tail
        case TokenBudget():
            largest = sum(size(event) for event in newest) + size(thread[0])
            assert sum(size(event) for event in view if event.seq) <= max(policy.tokens * TOKEN, largest)
            assert thread[0] in view or not policy.keep_task
        case SummaryOfOld():
            assert policy.summary_due(turn, "ann") is None, "asks for a summary without end"
        case _:
            assert view == thread


@pytest.mark.parametrize("policy", CASES["summary_of_old"], ids=["keeps 1", "keeps 3"])
@settings(max_examples=60, deadline=None, database=None)
@given(thread=threads())
def test_what_a_summary_does_not_stand_for_is_shown(policy: Context, thread: list[ThreadEvent]) -> None:
    turn, summed_up = turn_of(thread), list[ThreadEvent]()
    while (asked := policy.summary_due(turn, "ann")) is not None:
        called = {call.id for event in asked.thread if isinstance(event, ToolsCalled) for call in event.calls}
        assert {event.call for event in asked.thread if isinstance(event, ToolFinished)} <= called, "a summary of a result without its call"
        summed_up += asked.thread
        turn = turn_of(thread, (*turn.summaries, Summarised(source="ann", text="in short", upto=policy.covers(turn))))
    seen = {event.seq for event in (*summed_up, *policy.view(turn))}
    assert {event.seq for event in thread} <= seen, "what a tool gave is lost between the summary and the rest"


def test_what_is_written_into_calls_is_summed_up_too() -> None:
    thread: list[ThreadEvent] = [MessageSaid(seq=1, source="you", role="task", text="write files")]
    for number in range(10):
        call = ToolCall(id=f"c{number}", name="write_file", arguments='{"text": "' + "x" * 200 + '"}')
        thread.append(ToolsCalled(seq=len(thread) + 1, source="ann", calls=(call,)))
        thread.append(ToolFinished(seq=len(thread) + 1, source="ann", call=call.id, name=call.name, output="written"))
    policy = SummaryOfOld(tokens=100, keep=2)
    asked = policy.summary_due(turn_of(thread), "ann")
    assert asked is not None
    assert list(asked.thread) == thread[:-4]


@pytest.mark.parametrize("policy", POLICIES, ids=NAMES)
def test_it_is_the_same_after_a_trip_through_json(policy: Context) -> None:
    assert type(policy).model_validate_json(policy.model_dump_json()) == policy


@pytest.mark.parametrize("policy", POLICIES, ids=NAMES)
def test_a_short_thread_is_shown_as_it_is(policy: Context) -> None:
    thread: list[ThreadEvent] = [MessageSaid(seq=1, source="you", role="task", text="the task")]
    assert list(policy.view(turn_of(thread))) == thread
