"""Stop rules: what they see, what they remember, how they combine."""

from __future__ import annotations

import pytest

from studio.engine.conditions.combined import AllOf, AnyOf
from studio.engine.conditions.condition import Condition, Progress
from studio.engine.conditions.function import FunctionRule
from studio.engine.conditions.hand_off import HandOffTo
from studio.engine.conditions.loop_detector import LoopDetector
from studio.engine.conditions.max_messages import MaxMessages
from studio.engine.conditions.max_turns import MaxTurns
from studio.engine.conditions.money_limit import MoneyLimit
from studio.engine.conditions.said_by import SaidBy
from studio.engine.conditions.text_mention import TextMention
from studio.engine.conditions.time_limit import TimeLimit
from studio.engine.conditions.token_limit import TokenLimit
from studio.engine.conditions.tool_used import ToolUsed
from studio.engine.events import CodeFinished, Event, FunctionReturned, HandedOff, MessageSaid, ToolFinished, ToolsCalled
from studio.engine.usage import Usage


def said(text: str, source: str = "ann", role: str = "agent") -> MessageSaid:
    return MessageSaid(source=source, text=text, role=role)


def result(tool: str, is_error: bool = False) -> ToolFinished:
    return ToolFinished(source="ann", call="c1", name=tool, output="", is_error=is_error)


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
        (
            TokenLimit(total=None, prompt=5),
            Progress((), usage=Usage(prompt_tokens=4, completion_tokens=9)),
            Progress((), usage=Usage(prompt_tokens=5)),
        ),
        (ToolUsed(name="look"), Progress((result("write"),)), Progress((result("look", is_error=True),))),
        (ToolUsed(only_success=True), Progress((result("look", is_error=True),)), Progress((result("write"),))),
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
    assert (TimeLimit(seconds=7) | timed).seconds_left(at, None) == 3
    assert (TimeLimit(seconds=7) & timed).seconds_left(at, None) == 6


def test_rules_that_are_met_at_once_are_all_told() -> None:
    _, now = (MaxTurns(max_turns=1) | MaxMessages(max_messages=1)).observe(Progress((), messages=1, turns=1), None)
    assert now is not None
    assert (now.reason, now.by) == ("1 turn was taken; 1 message was said", "max_turns")


def test_all_of_says_by_what_each_rule_was_met_first() -> None:
    rule = SaidBy() & MaxTurns(max_turns=2)
    memory, now = rule.observe(Progress((said("one", "ann"),), turns=1), None)
    assert now is None
    _, now = rule.observe(Progress((said("two", "bob"),), turns=2), memory)
    assert now is not None
    assert now.reason == "ann has spoken and 2 turns were taken"


# A function of one's own --------------------------------------------------------------------------------------------------


def test_a_function_is_asked_about_messages_and_not_about_the_task() -> None:
    rule = FunctionRule(function=lambda messages: True)
    memory, _ = rule.observe(Progress((said("go", "you", "task"),)), None)
    assert rule.pending(memory, (), "team") is None
    memory, _ = rule.observe(Progress((said("hello"),)), memory)
    assert rule.pending(memory, (), "team") is not None


def test_only_true_ends_a_conversation_by_a_function() -> None:
    rule = FunctionRule(function=lambda messages: "yes")
    for value, ends in (("yes", False), (1, False), (None, False), (True, True)):
        answer = FunctionReturned(source="team", purpose=rule._purpose, name="over", value=value)
        assert met(rule, Progress((said("hello"),)), Progress((answer,))) == [False, ends]


def test_a_function_that_said_yes_is_not_asked_again_while_others_are_waited_for() -> None:
    own = FunctionRule(function=lambda messages: True)
    rule = own & MaxTurns(max_turns=9)
    memory, _ = rule.observe(Progress((said("hello"),)), None)
    assert rule.pending(memory, (), "team") is not None
    memory, _ = rule.observe(Progress((FunctionReturned(source="team", purpose=own._purpose, value=True),)), memory)
    memory, _ = rule.observe(Progress((said("again"),)), memory)
    assert rule.pending(memory, (), "team") is None


# Going in circles ---------------------------------------------------------------------------------------------------------


def circles(*new: Event | str, **options: object) -> list[bool]:
    events = [said(each) if isinstance(each, str) else each for each in new]
    return met(LoopDetector(**{"turns": 2} | options), *(Progress((event,)) for event in events))


@pytest.mark.parametrize("work", [ToolsCalled(source="ann", calls=()), CodeFinished(source="ann", exit_code=0, output="")])
def test_after_work_the_same_words_are_new(work: Event) -> None:
    assert circles("looking", "looking", "looking") == [False, False, True]
    assert circles("looking", "looking", work, "looking", "looking") == [False] * 5


@pytest.mark.parametrize("role", ["human", "code"])
def test_people_and_results_of_code_go_in_no_circles(role: str) -> None:
    assert circles(*[said("again", role=role)] * 4) == [False] * 4


def test_a_message_is_compared_with_so_many_before_it() -> None:
    words = ("one fish", "two birds", "one fish", "two birds")
    assert circles(*words, look_back=1) == [False] * 4
    assert circles(*words, look_back=2) == [False, False, False, True]


def test_messages_that_share_just_enough_words_are_the_same() -> None:
    assert circles("one two", "one", "one three", alike=0.5) == [False, False, True]
    assert circles("one two", "one", "one three", alike=0.51) == [False] * 3


def test_thanks_beside_much_else_or_beside_code_are_more_than_thanks() -> None:
    long = [f"Thanks! {' '.join(f'part{n}of{count}' for count in range(30))}" for n in range(3)]
    assert circles(*long) == [False] * 3
    assert circles(*(f"Thanks!\n```python\nprint({n})\n```" for n in ("one", "two", "three"))) == [False] * 3
