"""What every stop rule promises: frozen, pure, no trap when it is used again, the same after a trip through JSON; the task never stops."""

from __future__ import annotations

import asyncio
import copy
import itertools
from typing import Any

import pytest
from pydantic import ValidationError

from studio.engine.component import kinds
from studio.engine.conditions.combined import AllOf, AnyOf
from studio.engine.conditions.condition import Condition, Progress
from studio.engine.conditions.done import Done
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
from studio.engine.events import FunctionReturned, HandedOff, MessageSaid, ToolFinished
from studio.engine.usage import Usage

CASES: dict[str, Condition] = {
    "any_of": AnyOf(conditions=(TextMention(text="DONE"), MaxTurns(max_turns=9))),
    "all_of": AllOf(conditions=(TextMention(text="DONE"), MaxTurns(max_turns=3))),
    "done": Done(),
    "function_rule": FunctionRule(),
    "hand_off": HandOffTo(target="user"),
    "loop_detector": LoopDetector(turns=2),
    "max_messages": MaxMessages(max_messages=4),
    "max_turns": MaxTurns(max_turns=4),
    "money_limit": MoneyLimit(dollars=0.03),
    "said_by": SaidBy(sources=("bob",)),
    "text_mention": TextMention(text="DONE"),
    "time_limit": TimeLimit(seconds=4),
    "token_limit": TokenLimit(total=40),
    "tool_used": ToolUsed(name="look"),
}


def test_every_kind_of_stop_rule_takes_part() -> None:
    wanted = {kind for kind, known in kinds().items() if known.category == "condition" and known.drawable}
    assert set(CASES) == wanted


def said(text: str, source: str = "ann", **more: Any) -> MessageSaid:
    return MessageSaid(source=source, text=text, **more)


def conversation() -> list[Progress]:
    """One that meets every rule at some time, and none at its first step."""
    purpose = FunctionRule()._purpose
    new: list[Any] = [
        said("one thing"),
        ToolFinished(source="ann", call="c1", name="look", output="ok"),
        said("another"),
        said("thanks!", "bob"),
        said("thanks a lot!"),
        said("DONE", done=True),
        HandedOff(source="ann", target="user"),
        FunctionReturned(source="team", purpose=purpose, name="is_over", value=True),
    ]
    task = Progress((said("the task", "you", role="task"),), tasks=1)
    steps = [
        Progress((event,), messages=n, tasks=1, turns=n, usage=Usage(prompt_tokens=10 * n, calls=n, cost=0.01 * n), elapsed=float(n))
        for n, event in enumerate(new, 1)
    ]
    return [task, *steps]


def judged(rule: Condition, steps: list[Progress]) -> list[str]:
    memory, seen = None, []
    for step in steps:
        memory, met = rule.observe(step, memory)
        seen.append(met.reason if met is not None else "")
    return seen


@pytest.fixture(params=sorted(CASES))
def rule(request: pytest.FixtureRequest) -> Condition:
    return CASES[request.param]


def test_it_is_met_by_a_conversation_that_meets_it_and_not_before(rule: Condition) -> None:
    seen = judged(rule, conversation())
    assert not seen[0]
    assert not seen[1]
    assert any(seen)


def test_the_same_object_judges_every_conversation_the_same(rule: Condition) -> None:
    first = judged(rule, conversation())
    assert judged(rule, conversation()) == first
    assert judged(rule, conversation()[:3]) == first[:3]
    assert judged(rule, conversation()) == first


def test_two_conversations_at_once_do_not_disturb_each_other(rule: Condition) -> None:
    memories: list[Any] = [None, None]
    seen: list[list[str]] = [[], []]
    for step in conversation():
        for each in (0, 1):
            memories[each], met = rule.observe(step, memories[each])
            seen[each].append(met.reason if met is not None else "")
    assert seen[0] == seen[1] == judged(rule, conversation())


def test_it_changes_neither_its_memory_nor_what_it_sees(rule: Condition) -> None:
    memory = None
    for step in conversation():
        before, kept, seen = rule.model_dump(mode="json"), copy.deepcopy(memory), copy.deepcopy(step)
        once = rule.observe(step, memory)
        assert rule.observe(step, memory) == once
        assert (rule.model_dump(mode="json"), memory, step) == (before, kept, seen)
        memory = once[0]


def test_it_is_frozen_and_the_same_after_a_trip_through_json(rule: Condition) -> None:
    name = next(iter(type(rule).model_fields))
    with pytest.raises(ValidationError):
        setattr(rule, name, None)
    again = type(rule).model_validate_json(rule.model_dump_json())
    assert again == rule
    assert judged(again, conversation()) == judged(rule, conversation())


