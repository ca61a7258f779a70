"""A task: none at all is bad input, but where whoever speaks first needs none."""

from __future__ import annotations

from typing import Any

import pytest
from run_house import House, assistant, drawing, human, pair, practice

from studio.engine import Chat, FollowEdges, Graph, GraphEdge, Human, ModelChoice, PracticeModel, RoundRobin, Sequential, Swarm, Team
from studio.engine.agents.agent import Agent
from studio.engine.agents.assistant import Assistant
from studio.runs.errors import RunRefused
from studio.runs.tasks import needs_task

ANN = Assistant(name="ann", model=PracticeModel(script={"ann": ("Hello.",)}))
BOSS = Human(name="boss")
RULE = Human(name="rule", input_mode="never")
BOSS_TO_ANN = GraphEdge(source="boss", target="ann")


def team(*members: Agent, **options: Any) -> Team:
    return Team(participants=members, **options)


@pytest.mark.parametrize("blank", ["", "  ", "\n\t"])
async def test_a_run_without_a_task_is_refused_and_nothing_is_stored(house: House, blank: str) -> None:
    with pytest.raises(RunRefused, match="no task"):
        await house.runs.start(pair(), blank)
    assert house.runs.list() == []


async def test_a_person_who_speaks_first_needs_no_task(house: House) -> None:
    started = await house.runs.start(drawing(human("boss"), assistant("ann"), model=practice({"ann": ["one"]})), "")
    frames = await house.read(started.run, lambda frame: frame["t"] == "status" and frame["status"] == "waiting")
    assert frames[-1]["status"] == "waiting"


@pytest.mark.parametrize(
    ("whole", "needed"),
    [
        (team(ANN, BOSS), True),
        (team(BOSS, ANN), False),
        (team(RULE, ANN), True),
        (team(BOSS, ANN, selection=ModelChoice()), True),
        (team(BOSS, ANN, selection=Graph(edges=(BOSS_TO_ANN,))), False),
        (team(ANN, BOSS, selection=Graph(edges=(BOSS_TO_ANN,))), False),
        (team(BOSS, ANN, selection=Graph(edges=(BOSS_TO_ANN,), start=("ann",))), True),
        (team(ANN, BOSS, selection=FollowEdges(), transitions={"boss": ("ann",)}), False),
        (team(BOSS, ANN, selection=FollowEdges(), transitions={"boss": ("ann",), "ann": ("boss",)}), False),
        (team(ANN, BOSS, transitions={"boss": ("ann",)}), False),
        (team(BOSS, ANN, selection=ModelChoice(), transitions={"boss": ("ann",)}), False),
        (team(BOSS, ANN, selection=ModelChoice(), transitions={"boss": ("ann",)}, transitions_type="disallowed"), True),
        (team(ANN, BOSS, selection=Swarm(first="boss")), False),
        (team(team(BOSS, name="inner"), ANN), False),
        (team(Chat(name="one", participants=(ANN,), message="Say hello."), selection=Sequential()), False),
        (team(Chat(name="one", participants=(ANN,)), selection=Sequential()), True),
        (team(ANN, selection=RoundRobin()), True),
    ],
)
def test_whoever_speaks_first_decides_whether_a_task_is_needed(whole: Team, needed: bool) -> None:
    assert needs_task(whole) is needed
