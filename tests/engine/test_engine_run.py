"""Whole conversations through the shell: tools, code, people, stopping, failing, resuming."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Literal

import pytest
from conversation import SpokenModel, Typed, calling, environment, lines, saying, two
from misbehaving import Log
from patience import within

from studio.engine.advance import advance
from studio.engine.agents.assistant import Assistant
from studio.engine.agents.code_runner import CodeRunner
from studio.engine.agents.human import Human
from studio.engine.code.local import LocalExecutor
from studio.engine.conditions.max_messages import MaxMessages
from studio.engine.conditions.max_turns import MaxTurns
from studio.engine.conditions.text_mention import TextMention
from studio.engine.conditions.time_limit import TimeLimit
from studio.engine.conditions.token_limit import TokenLimit
from studio.engine.errors import ModelRefused
from studio.engine.events import (
    CodeFinished,
    ErrorHappened,
    MessageSaid,
    Noticed,
    PartialSaid,
    QuestionAnswered,
    QuestionAsked,
    RunFinished,
    RunResumed,
    RunStarted,
    ToolFinished,
)
from studio.engine.fold import fold
from studio.engine.models.base import ModelReply
from studio.engine.script import Answer, answer_from, run
from studio.engine.session_thread import thread_of
from studio.engine.stored_events import event_from_json, event_to_json
from studio.engine.teams.team import Team
from studio.engine.tools.function import FunctionTool
from studio.engine.tools.python_tool import PythonTool


def started(task: str = "go") -> RunStarted:
    return RunStarted(seq=1, source="you", task=task)


async def test_two_agents_talk_until_a_word_is_said(tmp_path: Path) -> None:
    team = two(saying("one", "three DONE"), saying("two"), TextMention(text="DONE"))
    result = await run(team, "count; say DONE at the end", environment=environment(tmp_path))
    assert lines(result.events) == [("ann", "one"), ("bob", "two"), ("ann", "three DONE")]
    assert (result.status, result.stop_reason) == ("done", "ann said “DONE”")
    assert [event.seq for event in result.events] == list(range(1, len(result.events) + 1))
    assert result.usage.calls == 3


async def test_a_log_folds_to_the_same_state_after_a_trip_through_json(tmp_path: Path) -> None:
    team = two(saying("a"), saying("b"), MaxTurns(max_turns=6))
    result = await run(team, "go", environment=environment(tmp_path))
    again = [event_from_json(event_to_json(event)) for event in result.events]
    first, second = fold(team, result.events), fold(team, again)
    assert first == second
    assert first.main.turns == 6


async def test_without_a_stop_rule_the_teams_limit_ends_the_run(tmp_path: Path) -> None:
    result = await run(two(saying("a"), saying("b"), max_turns=4), "go", environment=environment(tmp_path))
    assert len(lines(result.events)) == 4
    assert "4 turns" in result.stop_reason


async def test_an_assistant_calls_tools_in_several_rounds_until_it_speaks(tmp_path: Path) -> None:
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    model = saying(calling(("add", '{"a": 1, "b": 2}'), ("add", '{"a": 3, "b": 4}')), calling(("add", '{"a": 3, "b": 7}')), "10")
    team = Team(participants=(Assistant(name="ann", model=model, tools=(FunctionTool.of(add),)),), stop=MaxMessages(max_messages=1))
    result = await run(team, "go", environment=environment(tmp_path))
    results = [event for event in result.events if isinstance(event, ToolFinished)]
    assert sorted(event.output for event in results[:2]) == ["3", "7"]
    assert results[2].output == "10"
    assert lines(result.events) == [("ann", "10")]


async def test_mistakes_with_tools_are_results_that_the_model_sees(tmp_path: Path) -> None:
    def fail(x: int) -> int:
        """Fail."""
        raise RuntimeError("boom")

    model = saying(calling(("nothing", "{}"), ("fail", '{"x": 1}'), ("fail", "not json"), ("fail", "[1]")), "sorry")
    team = Team(participants=(Assistant(name="ann", model=model, tools=(fail,)),), stop=MaxMessages(max_messages=1))
    result = await run(team, "go", environment=environment(tmp_path))
    results = [event for event in result.events if isinstance(event, ToolFinished)]
    assert len(results) == 4
    assert all(event.is_error for event in results)
    assert any("boom" in event.output for event in results)
    assert lines(result.events) == [("ann", "sorry")]


async def test_after_its_last_tool_round_an_assistant_must_speak(tmp_path: Path) -> None:
    def look() -> str:
        """Look."""
        return "nothing"

    def say(request: object) -> object:
        return calling(("look", "{}")) if request.tools else "I give up"

    assistant = Assistant(name="ann", model=SpokenModel(say=say), tools=(look,), max_tool_rounds=3)
    result = await run(Team(participants=(assistant,), stop=MaxMessages(max_messages=1)), "go", environment=environment(tmp_path))
    assert lines(result.events) == [("ann", "I give up")]
    assert len([event for event in result.events if isinstance(event, ToolFinished)]) == 3


async def test_a_model_that_calls_tools_without_end_is_asked_once_more_and_then_given_up(tmp_path: Path) -> None:
    def look() -> str:
        """Look."""
        return "nothing"

    assistant = Assistant(name="ann", model=saying(calling(("look", "{}"))), tools=(look,), max_tool_rounds=2)
    result = await run(Team(participants=(assistant,)), "go", environment=environment(tmp_path))
    assert result.status == "failed"
    assert len([event for event in result.events if isinstance(event, ToolFinished)]) == 2
    assert result.usage.calls == 4  # two rounds of calls, and two answers that cannot be used


async def test_a_tool_that_wants_approval_runs_only_after_a_yes(tmp_path: Path) -> None:
    called: list[str] = []

    def pay(amount: int) -> str:
        """Pay."""
        called.append(f"paid {amount}")
        return "paid"

    model = saying(calling(("pay", '{"amount": 5}'), ("pay", '{"amount": 6}')), "done")
    tool = FunctionTool.of(pay, approval="always")
    team = Team(participants=(Assistant(name="ann", model=model, tools=(tool,)),), stop=MaxMessages(max_messages=1))
    people = Typed(Answer(approved=True), Answer("too much", approved=False))
    result = await run(team, "go", people=people, environment=environment(tmp_path))
    assert called == ["paid 5"]
    outputs = {event.call: event.output for event in result.events if isinstance(event, ToolFinished)}
    assert outputs["c4_1"] == "paid"
    assert "too much" in outputs["c4_2"]


CODE = "```python\nprint('hi from code')\n```"


async def test_code_is_written_fails_is_repaired_and_done(tmp_path: Path) -> None:
    coder = Assistant(name="coder", model=saying("```python\nprint(1/0)\n```", CODE, "It works. TERMINATE"))
    user = Human(name="user", input_mode="never", executor=LocalExecutor())
    team = Team(participants=(coder, user), stop=MaxTurns(max_turns=20))
    result = await run(team, "print something", environment=environment(tmp_path, allow_local_code=True))
    codes = [event for event in result.events if isinstance(event, CodeFinished)]
    assert [event.exit_code == 0 for event in codes] == [False, True]
    assert "ZeroDivisionError" in codes[0].output
    assert "hi from code" in lines(result.events)[3][1]
    assert result.stop_reason == "coder said “TERMINATE”"


@pytest.mark.parametrize(
    "runner", [CodeRunner(name="runner", executor=LocalExecutor()), Human(name="runner", input_mode="never", executor=LocalExecutor())]
)
async def test_code_that_nobody_runs_is_told_and_nothing_is_asked_for_it(runner: CodeRunner | Human, tmp_path: Path) -> None:
    coder = Assistant(name="coder", model=saying("```ruby\nputs 1\n```", "```json\n{}\n```"))
    result = await run(Team(participants=(coder, runner), stop=MaxTurns(max_turns=4)), "go", environment=environment(tmp_path))
    said = [words for name, words in lines(result.events) if name == "runner"]
    assert said[0].startswith("exitcode: 1 (execution failed)\nCode output: A block of 'ruby' was not run: only python, sh,")
    assert said[1].startswith("There was no code to run.")


async def test_code_that_nobody_runs_is_told_beside_code_that_runs(tmp_path: Path) -> None:
    coder = Assistant(name="coder", model=saying("```ruby\nputs 1\n```\n```python\nprint('ran')\n```"))
    team = Team(participants=(coder, CodeRunner(name="runner", executor=LocalExecutor())), stop=MaxTurns(max_turns=2))
    result = await run(team, "go", environment=environment(tmp_path, allow_local_code=True))
    (code,) = (event for event in result.events if isinstance(event, CodeFinished))
    assert code.exit_code == 0
    assert "'ruby' was not run" in code.output
    assert code.output.endswith("ran\n")


async def test_code_runs_on_this_machine_only_after_an_explicit_yes_asked_once(tmp_path: Path) -> None:
    team = Team(
        participants=(Assistant(name="coder", model=saying(CODE)), CodeRunner(name="runner", executor=LocalExecutor())),
        stop=MaxTurns(max_turns=4),
    )
    people = Typed(Answer(approved=True))
    result = await run(team, "go", people=people, environment=environment(tmp_path))
    assert len(people.asked) == 1
    assert "without a sandbox" in people.asked[0].text
    assert "hi from code" in people.asked[0].details
    assert [event.exit_code for event in result.events if isinstance(event, CodeFinished)] == [0, 0]


async def test_a_no_to_local_code_is_heard_by_the_agents_and_nothing_runs(tmp_path: Path) -> None:
    team = Team(
        participants=(Assistant(name="coder", model=saying(CODE)), CodeRunner(name="runner", executor=LocalExecutor())),
        stop=MaxTurns(max_turns=4),
    )
    result = await run(team, "go", people=Typed(Answer(approved=False)), environment=environment(tmp_path))
    results = [event for event in result.events if isinstance(event, CodeFinished)]
    assert [event.refused for event in results] == [True, True]
    assert "not approved" in lines(result.events)[1][1]


async def test_python_tools_ask_before_they_run_on_this_machine(tmp_path: Path) -> None:
    tool = PythonTool(source='def double(x: int) -> int:\n    """Double."""\n    return 2 * x\n', executor=LocalExecutor())
    team = Team(
        participants=(Assistant(name="ann", model=saying(calling(("double", '{"x": 4}')), "8"), tools=(tool,)),),
        stop=MaxMessages(max_messages=1),
    )
    waiting = await run(team, "go", environment=environment(tmp_path))
    assert waiting.status == "waiting"
    result = await run(team, "go", people=Typed(Answer(approved=True)), environment=environment(tmp_path))
    assert [event.output for event in result.events if isinstance(event, ToolFinished)] == ["8"]


@pytest.mark.parametrize(
    ("mode", "answers", "spoken", "reason"),
    [
        ("always", ["more", "exit"], [("ann", "hi"), ("user", "more"), ("ann", "bye TERMINATE")], "user ended the conversation"),
        ("always", ["", ""], [("ann", "hi"), ("user", "Please go on."), ("ann", "bye TERMINATE")], "ann said “TERMINATE”"),
        ("terminate", [""], [("ann", "hi"), ("user", "Please go on."), ("ann", "bye TERMINATE")], "ann said “TERMINATE”"),
        ("never", [], [("ann", "hi"), ("user", "Please go on."), ("ann", "bye TERMINATE")], "ann said “TERMINATE”"),
    ],
)
async def test_a_human_proxy_asks_as_often_as_its_mode_says(
    tmp_path: Path, mode: str, answers: list[str], spoken: list[tuple[str, str]], reason: str
) -> None:
    team = Team(
        participants=(Assistant(name="ann", model=saying("hi", "bye TERMINATE")), Human(name="user", input_mode=mode)), max_turns=20
    )
    people = Typed(*answers)
    result = await run(team, "go", people=people, environment=environment(tmp_path))
    assert lines(result.events) == spoken
    assert result.stop_reason == reason
    assert len(people.asked) == len(answers)


async def test_a_human_proxy_is_asked_after_so_many_answers_of_its_own(tmp_path: Path) -> None:
    team = Team(
        participants=(Assistant(name="ann", model=saying("hi")), Human(name="user", input_mode="terminate", max_auto_replies=2)),
        max_turns=20,
    )
    people = Typed("exit")
    result = await run(team, "go", people=people, environment=environment(tmp_path))
    assert [text for source, text in lines(result.events) if source == "user"] == ["Please go on.", "Please go on."]


@pytest.mark.parametrize("form", ["approve", "edit"])
async def test_who_is_asked_to_approve_may_end_what_somebody_proposes_to_end(tmp_path: Path, form: Literal["approve", "edit"]) -> None:
    ann = Assistant(name="ann", model=saying("It is done. TERMINATE", "Better now. TERMINATE"))
    team = Team(participants=(ann, Human(name="boss", input_mode="terminate", form=form)), max_turns=9)
    people = Typed(Answer("too short", approved=False), Answer(approved=True))
    result = await run(team, "go", people=people, environment=environment(tmp_path))
    assert [text for source, text in lines(result.events) if source == "boss"] == ["Rejected. too short"]
    assert result.stop_reason == "ann said “TERMINATE”"
    assert people.asked[0].text == "ann proposes to end the conversation. Approve to end it, or reject to go on."


async def test_approval_is_said_with_its_reason(tmp_path: Path) -> None:
    team = Team(
        participants=(Assistant(name="ann", model=saying("May I?", "thanks")), Human(name="boss", form="approve")),
        stop=MaxTurns(max_turns=3),
    )
    result = await run(team, "go", people=Typed(Answer("not today", approved=False)), environment=environment(tmp_path))
    assert lines(result.events)[1] == ("boss", "Rejected. not today")


async def test_a_wait_for_a_person_is_an_event_and_holds_nothing(tmp_path: Path) -> None:
    team = Team(participants=(Assistant(name="ann", model=saying("hi")), Human(name="you all")), stop=MaxTurns(max_turns=2))
    log = Log(started(), immediate=False)
    assert await advance(team, log.events, log, environment(tmp_path)) == "waiting"
    before = len(asyncio.all_tasks())
    assert before == 1
    question = log.events[-1]
    assert isinstance(question, QuestionAsked)
    assert await advance(team, log.events, log, environment(tmp_path)) == "waiting"
    assert log.events[-1] is question
    log.events.append(QuestionAnswered(seq=question.seq + 1, source="you", question=question.id, text="fine"))
    assert await advance(team, log.events, log, environment(tmp_path)) == "done"
    assert lines(log.events)[-1] == ("you all", "fine")


async def test_the_time_a_person_takes_is_not_the_conversations_time(tmp_path: Path) -> None:
    from datetime import timedelta

    team = Team(participants=(Human(name="you all"),), stop=TimeLimit(seconds=60) | MaxTurns(max_turns=1))
    log = Log(started(), immediate=False)
    await advance(team, log.events, log, environment(tmp_path))
    question = log.events[-1]
    late = question.time + timedelta(days=3)
    log.events.append(QuestionAnswered(seq=question.seq + 1, time=late, source="you", question=question.id, text="sorry, I was away"))
    assert fold(team, log.events).progress().elapsed < 60


@pytest.mark.parametrize("phase", ["model", "choosing", "tool", "code"])
async def test_stopping_ends_any_phase_within_a_second_and_says_so(tmp_path: Path, phase: str) -> None:
    async def slow() -> str:
        """Slow."""
        await asyncio.sleep(60)
        return "late"

    from studio.engine.teams.model_choice import ModelChoice

    slow_model = SpokenModel(say=lambda request: 60.0)
    teams = {
        "model": two(slow_model, saying("x")),
        "choosing": two(saying("x"), saying("y"), selection=ModelChoice(allow_repeat=True), model=slow_model),
        "tool": Team(participants=(Assistant(name="ann", model=saying(calling(("slow", "{}"))), tools=(slow,)),)),
        "code": Team(
            participants=(
                Assistant(name="ann", model=saying("```python\nimport time; time.sleep(60)\n```")),
                CodeRunner(name="run", executor=LocalExecutor()),
            )
        ),
    }
    log = Log(started(), immediate=False)
    work = asyncio.create_task(advance(teams[phase], log.events, log, environment(tmp_path, allow_local_code=True)))
    await asyncio.sleep(0.5)
    began = time.monotonic()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert time.monotonic() - began < within(1)
    last = log.events[-1]
    assert isinstance(last, RunFinished)
    assert last.status == "stopped"
    assert [event.seq for event in log.events] == list(range(1, len(log.events) + 1))
    if phase == "model":
        assert any(isinstance(event, PartialSaid) and event.text == "half a " for event in log.events)


async def test_a_time_limit_ends_a_model_that_does_not_answer(tmp_path: Path) -> None:
    team = two(SpokenModel(say=lambda request: 60.0), saying("x"), TimeLimit(seconds=0.3))
    began = time.monotonic()
    result = await run(team, "go", environment=environment(tmp_path))
    assert time.monotonic() - began < within(2)
    assert (result.status, result.stop_reason) == ("done", "0.3 seconds are over")


async def test_a_refused_key_fails_the_run_with_cause_and_remedy_and_it_can_be_resumed(tmp_path: Path) -> None:
    refused = ModelRefused("401 from http://x: the key of account y was refused.", "Open the account.", account="y")
    answers = [refused, "back again"]
    team = two(SpokenModel(say=lambda request: answers[0]), saying("x"), MaxTurns(max_turns=1))
    log = Log(started(), immediate=False)
    assert await advance(team, log.events, log, environment(tmp_path)) == "failed"
    error = log.events[-2]
    assert isinstance(error, ErrorHappened)
    assert (error.source, error.remedy, error.account) == ("ann", "Open the account.", "y")
    answers.pop(0)
    log.events.append(RunResumed(seq=log.events[-1].seq + 1))
    assert await advance(team, log.events, log, environment(tmp_path)) == "done"
    assert lines(log.events) == [("ann", "back again")]


async def test_a_mistake_in_our_own_code_ends_the_run_with_a_sentence_and_keeps_the_log(tmp_path: Path) -> None:
    team = two(SpokenModel(say=lambda request: ValueError("surprise")), saying("x"))
    result = await run(team, "go", environment=environment(tmp_path))
    assert result.status == "failed"
    assert "surprise" in result.stop_reason


async def test_an_empty_answer_is_asked_for_once_more_and_then_fails(tmp_path: Path) -> None:
    empty = ModelReply(text=" ", model="spoken")
    result = await run(two(saying(empty), saying("x"), MaxTurns(max_turns=1)), "go", environment=environment(tmp_path))
    assert result.status == "failed"
    assert [event.code for event in result.events if isinstance(event, Noticed)] == ["empty_answer"]


async def test_a_limit_of_tokens_counts_the_choosing_model_too(tmp_path: Path) -> None:
    from studio.engine.teams.model_choice import ModelChoice

    team = two(saying("x"), saying("y"), TokenLimit(total=24), selection=ModelChoice(allow_repeat=True), model=saying("ann"))
    result = await run(team, "go", environment=environment(tmp_path))
    assert len(lines(result.events)) == 1
    assert "24 tokens" in result.stop_reason


async def test_the_next_task_of_a_session_sees_the_conversation_so_far(tmp_path: Path) -> None:
    seen: list[int] = []

    def say(request: object) -> str:
        seen.append(len(request.thread))
        return "ok"

    team = two(SpokenModel(say=say), saying("y"), MaxTurns(max_turns=2))
    first = Log(started("first"), immediate=False)
    await advance(team, first.events, first, environment(tmp_path))
    second = Log(RunStarted(seq=1, source="you", task="second", history=thread_of(first.events)), immediate=False)
    await advance(team, second.events, second, environment(tmp_path))
    assert seen == [1, 4]
    assert len(thread_of(second.events)) == 6


async def test_a_scripted_agent_goes_on_in_its_script_in_the_next_task(tmp_path: Path) -> None:
    team = two(saying("one", "two"), saying("y"), MaxTurns(max_turns=1))
    first = Log(started("first"), immediate=False)
    await advance(team, first.events, first, environment(tmp_path))
    second = Log(RunStarted(seq=1, source="you", task="second", history=thread_of(first.events)), immediate=False)
    await advance(team, second.events, second, environment(tmp_path))
    assert lines(second.events) == [("ann", "two")]


def test_typed_approvals_mean_yes_or_no_and_a_reason() -> None:
    question = QuestionAsked(text="?", form="approve")
    assert answer_from("yes", question) == Answer("", True)
    assert answer_from("no: too dear", question) == Answer("too dear", False)
    assert answer_from("maybe later", question) == Answer("maybe later", False)
    assert answer_from("plain", QuestionAsked(text="?")) == Answer("plain")
    edit = QuestionAsked(text="?", form="edit")
    assert answer_from('{"a": 1}', edit) == Answer('{"a": 1}', True)
    assert answer_from("no: too dear", edit) == Answer("too dear", False)
    assert answer_from("yes, go on", edit) == answer_from("yes go on", edit) == Answer("", True)


async def test_messages_carry_ids_made_of_their_numbers(tmp_path: Path) -> None:
    result = await run(two(saying("a"), saying("b"), MaxTurns(max_turns=2)), "go", environment=environment(tmp_path))
    for event in result.events:
        if isinstance(event, MessageSaid):
            assert event.id == f"m{event.seq}"
