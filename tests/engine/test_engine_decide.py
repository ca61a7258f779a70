"""What is due next, of a state that a few events make: who still learns, who is asked, and when nobody new begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from conversation import saying

from studio.engine.agents.agent import Agent, CallModel, Perform, Say, Step, Turn
from studio.engine.agents.assistant import Assistant
from studio.engine.conditions.function import FunctionRule
from studio.engine.conditions.max_messages import MaxMessages
from studio.engine.decide import Finish, Hold, Wait, decide
from studio.engine.events import (
    YOU,
    CommandGiven,
    Event,
    MessageSaid,
    QuestionAsked,
    Remembered,
    RunStarted,
    SpeakerChosen,
)
from studio.engine.fold import fold
from studio.engine.teams.graph import Graph, GraphEdge
from studio.engine.teams.team import Team


class Learner(Agent):
    """Puts what it said into a memory once it has spoken."""

    kind: ClassVar[str] = "test_learner"
    drawable: ClassVar[bool] = False

    @property
    def learns(self) -> bool:
        return True

    def next_step(self, turn: Turn) -> Step:
        return Say((MessageSaid(source=self.name, text="x"),))

    def afterwards(self, turn: Turn, said: MessageSaid) -> Perform | None:
        if any(isinstance(event, Remembered) for event in turn.so_far):
            return None
        return Perform("memory", self._learn)

    async def _learn(self, place: Any) -> Sequence[Event]:
        return (Remembered(source=self.name, memory="notes", text="x"),)


def due(team: Team, *events: Event) -> list[tuple[str | None, str]]:
    """Who is to do what next, after a task and these events."""
    log = (RunStarted(task="go"), MessageSaid(source=YOU, text="go", role="task"), *events)
    wanted = decide(fold(team, [event.model_copy(update={"seq": seq}) for seq, event in enumerate(log, 1)]))
    if isinstance(wanted, Wait | Hold | Finish):
        return [(None, type(wanted).__name__)]
    return [(each.speaker, type(each.step).__name__) for each in wanted]


def chosen(name: str) -> SpeakerChosen:
    return SpeakerChosen(source="team", speaker=name)


ANN, BOB = (Assistant(name=name, model=saying("x")) for name in ("ann", "bob"))


def test_nobody_begins_and_nothing_ends_before_who_has_spoken_has_learnt() -> None:
    spoke = (chosen("eve"), MessageSaid(source="eve", text="x"))
    learnt = Remembered(source="eve", memory="notes", text="x")
    for stop, after in ((None, "Say"), (MaxMessages(max_messages=1), "Finish")):
        team = Team(participants=(Learner(name="eve"), ANN), stop=stop)
        assert due(team, *spoke) == [("eve", Perform.__name__)]
        assert due(team, *spoke, learnt) == [(None, after)]


def test_a_function_that_stops_is_asked_when_nobody_speaks() -> None:
    team = Team(participants=(ANN, BOB), stop=FunctionRule(function=lambda messages: False))
    spoke = (chosen("ann"), MessageSaid(source="ann", text="x"))
    assert due(team, *spoke) == [(None, Perform.__name__)]
    assert due(team, *spoke, chosen("bob")) == [("bob", CallModel.__name__)]


def test_whom_a_person_names_begins_no_second_turn_beside_their_own() -> None:
    arrows = (GraphEdge(source="ann", target="bob"),)
    team = Team(participants=(ANN, BOB), selection=Graph(edges=arrows))
    named = CommandGiven(source=YOU, command="next_speaker", speaker="ann", after="ann")
    assert due(team, chosen("ann"), named) == [("ann", CallModel.__name__)]
    assert due(team, chosen("ann"), named, MessageSaid(source="ann", text="x")) == [(None, "Say")]


def test_a_question_comes_before_a_pause_and_a_pause_before_everything_else() -> None:
    team = Team(participants=(ANN, BOB))
    pause, question = CommandGiven(source=YOU, command="pause"), QuestionAsked(id="q", source="ann", text="?")
    assert due(team, chosen("ann"), pause) == [(None, "Hold")]
    assert due(team, chosen("ann"), question, pause) == [(None, "Wait")]
