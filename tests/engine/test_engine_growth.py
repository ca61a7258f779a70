"""What a turn costs does not grow with the conversation: counted in function calls, which no other work on the machine changes."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pytest
from misbehaving import Log, ScriptedModel, calls, place

from studio.engine.advance import advance
from studio.engine.agents.assistant import Assistant
from studio.engine.conditions.loop_detector import LoopDetector
from studio.engine.conditions.max_messages import MaxMessages
from studio.engine.conditions.text_mention import TextMention
from studio.engine.conditions.token_limit import TokenLimit
from studio.engine.events import YOU, RunStarted, SpeakerChosen
from studio.engine.fold import fold
from studio.engine.models.base import ModelReply
from studio.engine.teams.graph import Graph, GraphEdge
from studio.engine.teams.model_choice import ModelChoice
from studio.engine.teams.random_choice import RandomChoice
from studio.engine.teams.round_robin import RoundRobin
from studio.engine.teams.selection import Selection
from studio.engine.teams.swarm import Swarm
from studio.engine.teams.team import Team
from studio.engine.tools.function import FunctionTool

TURNS = 320
STRATEGIES: list[Selection] = [
    RoundRobin(),
    RandomChoice(seed=1),
    ModelChoice(),
    Swarm(after_work="back"),
    Graph(edges=(GraphEdge(source="ann", target="bob"), GraphEdge(source="bob", target="cy"), GraphEdge(source="cy", target="ann"))),
]


async def look() -> str:
    """Look."""
    return "seen"


def say(request: Any) -> Any:
    if request.purpose == "selection":
        return ModelReply(text=("ann", "bob", "cy")[request.earlier_calls % 3])
    return (
        calls(("look", "{}")) if request.earlier_calls % 4 == 0 and request.tools else f"number {request.earlier_calls} of {request.agent}"
    )


class Counting(Log):
    """Notes, at every turn's beginning, how many functions were called so far."""

    def __init__(self, first: RunStarted) -> None:
        super().__init__(first)
        self.called = 0
        self.at: list[int] = []

    async def append(self, events: Any) -> None:
        await super().append(events)
        if any(isinstance(event, SpeakerChosen) for event in events):
            self.at.append(self.called)

    def profile(self, frame: Any, event: str, argument: Any) -> None:
        if event in ("call", "c_call"):
            self.called += 1


def a_turn(at: list[int], around: int) -> float:
    """Calls of a turn, on average over 24 turns: as many of each kind in every such stretch."""
    return (at[around + 12] - at[around - 12]) / 24


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda strategy: strategy.kind)
async def test_a_turn_costs_as_much_at_the_end_as_at_the_beginning(strategy: Selection) -> None:
    model = ScriptedModel(say=say)
    members = tuple(Assistant(name=name, model=model, tools=(FunctionTool.of(look),)) for name in ("ann", "bob", "cy"))
    stop = MaxMessages(max_messages=10_000) | TextMention(text="NEVER") | TokenLimit(total=10**9) | LoopDetector(turns=40, alike=1)
    drawn = Team(participants=members, selection=strategy, model=model, stop=stop, max_turns=TURNS)
    log = Counting(RunStarted(seq=1, source=YOU, task="go"))
    sys.setprofile(log.profile)
    try:
        assert await advance(drawn, log.events, log, place()) == "done"
    finally:
        sys.setprofile(None)
    assert len(log.at) == TURNS
    assert a_turn(log.at, TURNS - 20) < 1.1 * a_turn(log.at, 40) + 5


def test_folding_costs_as_much_for_each_event() -> None:
    model = ScriptedModel(say=say)
    drawn = Team(participants=(Assistant(name="ann", model=model),), stop=MaxMessages(max_messages=10_000), max_turns=1_000)
    log = Log(RunStarted(seq=1, source=YOU, task="go"))
    asyncio.run(advance(drawn, log.events, log, place()))
    counted: list[int] = []
    for upto in (200, 400, 800, 1_600):
        called = 0

        def profile(frame: Any, event: str, argument: Any) -> None:
            nonlocal called
            called += event in ("call", "c_call")

        sys.setprofile(profile)
        try:
            fold(drawn, log.events[:upto])
        finally:
            sys.setprofile(None)
        counted.append(called)
    assert counted[3] - counted[2] < 1.1 * 4 * (counted[1] - counted[0])