def test_the_tasks_own_text_never_stops_a_run(rule: Condition) -> None:
    for text in ("DONE", "the task", "", "thanks!"):
        task = said(text, "bob", role="task", done=True)
        assert judged(rule, [Progress((task,), tasks=1)] * 3) == ["", "", ""]


def test_time_that_is_left_is_never_less_than_nothing(rule: Condition) -> None:
    memory = None
    for step in conversation():
        left = rule.seconds_left(step, memory)
        assert left is None or left >= 0
        memory, _ = rule.observe(step, memory)


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(sorted(CASES), 2)))
def test_any_two_are_joined_by_or_and_by_and(one: str, other: str) -> None:
    first, second = CASES[one], CASES[other]
    steps = conversation()
    met = [[bool(reason) for reason in judged(rule, steps)] for rule in (first, second)]
    either = [bool(reason) for reason in judged(first | second, steps)]
    assert either == [a or b for a, b in zip(*met, strict=True)]
    both = [bool(reason) for reason in judged(first & second, steps)]
    assert both == [any(met[0][: n + 1]) and any(met[1][: n + 1]) for n in range(len(steps))]
    for joined in (first | second, first & second):
        again = type(joined).model_validate_json(joined.model_dump_json())
        assert again == joined
        assert judged(joined, steps) == judged(again, steps) == judged(joined, steps)


def test_joining_is_associative_and_leaves_the_parts_alone() -> None:
    a, b, c = CASES["text_mention"], CASES["max_turns"], CASES["done"]
    assert (a | b) | c == a | (b | c) == AnyOf(conditions=(a, b, c))
    assert (a & b) & c == a & (b & c) == AllOf(conditions=(a, b, c))
    assert (a & b) | c == AnyOf(conditions=(AllOf(conditions=(a, b)), c))
    shared = a & b
    joined = shared | c
    assert shared == AllOf(conditions=(a, b))
    assert judged(joined, conversation()) == judged((a & b) | c, conversation())


# Going in circles -------------------------------------------------------------------------------------------------------


def circles(*texts: str, **options: Any) -> str:
    return judged(LoopDetector(**options), [Progress((said(text),)) for text in texts])[-1]


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (("", " ", "…"), "said nothing"),
        (("Thank you!", "You're welcome!", "Goodbye, take care."), "were only thanks"),
        (
            ("I will check the file now.", "I will check the file now!", "i will check the FILE now", "I will check the file, now."),
            "said the same again",
        ),
    ],
)
def test_empty_thankful_and_nearly_identical_turns_are_circles(texts: tuple[str, ...], why: str) -> None:
    assert why in circles(*texts)


@pytest.mark.parametrize(
    "texts",
    [
        ("one fish", "two birds", "three cats", "four dogs"),
        ("Thanks! What is the next step?", "Thanks! Which file?", "Thanks! Who writes it?"),
        ("Thank you.", "Here is the plan: first measure, then cut, then glue the parts and wait a day.", "Thank you."),
        ("Step 1 of 9", "Step 2 of 9", "Step 3 of 9"),
    ],
)
def test_a_conversation_that_goes_on_is_none(texts: tuple[str, ...]) -> None:
    assert circles(*texts) == ""


def test_work_between_two_messages_begins_the_count_anew() -> None:
    rule = LoopDetector(turns=2)
    worked = ToolFinished(source="ann", call="c", name="look", output="x")
    called = judged(rule, [Progress((said("looking"),)), Progress((said("looking"),)), Progress((worked,)), Progress((said("looking"),))])
    assert called[:2] == ["", ""]


def test_done_is_structured_and_may_be_expected_of_somebody() -> None:
    assert judged(Done(), [Progress((said("I am done, DONE, TERMINATE"),)), Progress((said("x", done=False),))]) == ["", ""]
    assert judged(Done(sources=("judge",)), [Progress((said("x", done=True),)), Progress((said("y", "judge", done=True),))])[0] == ""
    assert judged(Done(sources=("judge",)), [Progress((said("y", "judge", done=True),))])[0]


def test_rules_of_different_functions_are_asked_each_for_itself() -> None:
    rules = [FunctionRule(function=over(word)) for word in ("one", "two")]
    joined = rules[0] | rules[1]
    memory, _ = joined.observe(Progress((said("x"),)), None)
    asked = []
    for _ in range(2):
        step = joined.pending(memory, [said("x")], "team")
        assert step is not None
        (answer,) = asyncio.run(step.act(None))  # type: ignore[arg-type, var-annotated]
        asked.append(answer.value)
        memory, _met = joined.observe(Progress((answer,)), memory)
    assert asked == ["one", "two"]
    assert joined.pending(memory, [said("x")], "team") is None


def over(word: str) -> Any:
    return lambda messages: word
