"""Stop rules: what they see, what they remember, how they combine."""

from __future__ import annotations

import pytest

from studio.engine.conditions.combined import AllOf, AnyOf
from studio.engine.conditions.condition import Condition, Progress
from studio.engine.conditions.hand_off import HandOffTo
from studio.engine.conditions.max_messages import MaxMessages
from studio.engine.conditions.max_turns import MaxTurns
from studio.engine.conditions.money_limit import MoneyLimit
from studio.engine.conditions.text_mention import TextMention
from studio.engine.conditions.time_limit import TimeLimit
from studio.engine.conditions.token_limit import TokenLimit
from studio.engine.events import HandedOff, MessageSaid
from studio.engine.usage import Usage


def said(text: str, source: str = "ann", role: str = "agent") -> MessageSaid:
    return MessageSaid(source=source, text=text, role=role)


def met(rule: Condition, *steps: Progress) -> list[bool]:
    memory, seen = None, []
    for step in steps:
        memory, now = rule.observe(step, memory)
        seen.append(now is not None)
    return seen


def test_a_text_stops_only_when_it_was_said() -> None:
    rule = TextMention(text="DONE")
    assert met(rule, Progress((said("not yet"),)), Progress((said("all DONE."),))) == [False, True]


def test_the_task_does_not_stop_a_run_unless_asked_to() -> None:
    task = Progress((said("Say DONE when ready", "you", "task"),))
    assert met(TextMention(text="DONE"), task) == [False]
    assert met(TextMention(text="DONE", include_task=True), task) == [True]


def test_one_turn_is_told_as_one() -> None:
    seen = {
        rule: rule.check(Progress((), messages=1, turns=1, elapsed=1.0))
        for rule in (MaxTurns(max_turns=1), MaxMessages(max_messages=1), TimeLimit(seconds=1))
    }
    assert [each and each.reason for each in seen.values()] == ["1 turn was taken", "1 message was said", "1 second is over"]


def test_a_text_can_be_expected_of_somebody_only() -> None:
    rule = TextMention(text="DONE", sources=("judge",))
    assert met(rule, Progress((said("DONE"),)), Progress((said("DONE", "judge"),))) == [False, True]


def test_messages_are_counted_without_the_task() -> None:
    assert met(MaxMessages(max_messages=2), Progress((), messages=1, tasks=1), Progress((), messages=2, tasks=1)) == [False, True]
    assert met(MaxMessages(max_messages=2, include_task=True), Progress((), messages=1, tasks=1)) == [True]


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        (MaxTurns(max_turns=3), Progress((), turns=2), Progress((), turns=3)),
        (TimeLimit(seconds=10), Progress((), elapsed=9.9), Progress((), elapsed=10)),
        (
            TokenLimit(total=100),
            Progress((), usage=Usage(prompt_tokens=99)),
            Progress((), usage=Usage(prompt_tokens=60, completion_tokens=40)),
        ),
        (TokenLimit(total=None, completion=5), Progress((), usage=Usage(prompt_tokens=99)), Progress((), usage=Usage(completion_tokens=5))),
        (MoneyLimit(dollars=0.5), Progress((), usage=Usage(cost=0.49)), Progress((), usage=Usage(cost=0.5))),
        (HandOffTo(target="user"), Progress((HandedOff(source="a", target="b"),)), Progress((HandedOff(source="a", target="user"),))),
    ],
)
def test_a_limit_is_met_when_it_is_reached(rule: Condition, before: Progress, after: Progress) -> None:
    assert met(rule, before, after) == [False, True]


def test_a_model_without_a_price_never_reaches_a_money_limit() -> None:
    assert met(MoneyLimit(dollars=0.01), Progress((), usage=Usage(prompt_tokens=10**9))) == [False]


def test_all_of_remembers_each_rule_once_it_was_met() -> None:
    rule = TextMention(text="YES") & MaxTurns(max_turns=3)
    assert met(rule, Progress((said("YES"),), turns=1), Progress((said("no"),), turns=2), Progress((said("no"),), turns=3)) == [
        False,
        False,
        True,
    ]


def test_nested_rules_remember_each_on_their_own() -> None:
    rule = (TextMention(text="A") & TextMention(text="B")) | (TextMention(text="C") & TextMention(text="D"))
    assert met(rule, *(Progress((said(text),)) for text in ("A", "C", "x", "D"))) == [False, False, False, True]


def test_one_rule_object_can_judge_two_conversations_at_once() -> None:
    rule = TextMention(text="A") & TextMention(text="B")
    memory, _ = rule.observe(Progress((said("A"),)), None)
    assert rule.observe(Progress((said("B"),)), None)[1] is None
    assert rule.observe(Progress((said("B"),)), memory)[1] is not None


def test_joining_rules_flattens_them() -> None:
    rule = MaxTurns(max_turns=1) | MaxTurns(max_turns=2) | MaxTurns(max_turns=3)
    assert isinstance(rule, AnyOf)
    assert len(rule.conditions) == 3
    both = MaxTurns(max_turns=1) & (MaxTurns(max_turns=2) | MaxTurns(max_turns=3))
    assert isinstance(both, AllOf)
    assert len(both.conditions) == 2


def test_time_is_watched_where_it_alone_can_stop_the_run() -> None:
    at = Progress((), elapsed=4)
    timed = TimeLimit(seconds=10)
    assert timed.seconds_left(at, None) == 6
    assert (timed | MaxTurns(max_turns=3)).seconds_left(at, None) == 6
    either = timed & MaxTurns(max_turns=3)
    assert either.seconds_left(at, None) is None
    memory, _ = either.observe(Progress((), turns=3, elapsed=4), None)
    assert either.seconds_left(at, memory) == 6
