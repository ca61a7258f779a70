"""A person names who speaks next: in every phase of a turn the wish holds as soon as it can, and the log says which."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

from misbehaving import Hangs, Log, ScriptedMemory, ScriptedModel, calls, place
from patience import within

from studio.engine.advance import advance
from studio.engine.agents.assistant import Assistant
from studio.engine.agents.human import Human
from studio.engine.conditions.max_turns import MaxTurns
from studio.engine.events import YOU, CommandGiven, Event, MessageSaid, RunStarted, SpeakerChosen
from studio.engine.fold import fold
from studio.engine.models.base import Accounts, Delta, Model, ModelReply, ModelRequest, Piece
from studio.engine.teams.graph import Graph, GraphEdge
from studio.engine.teams.manual import Manual
from studio.engine.teams.model_choice import ModelChoice
from studio.engine.teams.planner import Planner
from studio.engine.teams.sequential import Sequential
from studio.engine.teams.swarm import Swarm
from studio.engine.teams.team import Team
from studio.engine.tools.function import FunctionTool


class Desk:
    """A person in front of a run, who names somebody as soon as `when` holds of what the log and the page have."""

    def __init__(self, team: Team, folder: Path) -> None:
        self.team, self.folder = team, folder
        self.log = Log(RunStarted(seq=1, source=YOU, task="go"))
        self.log.when = self._look
        self.given: list[Event] = []
        self.knock = asyncio.Event()
        self.plans: list[tuple[Callable[[Log], bool], str]] = []

    def name(self, name: str, when: Callable[[Log], bool]) -> Desk:
        self.plans.append((when, name))
        return self

    def _look(self) -> None:
        while self.plans and self.plans[0][0](self.log):
            self.given.append(CommandGiven(source=YOU, command="next_speaker", speaker=self.plans.pop(0)[1]))
            self.knock.set()

    def _take(self) -> Iterator[Event]:
        while self.given:
            yield self.given.pop(0)

    async def run(self) -> str:
        async with asyncio.timeout(within(5)):
            status = await advance(self.team, list(self.log.events), self.log, place(self.folder), self._take, self.knock, self._take)
        states = [fold(self.team, self.log.events) for _ in range(2)]
        assert states[0] == states[1]
        assert [event.seq for event in self.log.events] == list(range(1, len(self.log.events) + 1))
        return status

    @property
    def command(self) -> CommandGiven:
        return next(event for event in self.log.events if isinstance(event, CommandGiven))

    @property
    def said(self) -> list[str]:
        return [event.source for event in self.log.events if isinstance(event, MessageSaid) and event.role != "task"]


def chosen(name: str) -> Callable[[Log], bool]:
    return lambda log: any(isinstance(event, SpeakerChosen) and event.speaker == name for event in log.events)


def works(what: str, *names: str) -> Callable[[Log], bool]:
    return lambda log: all(any(getattr(e, "what", "") == what and e.source == name for e in log.shown) for name in names)


def heard(text: str) -> Callable[[Log], bool]:
    return lambda log: any(getattr(event, "text", "") == text for event in log.shown)


def logged(kind: str) -> Callable[[Log], bool]:
    return lambda log: any(event.type == kind for event in log.events)


def first(hangs: Any, later: Any = "hello") -> ScriptedModel:
    """A model that does one thing at its first request and another at all that follow."""
    asked: list[ModelRequest] = []

    def say(request: ModelRequest) -> Any:
        asked.append(request)
        return hangs if len(asked) == 1 else later

    return ScriptedModel(say=say)


class Slow(Model):
    """Says a word, and the rest once it may."""

    kind: ClassVar[str] = "test_slow_words"
    drawable: ClassVar[bool] = False
    go_on: Any = None

    def connect(self, accounts: Accounts) -> Slow:
        return self

    async def stream(self, request: ModelRequest) -> AsyncIterator[Piece]:
        yield Delta("one")
        await self.go_on.wait()
        yield ModelReply(text="one two")

    async def close(self) -> None:
        return


def saying(text: str = "hello") -> ScriptedModel:
    return ScriptedModel(say=lambda request: text)


def team(*members: Any, turns: int = 2, **more: Any) -> Team:
    return Team(name="team", participants=members, **{"stop": MaxTurns(max_turns=turns)} | more)


def ann(model: Any = None, **more: Any) -> Assistant:
    return Assistant(name="ann", model=model or saying(), **more)


def bob(model: Any = None, **more: Any) -> Assistant:
    return Assistant(name="bob", model=model or saying(), **more)


def cat(**more: Any) -> Assistant:
    return Assistant(name="cat", model=saying(), **more)


async def test_one_who_has_been_chosen_and_thinks_gives_way(tmp_path: Path) -> None:
    desk = Desk(team(ann(first(Hangs(""))), bob(), cat()), tmp_path).name("cat", works("thinking", "ann"))
    assert await desk.run() == "done"
    assert desk.command.instead_of == "ann"
    assert not desk.command.after
    assert desk.said == ["cat", "ann"]
    choices = [(event.speaker, event.by) for event in desk.log.events if isinstance(event, SpeakerChosen)]
    assert choices == [("ann", "round_robin"), ("cat", "command"), ("ann", "round_robin")]
    assert any(event.type == "void" and event.source == "ann" for event in desk.log.shown)


async def test_one_who_has_said_a_word_comes_to_an_end_first(tmp_path: Path) -> None:
    go_on = asyncio.Event()
    desk = Desk(team(ann(Slow(go_on=go_on)), bob(), cat()), tmp_path).name("cat", heard("one"))
    take = desk._take

    def taken() -> Iterator[Event]:
        for event in take():
            yield event
            go_on.set()

    desk._take = taken  # type: ignore[method-assign]
    assert await desk.run() == "done"
    assert desk.command.after == "ann"
    assert not desk.command.instead_of
    assert desk.said == ["ann", "cat"]
    assert desk.log.events.index(desk.command) < next(n for n, e in enumerate(desk.log.events) if getattr(e, "text", "") == "one two")


async def test_one_whose_tool_is_called_comes_to_an_end_first(tmp_path: Path) -> None:
    said = iter([calls(("look", "{}")), "found"])
    tool = FunctionTool.of(lambda: "a result", name="look")
    desk = Desk(team(ann(ScriptedModel(say=lambda request: next(said)), tools=(tool,)), bob(), cat()), tmp_path)
    desk.name("cat", logged("tool_started"))
    assert await desk.run() == "done"
    assert desk.command.after == "ann"
    assert desk.said == ["ann", "cat"]


async def test_a_memory_that_looks_something_up_is_no_word_yet(tmp_path: Path) -> None:
    desk = Desk(team(ann(memory=(ScriptedMemory(outcome=Hangs()),)), bob(), turns=1), tmp_path).name("bob", works("memory", "ann"))
    assert await desk.run() == "done"
    assert desk.command.instead_of == "ann"
    assert desk.said == ["bob"]


async def test_a_model_that_chooses_is_not_waited_for(tmp_path: Path) -> None:
    chooser = first(Hangs(""), "bob")
    desk = Desk(team(ann(), bob(), cat(), selection=ModelChoice(), model=chooser, turns=1), tmp_path).name("cat", works("choosing", "team"))
    assert await desk.run() == "done"
    assert desk.said == ["cat"]
    assert not desk.command.instead_of
    assert not desk.command.after


async def test_a_wish_before_anybody_is_chosen_just_holds(tmp_path: Path) -> None:
    desk = Desk(team(ann(), bob(), turns=1), tmp_path)
    desk.given.append(CommandGiven(source=YOU, command="next_speaker", speaker="bob"))
    assert await desk.run() == "done"
    assert desk.said == ["bob"]


async def test_a_person_who_is_asked_need_not_answer_when_another_is_named(tmp_path: Path) -> None:
    drawn = team(Human(name="eve"), bob(), turns=1)
    desk = Desk(drawn, tmp_path)
    assert await desk.run() == "waiting"
    question = fold(drawn, desk.log.events).question
    assert question is not None
    desk.given.append(CommandGiven(source=YOU, command="next_speaker", speaker="bob"))
    assert await desk.run() == "done"
    assert desk.command.instead_of == "eve"
    assert desk.command.question == question.id
    assert desk.said == ["bob"]


async def test_naming_somebody_answers_the_question_who_speaks_next(tmp_path: Path) -> None:
    desk = Desk(team(ann(), bob(), selection=Manual(), turns=1), tmp_path)
    assert await desk.run() == "waiting"
    desk.given.append(CommandGiven(source=YOU, command="next_speaker", speaker="bob"))
    assert await desk.run() == "done"
    assert desk.command.question
    assert desk.said == ["bob"]


async def test_an_open_question_of_another_turn_stays_open(tmp_path: Path) -> None:
    drawn = team(ann(ScriptedModel(say=lambda request: calls(("look", "{}"))), tools=(_asked_for(),)), bob())
    desk = Desk(drawn, tmp_path)
    assert await desk.run() == "waiting"
    desk.given.append(CommandGiven(source=YOU, command="next_speaker", speaker="bob"))
    assert await desk.run() == "waiting"
    assert desk.command.after == "ann"
    assert not desk.command.question


def _asked_for() -> FunctionTool:
    return FunctionTool.of(lambda: "a result", name="look", approval="always")


async def test_a_team_in_which_nobody_has_spoken_gives_way_and_begins_anew_later(tmp_path: Path) -> None:
    inner = Team(name="inner", participants=(bob(first(Hangs(""))), cat()), max_turns=1)
    desk = Desk(team(ann(), inner, turns=3), tmp_path).name("ann", works("thinking", "bob"))
    assert await desk.run() == "done"
    assert desk.command.instead_of == "inner"
    assert desk.said == ["ann", "ann", "bob"]


async def test_a_team_in_which_somebody_has_spoken_comes_to_an_end_first(tmp_path: Path) -> None:
    inner = Team(name="inner", participants=(bob(), cat()), max_turns=2)
    desk = Desk(team(inner, ann()), tmp_path).name("ann", lambda log: "bob" in desk.said)
    assert await desk.run() == "done"
    assert desk.command.after == "inner"
    assert desk.said == ["bob", "cat", "ann"]


async def test_whom_a_person_named_speaks_whoever_hands_over(tmp_path: Path) -> None:
    drawn = team(
        ann(ScriptedModel(say=lambda request: calls(("transfer_to_bob", "{}"))), handoffs=("bob",)), bob(), cat(), selection=Swarm()
    )
    desk = Desk(drawn, tmp_path)
    log = desk.log
    log.events.append(SpeakerChosen(seq=2, source="team", speaker="ann", by="swarm"))
    log.events.append(CommandGiven(seq=3, source=YOU, command="next_speaker", speaker="cat", after="ann"))
    assert await desk.run() == "done"
    assert [event.speaker for event in log.events if isinstance(event, SpeakerChosen)] == ["ann", "cat"]


async def test_branches_at_the_same_time_go_on_and_whoever_is_named_begins_beside_them(tmp_path: Path) -> None:
    graph = Graph(edges=(GraphEdge(source="ann", target="bob"),))
    slow = first(Hangs(""))
    desk = Desk(team(ann(slow), bob(), cat(), selection=graph, turns=1), tmp_path).name("cat", works("thinking", "ann"))
    assert await desk.run() == "done"
    assert not desk.command.instead_of
    assert not desk.command.after
    assert desk.said == ["cat"]


async def test_naming_the_one_who_has_been_chosen_gives_no_second_turn(tmp_path: Path) -> None:
    desk = Desk(team(ann(), bob()), tmp_path)
    desk.log.events.append(MessageSaid(seq=2, source=YOU, text="go", role="task"))
    desk.log.events.append(SpeakerChosen(seq=3, source="team", speaker="ann", by="round_robin"))
    desk.given.append(CommandGiven(source=YOU, command="next_speaker", speaker="ann"))
    assert await desk.run() == "done"
    assert desk.said == ["ann", "bob"]


async def test_of_two_wishes_the_last_one_holds(tmp_path: Path) -> None:
    desk = Desk(team(ann(first(Hangs(""))), bob(), cat(), turns=1), tmp_path)
    desk.name("bob", works("thinking", "ann")).name("cat", works("thinking", "ann"))
    assert await desk.run() == "done"
    assert desk.said == ["cat"]


async def test_who_gave_way_is_no_turn_of_a_plan_and_still_comes_in_a_row(tmp_path: Path) -> None:
    desk = Desk(team(ann(first(Hangs(""))), bob(), selection=Sequential(), stop=None), tmp_path).name("bob", works("thinking", "ann"))
    assert await desk.run() == "done"
    assert desk.said == ["bob", "ann"]

    drawn = team(ann(), bob(), selection=Planner(), model=saying())
    state = fold(
        drawn,
        [
            RunStarted(seq=1, source=YOU, task="go"),
            SpeakerChosen(seq=2, source="team", speaker="ann"),
            CommandGiven(seq=3, source=YOU, command="next_speaker", speaker="bob", instead_of="ann"),
            SpeakerChosen(seq=4, source="team", speaker="bob"),
        ],
    )
    assert state.main.selection_memory.rounds == 1
