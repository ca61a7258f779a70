"""What a state keeps of a log: pauses, resumptions, counts, and conversations within others, event by event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from conversation import saying, two

from studio.engine.agents.assistant import Assistant
from studio.engine.agents.human import Human
from studio.engine.conditions.condition import Condition, Met, Progress
from studio.engine.conditions.text_mention import TextMention
from studio.engine.events import (
    YOU,
    Attachment,
    CodeFinished,
    CodeStarted,
    CommandGiven,
    ConversationClosed,
    ConversationOpened,
    Event,
    MessageSaid,
    Noticed,
    QuestionAnswered,
    QuestionAsked,
    RunInterrupted,
    RunResumed,
    RunStarted,
    SpeakerChosen,
    ToolFinished,
    ToolsOffered,
    ToolStarted,
    VariablesSet,
)
from studio.engine.fold import fold
from studio.engine.session_thread import thread_of
from studio.engine.state import CANCELLED, RunState
from studio.engine.subjects import SIGN_IN
from studio.engine.teams.team import Team
from studio.engine.tools.base import COMPARED
from studio.engine.usage import Usage

BEGAN = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)

PAIR = two(saying("x"), saying("y"))
INNER = Team(name="inner", participants=(Assistant(name="eve", model=saying("x")),))
OUTER = Team(name="outer", participants=(INNER, Assistant(name="bob", model=saying("y"))))


Timed = tuple[float, Event]
"""An event, and so many seconds after the run began."""


def state_of(*events: Event | Timed, team: Team = PAIR) -> RunState:
    """After a task and these events, each a second after the one before unless it says when."""
    begun = (RunStarted(task="go"), MessageSaid(source=YOU, text="go", role="task"), *events)
    timed = [each if isinstance(each, tuple) else (place, each) for place, each in enumerate(begun)]
    log = [
        event.model_copy(update={"seq": seq, "time": BEGAN + timedelta(seconds=seconds)}) for seq, (seconds, event) in enumerate(timed, 1)
    ]
    return fold(team, log)


def chosen(name: str, scope: str | None = None) -> SpeakerChosen:
    return SpeakerChosen(source="team", speaker=name, scope=scope)


def command(what: str, **more: Any) -> CommandGiven:
    return CommandGiven(source=YOU, command=what, **more)


# Resuming ---------------------------------------------------------------------------------------------------------------


def test_a_run_that_is_resumed_is_neither_paused_nor_goes_step_by_step() -> None:
    assert state_of(command("pause")).held
    assert state_of(command("step")).stepping
    paused, stepping = state_of(command("pause"), RunResumed()), state_of(command("step"), RunResumed())
    assert not paused.held
    assert not stepping.stepping
    assert not state_of(RunInterrupted(), RunResumed()).interrupted


def test_what_was_broken_off_is_done_again() -> None:
    began = (chosen("ann"), CodeStarted(source="ann", blocks=()))
    broken = state_of(*began, CodeFinished(source="ann", exit_code=CANCELLED, output=""), RunResumed())
    assert not broken.main.open["ann"].events
    failed = state_of(*began, CodeFinished(source="ann", exit_code=1, output=""), RunResumed())
    assert [event.type for event in failed.main.open["ann"].events] == ["code_result"]
    unknown = (*began, ToolStarted(source="ann", call="c1", name="look"), RunInterrupted())
    assert len(state_of(*unknown).open_steps) == 2
    assert not state_of(*unknown, RunResumed()).open_steps


def test_the_time_in_which_nobody_computed_does_not_count() -> None:
    gone = state_of((1, MessageSaid(source="ann", text="x")), (101, RunResumed()), (103, MessageSaid(source="bob", text="y")))
    assert gone.progress().elapsed == 3
    told = state_of((2, RunInterrupted()), (102, RunResumed()), (103, MessageSaid(source="bob", text="y")))
    assert told.progress().elapsed == 3


# Pauses and questions -----------------------------------------------------------------------------------------------------


def asked(seconds: float) -> Timed:
    return seconds, QuestionAsked(id="q", source="ann", text="?")


def answered(seconds: float) -> Timed:
    return seconds, QuestionAnswered(source=YOU, question="q", text="!")


def test_all_the_time_that_people_take_is_left_out() -> None:
    twice = state_of(asked(2), answered(12), asked(13), answered(43), (44, MessageSaid(source="ann", text="x")))
    assert twice.progress().elapsed == 4


def test_who_goes_on_while_a_question_is_open_still_waits_for_its_answer() -> None:
    steps = (asked(2), (5, command("pause")), (9, command("resume")))
    assert state_of(*steps, answered(12), (13, MessageSaid(source="ann", text="x"))).progress().elapsed == 3
    held = state_of(asked(2), (5, command("pause")), answered(12), (20, command("resume")), (21, MessageSaid(source="ann", text="x")))
    assert held.progress().elapsed == 3


def test_a_paused_run_stays_so_when_whom_a_person_names_makes_a_question_needless() -> None:
    named = command("next_speaker", speaker="bob", instead_of="ann", question="q")
    steps = (chosen("ann"), asked(3), (4, command("pause")), (5, named), (20, command("resume")))
    state = state_of(*steps, (21, MessageSaid(source="bob", text="x")))
    assert state.question is None
    assert state.progress().elapsed == 4


def test_sign_ins_that_were_asked_for_are_counted_until_a_tool_answers() -> None:
    wanted = QuestionAsked(id="q", source="ann", text="?", subject=SIGN_IN + "mcp:here", details="https://example.com")
    twice = (chosen("ann"), wanted, answered(4), wanted, answered(6))
    assert state_of(*twice).sign_in_attempts == {"mcp:here": 2}
    assert state_of(*twice, ToolFinished(source="ann", call="c1", name="look", output="")).sign_in_attempts == {}
    assert state_of(*twice, ToolsOffered(source="ann", key="mcp:here", tools=())).sign_in_attempts == {}


# Counts -------------------------------------------------------------------------------------------------------------------


def test_every_call_of_a_model_is_counted_and_what_a_memory_asks_is_no_answer() -> None:
    said = MessageSaid(source="ann", text="x", usage=Usage(calls=3, prompt_tokens=9))
    compared = Noticed(source="ann", code=COMPARED, text="", usage=Usage(calls=1, prompt_tokens=5))
    state = state_of(chosen("ann"), compared, said)
    assert state.model_calls == {"ann": 3}
    assert (state.usage.calls, state.usage.prompt_tokens) == (4, 14)


def test_what_somebody_says_for_a_person_is_counted_until_the_person_speaks() -> None:
    team = Team(participants=(Human(name="boss"), *PAIR.participants))
    alone = [MessageSaid(source="boss", text="go on")] * 2
    assert state_of(*alone, team=team).main.auto_replies == {"boss": 2}
    assert state_of(*alone, MessageSaid(source="boss", text="no", role="human"), team=team).main.auto_replies == {"boss": 0}


def test_a_rule_that_was_met_stays_met_whatever_is_said_after_it() -> None:
    team = Team(participants=PAIR.participants, stop=TextMention(text="DONE"))
    met = state_of(MessageSaid(source="ann", text="DONE"), MessageSaid(source="bob", text="hello"), team=team).main.met
    assert met is not None
    assert met.reason == "ann said “DONE”"


def test_a_variable_that_is_set_to_nothing_is_gone() -> None:
    team = Team(participants=PAIR.participants, variables={"a": 1, "b": 2})
    assert state_of(VariablesSet(source="ann", values={"a": None, "c": 0}), team=team).variables == {"b": 2, "c": 0}


def test_what_earlier_tasks_said_is_heard_and_not_counted() -> None:
    earlier = MessageSaid(source="ann", text="before", model="m", usage=Usage(calls=1))
    state = fold(PAIR, [RunStarted(seq=1, task="go", history=(earlier,)), MessageSaid(seq=2, source=YOU, text="go", role="task")])
    assert heard(state, None) == ["before", "go"]
    assert (state.main.history, state.main.messages, state.usage.calls) == (1, 0, 0)
    assert state.model_calls == {"ann": 1}


def test_of_rules_that_break_the_first_one_is_told() -> None:
    class Raising(Condition):
        kind: ClassVar[str] = "test_raising_rule"
        drawable: ClassVar[bool] = False

        def check(self, progress: Progress) -> Met | None:
            raise ValueError(progress.new[-1].text)

    team = Team(participants=PAIR.participants, stop=Raising())
    broken = state_of(MessageSaid(source="ann", text="one"), MessageSaid(source="ann", text="two"), team=team).broken
    assert broken is not None
    assert "go" in broken[1]
    assert "two" not in broken[1]


# Conversations within others ----------------------------------------------------------------------------------------------


def opened(scope: str) -> tuple[Event, Event]:
    return chosen("inner"), ConversationOpened(source="inner", team="inner", id=scope, hears="new", keep=True, heard=True)


def closed(scope: str) -> Event:
    return ConversationClosed(source="inner", id=scope, team="inner")


def heard(state: RunState, scope: str | None) -> list[str]:
    return [event.text for event in state.conversations[scope].thread]  # type: ignore[union-attr]


def test_a_team_that_gave_way_still_knows_what_it_said_and_did_before() -> None:
    way = command("next_speaker", speaker="bob", instead_of="inner")
    did = ToolFinished(source="eve", call="c1", name="look", output="a page", scope="t4")
    first = (*opened("t4"), did, MessageSaid(source="eve", text="one", scope="t4"), closed("t4"))
    state = state_of(*first, *opened("t9"), way, *opened("t12"), team=OUTER)
    assert [event.type for event in state.conversations["t12"].thread] == ["message", "tool_result", "message"]


def test_the_task_of_a_conversation_is_not_heard_around_it() -> None:
    task = MessageSaid(source="inner", text="find out", role="task", scope="t4")
    state = state_of(*opened("t4"), task, MessageSaid(source="eve", text="one", scope="t4"), closed("t4"), team=OUTER)
    assert heard(state, None) == ["go", "one"]
    assert state.main.messages == 1


def test_a_stop_rule_begins_anew_with_each_talk_of_a_team() -> None:
    rule = TextMention(text="A") & TextMention(text="B")
    inner = INNER.replace(stop=rule)
    team = OUTER.replace(participants=(inner, OUTER.participants[1]))
    both = [MessageSaid(source="eve", text=text, scope="t4") for text in "AB"]
    first = (*opened("t4"), *both)
    assert state_of(*first, team=team).conversations["t4"].met is not None
    again = state_of(*first, closed("t4"), *opened("t9"), MessageSaid(source="eve", text="B", scope="t9"), team=team)
    assert again.conversations["t9"].met is None


def test_a_team_hears_its_own_words_of_no_earlier_talk_again() -> None:
    one, two = (MessageSaid(source="eve", text=text, scope=scope) for text, scope in (("one", "t4"), ("two", "t8")))
    state = state_of(*opened("t4"), one, closed("t4"), *opened("t8"), two, closed("t8"), *opened("t12"), team=OUTER)
    assert heard(state, "t12") == ["go", "one", "two"]


def test_a_talk_that_ends_ends_whoever_speaks_in_it_and_every_talk_within() -> None:
    low = Team(name="low", participants=(Assistant(name="eve"),))
    inner = Team(name="inner", participants=(low,))
    team = OUTER.replace(participants=(inner, OUTER.participants[1]))
    within = ConversationOpened(source="low", team="low", id="t6", scope="t4", hears="new", keep=True, heard=True)
    steps = (*opened("t4"), chosen("low", "t4"), within, chosen("eve", "t6"))
    assert set(state_of(*steps, team=team).conversations) == {None, "t4", "t6"}
    ended = state_of(*steps, closed("t4"), *opened("t9"), team=team)
    assert set(ended.conversations) == {None, "t9"}
    assert not ended.conversations["t9"].open


def test_each_talk_of_a_team_counts_its_own_tokens_and_time() -> None:
    said = MessageSaid(source="eve", text="one", scope="t4", usage=Usage(calls=1, prompt_tokens=7))
    spent = (*opened("t4"), said, closed("t4"), *opened("t8"))
    state = state_of(*spent, team=OUTER)
    assert state.conversations["t8"].usage.calls == 0
    assert state.usage.prompt_tokens == 7
    late = (asked(2), answered(12), (13, opened("t6")[0]), (13, opened("t6")[1]))
    state = state_of(*late, (18, MessageSaid(source="eve", text="one", scope="t6")), team=OUTER)
    assert state.progress(state.conversations["t6"]).elapsed == 5


def test_naming_who_has_the_turn_already_appoints_nobody() -> None:
    state = state_of(chosen("ann"), command("next_speaker", speaker="ann", instead_of="ann"))
    assert state.main.appointed is None
    assert list(state.main.open) == ["ann"]


# The thread of a session --------------------------------------------------------------------------------------------------


def test_the_next_task_hears_what_was_heard_and_sees_no_pictures_of_tools() -> None:
    shot = Attachment(name="page.png", media_type="image/png", data="AAAA")
    log = [
        RunStarted(task="go"),
        MessageSaid(source=YOU, text="go", role="task"),
        ConversationOpened(source="us", team="us", id="t3"),
        ConversationOpened(source="low", team="low", id="t4", scope="t3", heard=True),
        MessageSaid(source="eve", text="among us", scope="t4"),
        ToolFinished(source="ann", call="c1", name="look", output="a page", attachments=(shot,)),
        ToolFinished(source="eve", call="c2", name="look", output="inside", scope="t4"),
        MessageSaid(source="us", text="our answer"),
    ]
    thread = thread_of(log)
    assert [getattr(event, "text", "") or event.output for event in thread] == ["go", "a page", "our answer"]  # type: ignore[union-attr]
    assert not any(event.attachments for event in thread)  # type: ignore[union-attr]


@pytest.mark.parametrize("heard_around", [True, False])
def test_the_next_task_hears_a_team_within_where_the_conversation_did(heard_around: bool) -> None:
    log = [
        RunStarted(task="go"),
        ConversationOpened(source="us", team="us", id="t2", heard=heard_around),
        MessageSaid(source="us", text="the task of us", role="task", scope="t2"),
        MessageSaid(source="eve", text="one", scope="t2"),
    ]
    assert [event.text for event in thread_of(log)] == (["one"] if heard_around else [])  # type: ignore[union-attr]
