"""Whatever raises, refuses or lies: the log is whole, says what happened, and folds to the same state."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from misbehaving import Half, Hangs, LearningMemory, Log, ScriptedExecutor, ScriptedMemory, ScriptedModel, calls, place
from patience import within

from studio.engine.advance import advance
from studio.engine.agents.agent import Agent, Perform, Say, Step, Turn
from studio.engine.agents.assistant import Assistant
from studio.engine.agents.code_runner import CodeRunner
from studio.engine.agents.human import Human
from studio.engine.conditions.condition import Condition, Met, Progress
from studio.engine.conditions.function import FunctionRule
from studio.engine.conditions.max_messages import MaxMessages
from studio.engine.conditions.time_limit import TimeLimit
from studio.engine.events import (
    YOU,
    CommandGiven,
    ErrorHappened,
    Event,
    MessageSaid,
    QuestionAnswered,
    RunFinished,
    RunStarted,
    ToolFinished,
)
from studio.engine.fold import fold
from studio.engine.steps.writer import Clock
from studio.engine.stored_events import event_from_json, event_to_json
from studio.engine.teams.function_choice import FunctionChoice
from studio.engine.teams.graph import Graph, GraphEdge
from studio.engine.teams.selection import Candidates, Selection
from studio.engine.teams.team import Team
from studio.engine.tools.function import FunctionTool


class BrokenRule(Condition):
    """Raises where it is told to."""

    kind: ClassVar[str] = "test_broken_rule"
    drawable: ClassVar[bool] = False
    where: str = "observe"

    def observe(self, progress: Progress, memory: Any) -> tuple[Any, Met | None]:
        if self.where == "observe" and progress.messages:
            raise RuntimeError("the rule is broken")
        return None, None

    def seconds_left(self, progress: Progress, memory: Any) -> float | None:
        if self.where == "time":
            raise RuntimeError("the rule is broken")
        return None

    def pending(self, memory: Any, thread: Sequence[Any], source: str) -> Perform | None:
        if self.where == "pending":
            raise RuntimeError("the rule is broken")
        return None


class BrokenStrategy(Selection):
    """Raises where it is told to."""

    kind: ClassVar[str] = "test_broken_strategy"
    drawable: ClassVar[bool] = False
    eager: ClassVar[bool] = True
    remembers: ClassVar[bool] = True
    where: str = "choose"

    def choose(self, candidates: Candidates) -> Any:
        if self.where == "choose" and candidates.speakers:
            raise RuntimeError("the strategy is broken")
        from studio.engine.teams.selection import Choice

        return Choice(candidates.names[0], "first", self.kind)

    def observe(self, event: Event, memory: Any, team: Team, variables: Any) -> Any:
        if self.where == "observe" and event.source == "ann":
            raise RuntimeError("the strategy is broken")
        return memory


class BrokenAgent(Agent):
    """Raises when it is its turn."""

    kind: ClassVar[str] = "test_broken_agent"
    drawable: ClassVar[bool] = False

    def next_step(self, turn: Turn) -> Step:
        if len(turn.thread) > 1:
            raise RuntimeError("the agent is broken")
        return Say((MessageSaid(source=self.name, text="one"),))


def _raise(*_: Any) -> Any:
    raise RuntimeError("the function is broken")


def ann(*said: Any, **more: Any) -> Assistant:
    return Assistant(name="ann", model=ScriptedModel(say=lambda request: said[min(request.earlier_calls, len(said) - 1)]), **more)


def team(*members: Any, **more: Any) -> Team:
    return Team(participants=members, **{"max_turns": 4} | more)


arrow = GraphEdge(source="ann", target="ann", test=_raise)

BROKEN: dict[str, Team] = {
    "a rule": team(ann("one"), stop=BrokenRule()),
    "a rule within others": team(ann("one"), stop=MaxMessages(max_messages=9) | (BrokenRule() & MaxMessages(max_messages=9))),
    "a rule of an inner team": team(team(ann("one"), stop=BrokenRule(), name="inner")),
    "a rule's time": team(ann("one"), stop=BrokenRule(where="time")),
    "what a rule must find out": team(ann("one"), stop=BrokenRule(where="pending")),
    "a function that is a rule": team(ann("one"), stop=FunctionRule(function=_raise)),
    "a strategy": team(ann("one"), selection=BrokenStrategy()),
    "a strategy's memory": team(ann("one"), selection=BrokenStrategy(where="observe")),
    "a function that chooses": team(ann("one"), selection=FunctionChoice(function=_raise)),
    "an arrow": team(ann("one"), selection=Graph(edges=(arrow,), start=("ann",))),
    "an agent": team(BrokenAgent(name="ann")),
    "a memory": team(ann("one", memory=(ScriptedMemory(outcome=OSError("lost")),))),
    "a memory that learns": team(ann("one", memory=(LearningMemory(outcome=OSError("lost")),))),
    "code that cannot be started": team(
        ann("```python\n1\n```"), CodeRunner(name="runner", executor=ScriptedExecutor(outcome=OSError("no disk")))
    ),
    "a model": team(ann("one", ValueError("a bug"))),
    "a model that ends a program": team(ann("one", Half("one", asyncio.CancelledError()))),
    "a model that answers nothing at all": team(ann("one", Half("one"))),
    "a model that says nothing, twice": team(ann("one", "")),
}


def check(drawn: Team, log: Log) -> None:
    assert [event.seq for event in log.events] == list(range(1, len(log.events) + 1))
    again = [event_from_json(event_to_json(event)) for event in log.events]
    assert fold(drawn, log.events) == fold(drawn, again) == fold(drawn, again)


@pytest.mark.parametrize("name", BROKEN)
async def test_what_raises_fails_the_run_in_words_and_loses_nothing(name: str, tmp_path: Path) -> None:
    drawn = BROKEN[name]
    log = Log(RunStarted(seq=1, source=YOU, task="go"))
    async with asyncio.timeout(within(5)):
        assert await advance(drawn, log.events, log, place(tmp_path)) == "failed"
    check(drawn, log)
    error, end = log.events[-2:]
    assert isinstance(error, ErrorHappened)
    assert isinstance(end, RunFinished)
    assert error.text == end.stop_reason
    assert len(error.text) > 10
    said = [event.text for event in log.events if isinstance(event, MessageSaid) and event.role != "task"]
    if not name.startswith(("a rule's time", "what a rule", "a function that chooses", "a memory", "code")):
        assert said[0] == "one", "what was said before is kept"
    # The same object again, from the beginning.
    later = Log(RunStarted(seq=1, source=YOU, task="go"))
    assert await advance(drawn, later.events, later, place(tmp_path)) == "failed"
    assert [event.type for event in later.events] == [event.type for event in log.events]  # type: ignore[attr-defined]


async def _cancelled() -> str:
    """Cancel itself."""
    raise asyncio.CancelledError


def _exit() -> str:
    """End the program."""
    raise SystemExit(3)


async def _async_exit() -> str:
    """End the program."""
    raise SystemExit(3)


async def _never() -> str:
    """Never come back, not even when cancelled, for a while."""
    for _ in range(3):
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            continue
    return ""


@pytest.mark.parametrize("function", [_raise, _cancelled, _exit, _async_exit, _never])
async def test_whatever_a_tool_does_is_a_result(function: Any, tmp_path: Path) -> None:
    def broken() -> Any:
        """Break."""
        return function()

    tool = FunctionTool.of(broken, name="broken", timeout=0.1)
    drawn = team(ann(calls(("broken", "{}"), ("broken", "nonsense"), ("unknown", "{}")), "I see"), max_turns=1)
    drawn = drawn.replace(participants=(drawn.participants[0].replace(tools=(tool,)),))
    log = Log(RunStarted(seq=1, source=YOU, task="go"))
    async with asyncio.timeout(within(3)):
        assert await advance(drawn, log.events, log, place(tmp_path)) == "done"
    check(drawn, log)
    results = [event for event in log.events if isinstance(event, ToolFinished)]
    assert [event.is_error for event in results] == [True, True, True]
    assert all(event.output for event in results)


class Full(Log):
    """A disk that is full after a number of events, and has room again later."""

    room = 5

    async def append(self, events: Sequence[Event]) -> None:
        if len(self.events) + len(events) > self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        await super().append(events)


@pytest.mark.parametrize("room", range(2, 9))
@pytest.mark.parametrize("immediate", [True, False])
async def test_a_log_that_takes_no_more_leaves_what_it_has_and_the_run_goes_on_from_there(
    room: int, immediate: bool, tmp_path: Path
) -> None:
    drawn = team(ann(calls(("look", "{}")), "seen", tools=(FunctionTool.of(lambda: "x", name="look"),)), max_turns=2)
    log = Full(RunStarted(seq=1, source=YOU, task="go"), immediate=immediate)
    log.room = room
    with pytest.raises(OSError, match="No space"):
        async with asyncio.timeout(within(3)):
            await advance(drawn, log.events, log, place(tmp_path))
    check(drawn, log)
    assert not any(isinstance(event, RunFinished) for event in log.events)
    log.room = 10_000
    assert await advance(drawn, log.events, log, place(tmp_path)) == "done"
    check(drawn, log)


async def test_stopping_ends_also_where_the_log_takes_no_more(tmp_path: Path) -> None:
    drawn = team(ann(Hangs()))
    log = Full(RunStarted(seq=1, source=YOU, task="go"))
    work = asyncio.create_task(advance(drawn, log.events, log, place(tmp_path)))
    await asyncio.sleep(0.05)
    log.room = 0
    work.cancel()
    async with asyncio.timeout(within(1)):
        with pytest.raises(asyncio.CancelledError):
            await work


def test_time_never_goes_back_and_goes_on_evenly_where_the_clock_is_set() -> None:
    hours = [datetime(2030, 1, 1, 12, tzinfo=UTC), datetime(2030, 1, 1, 9, tzinfo=UTC)]
    clock = Clock(None, lambda: hours[0])
    first = clock.now()
    hours[0] = hours[1]
    assert timedelta(0) <= clock.now() - first < timedelta(seconds=5)
    later = Clock(clock.now(), lambda: hours[0])
    assert later.now() >= first


@pytest.mark.parametrize("hours", [-30, 30])
async def test_a_clock_that_jumped_neither_ends_a_run_nor_keeps_it_from_ending(hours: int, tmp_path: Path) -> None:
    """The clock is set while a person thinks: that is their time, not the conversation's."""
    drawn = team(ann("one"), Human(name="eve"), ann_too(), stop=TimeLimit(seconds=60), max_turns=4)
    log = Log(RunStarted(seq=1, source=YOU, task="go"))
    assert await advance(drawn, log.events, log, place(tmp_path)) == "waiting"
    log.events = [event.model_copy(update={"time": event.time - timedelta(hours=hours)}) for event in log.events]
    log.events.append(QuestionAnswered(seq=log.events[-1].seq + 1, source=YOU, question="q", text="go on"))
    await advance(drawn, log.events, log, place(tmp_path))
    state = fold(drawn, log.events)
    assert state.main.turns >= 3
    assert state.progress().elapsed < 30
    check(drawn, log)


