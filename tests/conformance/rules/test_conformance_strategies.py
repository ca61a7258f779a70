"""What every strategy promises: pure, names only those who are there, frozen, and a replay that chooses the same."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from misbehaving import Log, ScriptedModel, place
from pydantic import ValidationError

from studio.engine.advance import advance
from studio.engine.agents.agent import Ask, CallModel, Perform, Say, StopRun
from studio.engine.agents.assistant import Assistant
from studio.engine.component import kinds
from studio.engine.decide import candidates_of, decide
from studio.engine.events import YOU, QuestionAnswered, QuestionAsked, RunStarted, SpeakerChosen
from studio.engine.fold import apply, fold, new_state
from studio.engine.models.base import ModelReply, ModelRequest
from studio.engine.stored_events import event_from_json, event_to_json
from studio.engine.teams.follow_edges import FollowEdges
from studio.engine.teams.function_choice import FunctionChoice
from studio.engine.teams.graph import Graph, GraphEdge
from studio.engine.teams.manual import Manual
from studio.engine.teams.model_choice import ModelChoice
from studio.engine.teams.planner import Planner
from studio.engine.teams.random_choice import RandomChoice
from studio.engine.teams.round_robin import RoundRobin
from studio.engine.teams.selection import Choice, Selection
from studio.engine.teams.sequential import Sequential
from studio.engine.teams.swarm import Swarm
from studio.engine.teams.team import Team

NAMES = ("ann", "bob", "cy")

CASES: dict[str, Selection] = {
    "round_robin": RoundRobin(),
    "follow_edges": FollowEdges(),
    "function_choice": FunctionChoice(function=lambda messages, names: names[len(messages) % len(names)]),
    "graph": Graph(
        edges=(GraphEdge(source="ann", target="bob"), GraphEdge(source="ann", target="cy"), GraphEdge(source="cy", target="ann"))
    ),
    "manual": Manual(),
    "model_choice": ModelChoice(allow_repeat=True),
    "planner": Planner(max_rounds=3),
    "random_choice": RandomChoice(),
    "sequence": Sequential(),
    "swarm": Swarm(after_work="back", after={"cy": "bob"}),
}


def test_every_kind_of_strategy_takes_part() -> None:
    assert set(CASES) == {kind for kind, known in kinds().items() if known.category == "selection" and known.drawable}


@pytest.fixture(params=sorted(CASES))
def strategy(request: pytest.FixtureRequest) -> Selection:
    return CASES[request.param]


def say(request: ModelRequest) -> str:
    """Nonsense, then names in turn; a report where one is asked for."""
    if request.schema is not None and request.purpose == "selection":
        name = ("nobody", *NAMES)[request.earlier_calls % 4]
        return (
            f'{{"is_request_satisfied": false, "is_in_loop": false, "is_progress_being_made": true, "next_speaker": "{name}", '
            '"instruction": "go on", "reason": "so"}'
        )
    return ("who knows", *NAMES)[request.earlier_calls % 4]


def team(strategy: Selection) -> Team:
    model = ScriptedModel(say=say)
    members = tuple(Assistant(name=name, model=model) for name in NAMES)
    return Team(participants=members, selection=strategy, model=model, max_turns=6)


async def conversation(drawn: Team, folder: Path) -> list[Any]:
    log = Log(RunStarted(seq=1, source=YOU, task="go"))
    for answer in ("bob", "nobody", "CY", "ann", "bob", "cy", "ann"):
        if await advance(drawn, log.events, log, place(folder)) != "waiting":
            break
        question = log.events[-1]
        assert isinstance(question, QuestionAsked)
        log.events.append(QuestionAnswered(seq=question.seq + 1, source=YOU, question=question.id, text=answer))
    return log.events


async def test_a_conversation_under_it_ends_and_only_members_speak(strategy: Selection, tmp_path: Path) -> None:
    events = await conversation(team(strategy), tmp_path)
    assert events[-1].type == "run_finished"
    assert events[-1].status == "done", events[-1].stop_reason
    chosen = [event for event in events if isinstance(event, SpeakerChosen)]
    assert len(chosen) >= 2
    assert {event.speaker for event in chosen} <= set(NAMES)
    assert all(event.by and event.reason for event in chosen), "a choice says who made it and why"


async def test_the_same_state_gives_the_same_choice_and_nothing_is_changed(strategy: Selection, tmp_path: Path) -> None:
    drawn = team(strategy)
    events = await conversation(drawn, tmp_path)
    state = new_state(drawn)
    for event in events:
        apply(state, event)
        if state.finished is not None or state.main.speaker is not None or not state.main.task_given:
            continue
        candidates = candidates_of(state, state.main)
        before = copy.deepcopy((list(candidates.thread), list(candidates.speakers), candidates.memory, dict(state.variables)))
        first, second = strategy.choose(candidates), strategy.choose(candidates)
        assert _plain(first) == _plain(second)
        assert before == (list(candidates.thread), list(candidates.speakers), candidates.memory, dict(state.variables))
        match first:
            case Choice(speaker=speaker):
                assert speaker in candidates.names
            case tuple():
                assert {choice.speaker for choice in first} <= set(NAMES)
            case _:
                assert isinstance(first, CallModel | Perform | Ask | Say | StopRun)


def _plain(wanted: Any) -> Any:
    """What can be compared of a choice: events are new each time but for what they say."""
    match wanted:
        case CallModel(request=request):
            return request.system, request.extra, request.choices, request.purpose, len(request.thread)
        case Perform(what=what):
            return what
        case Ask(question=question):
            return question.text, question.choices, question.subject
        case Say(events=events):
            return [event.model_dump(exclude={"time"}) for event in events]
        case _:
            return wanted


async def test_a_replay_decides_the_same_at_every_event(strategy: Selection, tmp_path: Path) -> None:
    drawn = team(strategy)
    events = await conversation(drawn, tmp_path)
    again = [event_from_json(event_to_json(event)) for event in events]
    for upto in range(1, len(events) + 1):
        one, other = fold(drawn, events[:upto]), fold(drawn, again[:upto])
        assert one == other
        first, second = decide(one), decide(other)
        if isinstance(first, list) and isinstance(second, list):
            assert [(each.key, type(each.step), _plain(each.step)) for each in first] == [
                (each.key, type(each.step), _plain(each.step)) for each in second
            ]
        else:
            assert first == second


async def test_two_executions_of_the_same_team_choose_the_same(strategy: Selection, tmp_path: Path) -> None:
    if isinstance(strategy, RandomChoice):
        strategy = RandomChoice(seed=7)
    drawn = team(strategy)
    runs = [await conversation(drawn, tmp_path) for _ in range(2)]
    chosen = [[event.speaker for event in events if isinstance(event, SpeakerChosen)] for events in runs]
    assert chosen[0] == chosen[1]


def test_it_is_frozen_and_the_same_after_a_trip_through_json(strategy: Selection) -> None:
    for name in list(type(strategy).model_fields)[:1]:
        with pytest.raises(ValidationError):
            setattr(strategy, name, None)
    again = type(strategy).model_validate_json(strategy.model_dump_json())
    assert again.model_dump(mode="json") == strategy.model_dump(mode="json")


def test_an_answer_of_a_model_that_names_nobody_is_no_choice(strategy: Selection) -> None:
    drawn = team(strategy)
    state = fold(drawn, [RunStarted(seq=1, source=YOU, task="go")])
    wanted = strategy.choose(candidates_of(state, state.main))
    if not isinstance(wanted, CallModel):
        return
    asked = candidates_of(state, state.main, wanted.request)
    for text in ("", "xyz", "ann and bob", "[]", "null", '{"next_speaker": 3}', "\ud800"):
        events = strategy.on_reply(asked, ModelReply(text=text))
        assert events, "what was asked is in the log"
        assert not any(isinstance(event, SpeakerChosen) for event in events)
