"""Conversations within conversations, several speakers at once, and a person who steers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
from conversation import SpokenModel, environment, lines, saying
from patience import within

from studio.engine.advance import advance
from studio.engine.agents.agent import Agent, Perform, Place, Say, Step, Turn
from studio.engine.agents.assistant import Assistant
from studio.engine.conditions.max_messages import MaxMessages
from studio.engine.conditions.max_turns import MaxTurns
from studio.engine.conditions.text_mention import TextMention
from studio.engine.conditions.time_limit import TimeLimit
from studio.engine.conditions.token_limit import TokenLimit
from studio.engine.context.base import size
from studio.engine.events import (
    YOU,
    CommandGiven,
    ConversationClosed,
    ConversationOpened,
    Event,
    FunctionReturned,
    MessageSaid,
    RunStarted,
    SpeakerChosen,
)
from studio.engine.fold import fold
from studio.engine.models.base import ModelRequest
from studio.engine.script import run
from studio.engine.session_thread import thread_of
from studio.engine.stored_events import event_from_json, event_to_json
from studio.engine.teams.selection import Candidates, Choice, Selection
from studio.engine.teams.team import Team


def pair(name: str, *members: Agent, **more: Any) -> Team:
    return Team(name=name, participants=members, **more)


def assistants(*names: str, model: SpokenModel) -> tuple[Assistant, ...]:
    return tuple(Assistant(name=name, model=model) for name in names)


def of(kind: type[Any], events: Sequence[Event]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


async def test_a_team_in_a_team_is_heard_by_all(tmp_path: Path) -> None:
    heard: list[list[str]] = []

    def listen(request: ModelRequest) -> str:
        heard.append([event.text for event in request.thread if isinstance(event, MessageSaid)])
        return "outer"

    inner = pair("inner", *assistants("ann", "bob", model=saying("hello")), stop=MaxMessages(max_messages=2))
    outer = pair("outer", inner, Assistant(name="cat", model=SpokenModel(say=listen)), stop=MaxMessages(max_messages=6))
    result = await run(outer, "go", environment=environment(tmp_path))
    assert lines(result.events) == [("ann", "hello"), ("bob", "hello"), ("cat", "outer")] * 2
    assert heard == [["go", "hello", "hello"], ["go", "hello", "hello", "outer", "hello", "hello"]]
    assert len(of(ConversationOpened, result.events)) == len(of(ConversationClosed, result.events)) == 2
    assert [event.text for event in thread_of(result.events) if isinstance(event, MessageSaid)] == [
        "go",
        *(["hello", "hello", "outer"] * 2),
    ]


async def test_a_team_in_a_team_goes_on_where_it_left_off_and_hears_what_is_new(tmp_path: Path) -> None:
    heard: list[tuple[str, list[str]]] = []

    def listen(request: ModelRequest) -> str:
        heard.append((request.agent, [event.text for event in request.thread if isinstance(event, MessageSaid)]))
        return f"{request.agent} {request.earlier_calls}"

    model = SpokenModel(say=listen)
    inner = pair("inner", *assistants("ann", "bob", "eve", model=model), stop=MaxMessages(max_messages=2))
    outer = pair("outer", inner, *assistants("cat", model=model), stop=MaxTurns(max_turns=4))
    await run(outer, "go", environment=environment(tmp_path))
    assert [name for name, _ in heard] == ["ann", "bob", "cat", "eve", "ann", "cat"]
    assert heard[3] == ("eve", ["go", "ann 0", "bob 0", "cat 0"])


def logged(*events: Event) -> list[Event]:
    """A log of these events, after a task."""
    begun = (RunStarted(task="go"), MessageSaid(source=YOU, text="go", role="task"))
    return [event.model_copy(update={"seq": seq}) for seq, event in enumerate((*begun, *events), 1)]


def opened(scope: str, source: str = "inner", within: str | None = None) -> tuple[Event, Event]:
    talk = ConversationOpened(source=source, team=source, id=scope, hears="new", keep=True, heard=True, scope=within)
    return SpeakerChosen(source="team", speaker=source, scope=within), talk


def test_a_team_that_talks_while_others_speak_hears_next_time_what_they_said() -> None:
    team = pair("outer", pair("inner", *assistants("ann", model=saying("x"))), *assistants("cat", model=saying("y")))
    log = logged(
        *opened("t4"),
        MessageSaid(source="cat", text="meanwhile"),
        MessageSaid(source="ann", text="one", scope="t4"),
        ConversationClosed(source="inner", id="t4", team="inner"),
        *opened("t9"),
    )
    assert [said.text for said in fold(team, log).conversations["t9"].thread] == ["go", "one", "meanwhile"]  # type: ignore[union-attr]


def test_a_team_that_gave_way_hears_nothing_twice() -> None:
    team = pair("outer", pair("inner", *assistants("ann", model=saying("x"))), *assistants("cat", model=saying("y")))
    way = CommandGiven(source=YOU, command="next_speaker", speaker="cat", instead_of="inner")
    state = fold(team, logged(*opened("t4"), way, MessageSaid(source="cat", text="first"), *opened("t8")))
    assert [said.text for said in state.conversations["t8"].thread] == ["go", "first"]  # type: ignore[union-attr]
    assert state.conversations["t8"].characters == sum(size(said) for said in state.conversations["t8"].thread)


def test_a_team_hears_none_of_its_own_words_again_at_whatever_depth_they_were_said() -> None:
    low = pair("low", *assistants("ann", model=saying("x")))
    team = pair("outer", pair("inner", low, *assistants("bob", model=saying("y"))), *assistants("cat", model=saying("z")))
    log = logged(
        *opened("t4"),
        *opened("t6", "low", "t4"),
        MessageSaid(source="ann", text="deep", scope="t6"),
        ConversationClosed(source="low", id="t6", team="low", scope="t4"),
        MessageSaid(source="bob", text="own", scope="t4"),
        ConversationClosed(source="inner", id="t4", team="inner"),
        MessageSaid(source="cat", text="new"),
        *opened("t13"),
    )
    state = fold(team, log)
    assert [said.text for said in state.main.thread] == ["go", "deep", "own", "new"]  # type: ignore[union-attr]
    assert [said.text for said in state.conversations["t13"].thread] == ["go", "deep", "own", "new"]  # type: ignore[union-attr]


async def test_a_team_can_say_only_its_last_message(tmp_path: Path) -> None:
    inner = pair("inner", *assistants("ann", "bob", model=saying("x", "y")), stop=MaxMessages(max_messages=2), heard="last")
    outer = pair("outer", inner, Assistant(name="cat", model=saying("outer")), stop=MaxTurns(max_turns=2))
    result = await run(outer, "go", environment=environment(tmp_path))
    own = [event for event in result.events if event.scope is None]
    assert lines(own) == [("inner", "x"), ("cat", "outer")]


async def test_the_words_of_an_inner_team_reach_the_outer_stop_rule_only_when_they_are_heard(tmp_path: Path) -> None:
    for heard, stop_reason in (("all", "ann said “DONE”"), ("last", "4 turns")):
        inner = pair("inner", *assistants("ann", "bob", model=saying("DONE")), stop=MaxMessages(max_messages=1), heard=heard)
        stop = TextMention(text="DONE", sources=("ann",)) | MaxTurns(max_turns=4)
        outer = pair("outer", inner, Assistant(name="cat", model=saying("outer")), stop=stop)
        assert stop_reason in (await run(outer, "go", environment=environment(tmp_path))).stop_reason


async def test_tokens_spent_within_count_around(tmp_path: Path) -> None:
    inner = pair("inner", *assistants("ann", "bob", model=saying("x")), stop=MaxMessages(max_messages=100))
    outer = pair("outer", inner, Assistant(name="cat", model=saying("outer")), stop=TokenLimit(total=50))
    result = await run(outer, "go", environment=environment(tmp_path))
    assert result.status == "done"
    assert 50 <= result.usage.total_tokens <= 70


async def test_the_time_of_the_outer_team_ends_the_inner_one(tmp_path: Path) -> None:
    longer = MaxMessages(max_messages=100) | TimeLimit(seconds=50)
    inner = pair("inner", *assistants("ann", "bob", model=saying(60.0)), stop=longer)
    outer = pair("outer", inner, Assistant(name="cat", model=saying("outer")), stop=TimeLimit(seconds=0.2))
    async with asyncio.timeout(within(5)):
        result = await run(outer, "go", environment=environment(tmp_path))
    assert (result.status, result.events[-1].by) == ("done", "time_limit")  # type: ignore[attr-defined]


async def test_three_levels_fold_to_the_same_state_after_a_trip_through_json(tmp_path: Path) -> None:
    low = pair("low", *assistants("ann", "bob", model=saying("low")), stop=MaxMessages(max_messages=2))
    middle = pair("middle", low, *assistants("cat", model=saying("middle")), stop=MaxMessages(max_messages=3))
    top = pair("top", middle, *assistants("dan", model=saying("top")), stop=MaxMessages(max_messages=8))
    result = await run(top, "go", environment=environment(tmp_path))
    assert len(lines(result.events)) == 8
    again = [event_from_json(event_to_json(event)) for event in result.events]
    assert fold(top, result.events) == fold(top, again)


class Everybody(Selection):
    """All at once, then nobody."""

    kind: ClassVar[str] = "test_everybody"
    drawable: ClassVar[bool] = False
    parallel: ClassVar[bool] = True
    eager: ClassVar[bool] = True

    def choose(self, candidates: Candidates) -> tuple[Choice, ...]:
        return () if candidates.speakers else tuple(Choice(name, "all", self.kind) for name in candidates.names)


class Slow(Agent):
    """Speaks after a while."""

    kind: ClassVar[str] = "test_slow"
    drawable: ClassVar[bool] = False
    seconds: float = 0.3
    fails: bool = False

    def next_step(self, turn: Turn) -> Step:
        if turn.so_far:
            return Say((MessageSaid(source=self.name, text="here"),))
        return Perform("sleeping", self._sleep)

    async def _sleep(self, place: Place) -> Sequence[Event]:
        await asyncio.sleep(self.seconds)
        if self.fails:
            raise RuntimeError("broken")
        return (FunctionReturned(source=self.name, purpose="sleep", value=self.seconds),)


async def test_several_speak_at_the_same_time(tmp_path: Path) -> None:
    team = Team(participants=tuple(Slow(name=name) for name in ("ann", "bob", "cat")), selection=Everybody())
    clock = asyncio.get_running_loop().time
    began = clock()
    result = await run(team, "go", environment=environment(tmp_path))
    assert clock() - began < 0.8
    assert sorted(lines(result.events)) == [("ann", "here"), ("bob", "here"), ("cat", "here")]
    assert result.status == "done"
    assert fold(team, result.events) == fold(team, [event_from_json(event_to_json(event)) for event in result.events])


async def test_one_of_several_that_fails_ends_the_others_and_keeps_the_log(tmp_path: Path) -> None:
    members = (Slow(name="ann", seconds=0.05), Slow(name="bob", seconds=0.1, fails=True), Slow(name="cat", seconds=30))
    async with asyncio.timeout(within(5)):
        result = await run(Team(participants=members, selection=Everybody()), "go", environment=environment(tmp_path))
    assert result.status == "failed"
    assert "broken" in result.stop_reason
    assert ("ann", "here") in lines(result.events)


class Log:
    def __init__(self, *events: Event) -> None:
        self.events = list(events)

    async def append(self, events: Sequence[Event]) -> None:
        self.events.extend(events)

    def show(self, event: Event) -> None:
        return


async def test_a_run_is_paused_between_two_steps_and_goes_on(tmp_path: Path) -> None:
    team = pair("team", *assistants("ann", "bob", model=saying("x")), stop=MaxMessages(max_messages=4))
    log = Log(RunStarted(seq=1, source=YOU, task="go"))
    given: list[Event] = []

    def commands() -> list[Event]:
        if len(lines(log.events)) == 2 and not given:
            given.append(CommandGiven(source=YOU, command="pause"))
            return given
        return []

    assert await advance(team, log.events, log, environment(tmp_path), commands) == "paused"
    assert len(lines(log.events)) == 2
    assert await advance(team, log.events, log, environment(tmp_path)) == "paused"
    log.events.append(CommandGiven(seq=len(log.events) + 1, source=YOU, command="step"))
    assert await advance(team, log.events, log, environment(tmp_path)) == "paused"
    assert len(lines(log.events)) == 3
    log.events.append(CommandGiven(seq=len(log.events) + 1, source=YOU, command="resume"))
    assert await advance(team, log.events, log, environment(tmp_path)) == "done"
    assert len(lines(log.events)) == 4
    assert [event.seq for event in log.events] == list(range(1, len(log.events) + 1))


async def test_a_person_puts_a_message_in_and_names_the_next_speaker(tmp_path: Path) -> None:
    heard: list[list[str]] = []

    def listen(request: ModelRequest) -> str:
        heard.append([event.text for event in request.thread if isinstance(event, MessageSaid)])
        return "ok"

    team = pair("team", *assistants("ann", "bob", "cat", model=SpokenModel(say=listen)), stop=MaxTurns(max_turns=2))
    log = Log(RunStarted(seq=1, source=YOU, task="go"))
    once: list[Event] = [
        MessageSaid(source=YOU, role="human", text="wait"),
        CommandGiven(source=YOU, command="next_speaker", speaker="cat"),
    ]

    def commands() -> list[Event]:
        return [once.pop(0) for _ in list(once)] if len(lines(log.events)) == 1 else []

    assert await advance(team, log.events, log, environment(tmp_path), commands) == "done"
    assert [event.speaker for event in of(SpeakerChosen, log.events)] == ["ann", "cat"]
    assert of(SpeakerChosen, log.events)[1].by == "command"
    assert heard[1] == ["go", "ok", "wait"]


@pytest.mark.parametrize("level", ["inner", "outer"])
async def test_stopping_a_run_within_an_inner_conversation_is_quick(tmp_path: Path, level: str) -> None:
    slow = saying("first", 60.0)
    inner = pair("inner", *assistants("ann", model=slow if level == "inner" else saying("x")), stop=MaxMessages(max_messages=2))
    outer = pair("outer", inner, Assistant(name="cat", model=slow), stop=MaxMessages(max_messages=50))
    log = Log(RunStarted(seq=1, source=YOU, task="go"))
    work = asyncio.create_task(advance(outer, log.events, log, environment(tmp_path)))
    await asyncio.sleep(0.3)
    work.cancel()
    async with asyncio.timeout(within(1)):
        await asyncio.gather(work, return_exceptions=True)
    assert log.events[-1].type == "run_finished"  # type: ignore[attr-defined]
    assert log.events[-1].status == "stopped"  # type: ignore[attr-defined]
    assert fold(outer, log.events).finished is not None