def ann_too() -> Assistant:
    return Assistant(name="bob", model=ScriptedModel(say=lambda request: "two"))


async def test_a_pause_does_not_count_even_when_a_question_is_answered_in_it() -> None:
    drawn = team(Human(name="eve"), max_turns=2)
    log = Log(RunStarted(seq=1, source=YOU, task="go"))
    assert await advance(drawn, log.events, log, place()) == "waiting"
    question = log.events[-1]
    hour = timedelta(hours=1)

    def at(number: int) -> dict[str, Any]:
        return {"seq": question.seq + number, "source": YOU, "time": question.time + number * hour}

    log.events += [
        CommandGiven(command="pause", **at(1)),
        QuestionAnswered(question="q", text="yes", **at(2)),
        CommandGiven(command="resume", **at(3)),
    ]
    assert fold(drawn, log.events).progress().elapsed < 60


async def test_a_step_that_no_limit_ends_is_broken_off_in_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.engine.steps.performing.LONGEST_STEP", 0.1)
    drawn = team(ann("one", Hangs("two ")))
    log = Log(RunStarted(seq=1, source=YOU, task="go"))
    async with asyncio.timeout(within(3)):
        assert await advance(drawn, log.events, log, place(tmp_path)) == "failed"
    check(drawn, log)
    assert "took longer than" in log.events[-2].text  # type: ignore[attr-defined]
    assert any(event.type == "partial" and event.text == "two " for event in log.events)  # type: ignore[attr-defined]
