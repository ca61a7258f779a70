"""Who speaks next: strategies, transitions, and reading a choosing model's answer."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conversation import calling, environment, lines, saying, two
from hypothesis import given
from hypothesis import strategies as st

from studio.engine.agents.agent import CallModel
from studio.engine.agents.assistant import Assistant
from studio.engine.conditions.max_turns import MaxTurns
from studio.engine.conditions.text_mention import TextMention
from studio.engine.events import MessageSaid, QuestionAsked, SelectionRejected, SpeakerChosen
from studio.engine.script import run
from studio.engine.teams.answer import speaker_in
from studio.engine.teams.follow_edges import FollowEdges
from studio.engine.teams.graph import Graph
from studio.engine.teams.manual import Manual
from studio.engine.teams.model_choice import ModelChoice
from studio.engine.teams.planner import Planner
from studio.engine.teams.random_choice import RandomChoice
from studio.engine.teams.round_robin import RoundRobin
from studio.engine.teams.selection import Candidates
from studio.engine.teams.swarm import Swarm
from studio.engine.teams.team import Team

NAMES = ("planner", "coder", "code reviewer")


@pytest.mark.parametrize(
    ("answer", "speaker"),
    [
        ("coder", "coder"),
        ("  **Coder**.\n", "coder"),
        ('"planner"', "planner"),
        ("code_reviewer", "code reviewer"),
        ("code\\_reviewer", "code reviewer"),
        ("The next speaker should be the coder, because code is needed.", "coder"),
        ('{"next_speaker": "planner", "reason": "coder is done"}', "planner"),
        ('```json\n{"name": "coder"}\n```', "coder"),
        ("2", "coder"),
        ("<think>planner or coder? coder.</think>\nplanner", "planner"),
        ("coder\n\nbecause the planner has finished", "coder"),
        ("TERMINATE", None),
        ("planner and coder", None),
        ("the encoder", None),
        ("", None),
    ],
)
def test_a_choosing_models_answer_is_read_tolerantly(answer: str, speaker: str | None) -> None:
    chosen, why = speaker_in(answer, NAMES)
    assert chosen == speaker
    assert why


@given(st.text(max_size=300))
def test_any_answer_is_read_without_an_error(answer: str) -> None:
    chosen, why = speaker_in(answer, NAMES)
    assert chosen in (*NAMES, None)
    assert why


def three(selection: object, model: object = None, **more: object) -> Team:
    names = ("a", "b", "c")
    return Team(
        name="trio",
        participants=tuple(Assistant(name=name, model=saying(f"I am {name}")) for name in names),
        selection=selection,
        model=model,
        **more,
    )


async def speakers(team: Team, tmp_path: Path) -> list[str]:
    result = await run(team, "go", environment=environment(tmp_path))
    return [event.speaker for event in result.events if isinstance(event, SpeakerChosen)]


async def test_round_robin_goes_round(tmp_path: Path) -> None:
    team = three(two(saying("x"), saying("y")).selection, stop=MaxTurns(max_turns=5))
    assert await speakers(team, tmp_path) == ["a", "b", "c", "a", "b"]


async def test_transitions_narrow_every_strategy(tmp_path: Path) -> None:
    transitions = {"a": ("b", "c"), "b": ("a",), "c": ("a",)}
    team = three(RandomChoice(seed=1), transitions=transitions, stop=MaxTurns(max_turns=40))
    spoke = await speakers(team, tmp_path)
    assert all(after in transitions[before] for before, after in pairwise(spoke))
    assert set(spoke) == {"a", "b", "c"}


async def test_a_conversation_ends_with_whoever_has_nobody_after_them(tmp_path: Path) -> None:
    team = three(FollowEdges(), transitions={"a": ("b",), "b": ("c",)})
    result = await run(team, "go", environment=environment(tmp_path))
    assert [source for source, _ in lines(result.events)] == ["a", "b", "c"]
    assert result.stop_reason == "nobody may speak after c"


async def test_following_edges_takes_whoever_was_silent_longest(tmp_path: Path) -> None:
    team = three(FollowEdges(), transitions={"a": ("b", "c"), "b": ("a",), "c": ("a",)}, stop=MaxTurns(max_turns=7))
    assert await speakers(team, tmp_path) == ["a", "b", "a", "c", "a", "b", "a"]


async def test_following_edges_takes_whoever_has_not_spoken_before_whoever_spoke_first(tmp_path: Path) -> None:
    team = three(FollowEdges(), transitions={"a": ("a", "b"), "b": ("c",), "c": ("a",)}, stop=MaxTurns(max_turns=3))
    assert await speakers(team, tmp_path) == ["a", "b", "c"]


async def test_the_same_seed_draws_the_same_order(tmp_path: Path) -> None:
    team = three(RandomChoice(seed=7), stop=MaxTurns(max_turns=30))
    first = await speakers(team, tmp_path)
    assert first == await speakers(team, tmp_path)
    assert all(before != after for before, after in pairwise(first))
    zero = three(RandomChoice(seed=0), stop=MaxTurns(max_turns=30))
    assert await speakers(zero, tmp_path) == await speakers(zero, tmp_path)


async def test_a_model_chooses_and_says_why(tmp_path: Path) -> None:
    team = three(ModelChoice(), saying("b", "I choose C!", "a"), stop=MaxTurns(max_turns=3))
    result = await run(team, "go", environment=environment(tmp_path))
    chosen = [event for event in result.events if isinstance(event, SpeakerChosen)]
    assert [event.speaker for event in chosen] == ["b", "c", "a"]
    assert [event.candidates for event in chosen] == [("a", "b", "c"), ("a", "c"), ("a", "b")]
    assert all(event.by == "model_choice" and event.reason for event in chosen)
    assert result.usage.calls == 6


async def test_a_model_that_names_nobody_is_corrected_and_then_passed_over_visibly(tmp_path: Path) -> None:
    asked: list[tuple[str, ...]] = []

    def say(request: object) -> str:
        asked.append(request.extra)
        return "TERMINATE"

    from conversation import SpokenModel

    team = three(ModelChoice(max_attempts=2), SpokenModel(say=say), stop=MaxTurns(max_turns=1))
    result = await run(team, "go", environment=environment(tmp_path))
    rejected = [event for event in result.events if isinstance(event, SelectionRejected)]
    chosen = next(event for event in result.events if isinstance(event, SpeakerChosen))
    assert len(rejected) == 2
    assert chosen.by == "fallback"
    assert chosen.speaker == "a"
    assert "TERMINATE" in asked[1][0]


async def test_each_choice_has_its_own_attempts(tmp_path: Path) -> None:
    team = three(ModelChoice(max_attempts=2), saying("nobody", "b", "who?", "c"), stop=MaxTurns(max_turns=2))
    result = await run(team, "go", environment=environment(tmp_path))
    chosen = [event for event in result.events if isinstance(event, SpeakerChosen)]
    assert [(event.speaker, event.by, event.attempts) for event in chosen] == [("b", "model_choice", 2), ("c", "model_choice", 2)]


async def test_a_model_may_let_somebody_speak_twice_where_that_is_allowed(tmp_path: Path) -> None:
    assert await speakers(three(ModelChoice(allow_repeat=True), saying("b"), stop=MaxTurns(max_turns=3)), tmp_path) == ["b", "b", "b"]


def test_a_choosing_model_reads_what_was_said_last() -> None:
    thread = [MessageSaid(source="a", text=str(number)) for number in range(50)]
    team = three(ModelChoice())
    candidates = Candidates("trio", tuple(team.participants), ("a", "b", "c"), ("a",), thread, 1, saying("b"))
    step = ModelChoice().choose(candidates)
    assert isinstance(step, CallModel)
    assert [said.text for said in step.request.thread] == [str(number) for number in range(30, 50)]


async def test_no_model_is_asked_where_only_one_may_speak(tmp_path: Path) -> None:
    team = three(ModelChoice(), saying("nobody"), transitions={"a": ("b",), "b": ("c",), "c": ()})
    result = await run(team, "go", environment=environment(tmp_path))
    assert not [event for event in result.events if isinstance(event, SelectionRejected)]
    assert [source for source, _ in lines(result.events)] == ["a", "b", "c"]


async def test_a_person_chooses_by_name_and_a_wrong_name_falls_back_visibly(tmp_path: Path) -> None:
    from conversation import Typed

    people = Typed("C", "nobody", "zoe")
    result = await run(three(Manual(), stop=MaxTurns(max_turns=3)), "go", people=people, environment=environment(tmp_path))
    chosen = [event for event in result.events if isinstance(event, SpeakerChosen)]
    assert [(event.speaker, event.by) for event in chosen] == [("c", "manual"), ("a", "fallback"), ("b", "fallback")]
    assert people.asked[0].choices == ("a", "b", "c")
    assert isinstance(people.asked[0], QuestionAsked)


async def test_a_hand_off_names_the_next_speaker(tmp_path: Path) -> None:
    first = Assistant(name="a", model=saying(calling(("transfer_to_c", "{}")), "a again"), handoffs=("c",))
    others = tuple(Assistant(name=name, model=saying(f"{name} DONE")) for name in ("b", "c"))
    result = await run(Team(participants=(first, *others), stop=TextMention(text="DONE")), "go", environment=environment(tmp_path))
    chosen = [event for event in result.events if isinstance(event, SpeakerChosen)]
    assert [(event.speaker, event.by) for event in chosen] == [("a", "round_robin"), ("c", "handoff")]
    assert result.stop_reason == "c said “DONE”"


async def test_a_hand_off_to_somebody_who_is_not_there_leaves_the_choice_to_the_team(tmp_path: Path) -> None:
    first = Assistant(name="a", model=saying(calling(("transfer_to_user", "{}"))), handoffs=("user",))
    others = tuple(Assistant(name=name, model=saying("hello")) for name in ("b", "c"))
    assert await speakers(Team(participants=(first, *others), stop=MaxTurns(max_turns=2)), tmp_path) == ["a", "b"]


async def test_an_agent_speaks_with_its_own_model_or_else_with_that_of_the_nearest_team(tmp_path: Path) -> None:
    inner = Team(name="inner", participants=(Assistant(name="b"),), stop=MaxTurns(max_turns=1))
    own = Assistant(name="a", model=saying("my own"))
    result = await run(
        Team(participants=(own, inner), model=saying("the team's"), stop=MaxTurns(max_turns=2)), "go", environment=environment(tmp_path)
    )
    assert lines(result.events) == [("a", "my own"), ("b", "the team's")]


# Hand-offs, their rules, and what comes after work ------------------------------------------------------------------------


def handing(*targets: str, **selection: Any) -> Team:
    """a, b and c; whoever is told a target hands over to it in its first turn, and says hello from then on."""
    names = ("a", "b", "c")
    people = tuple(
        Assistant(name=name, model=saying(calling((f"transfer_to_{target}", "{}")) if target else "hello", "hello"), handoffs=names)
        for name, target in zip(names, (*targets, "", "", "")[:3], strict=True)
    )
    return Team(participants=people, selection=Swarm(**selection), stop=MaxTurns(max_turns=4), variables={"debt": 5})


@pytest.mark.parametrize(
    ("after_work", "expected"),
    [("end", ["a", "b", "c"]), ("stay", ["a", "b", "c", "c"]), ("first", ["a", "b", "c", "a"]), ("back", ["a", "b", "c", "b"])],
)
async def test_after_work_says_who_goes_on_once_nobody_hands_over(tmp_path: Path, after_work: str, expected: list[str]) -> None:
    assert await speakers(handing("b", "c", after_work=after_work), tmp_path) == expected


async def test_a_rule_comes_before_a_hand_off(tmp_path: Path) -> None:
    assert await speakers(handing("b", rules={"debt > 3": "c"}), tmp_path) == ["a", "c"]


async def test_a_rule_gives_nobody_a_second_turn_and_names_no_stranger(tmp_path: Path) -> None:
    assert await speakers(handing(rules={"debt > 3": "a"}), tmp_path) == ["a"]
    assert await speakers(handing(rules={"debt > 3": "zoe"}), tmp_path) == ["a"]
    assert await speakers(handing(after={"a": "zoe"}), tmp_path) == ["a"]


async def test_somebody_else_than_the_first_member_can_begin(tmp_path: Path) -> None:
    assert await speakers(handing(first="b"), tmp_path) == ["b"]
    assert await speakers(handing(first="zoe"), tmp_path) == ["a"]


def test_two_participants_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two participants are called a"):
        Team(participants=(Assistant(name="a"), Assistant(name="a")))


def test_transitions_may_name_members_only() -> None:
    with pytest.raises(ValueError, match="who is not in the team"):
        Team(participants=(Assistant(name="a"),), transitions={"a": ("z",)})


async def test_transitions_that_are_not_allowed_leave_all_others(tmp_path: Path) -> None:
    team = three(
        RandomChoice(seed=1, allow_repeat=True), transitions={"a": ("a", "b")}, transitions_type="disallowed", stop=MaxTurns(max_turns=60)
    )
    spoke = await speakers(team, tmp_path)
    pairs = set(pairwise(spoke))
    assert pairs == {(before, after) for before in "abc" for after in "abc"} - {("a", "a"), ("a", "b")}


async def test_whoever_may_be_followed_by_nobody_ends_the_conversation(tmp_path: Path) -> None:
    team = three(RandomChoice(seed=2), transitions={"b": ("a", "b", "c")}, transitions_type="disallowed", stop=MaxTurns(max_turns=40))
    result = await run(team, "go", environment=environment(tmp_path))
    assert result.stop_reason == "nobody may speak after b"


async def test_a_round_leaves_out_who_may_not_follow(tmp_path: Path) -> None:
    team = three(RoundRobin(), transitions={"a": ("b",)}, transitions_type="disallowed", stop=MaxTurns(max_turns=5))
    assert await speakers(team, tmp_path) == ["a", "c", "a", "c", "a"]
    not_again = three(RoundRobin(), transitions={"b": ("b",)}, transitions_type="disallowed", stop=MaxTurns(max_turns=4))
    assert await speakers(not_again, tmp_path) == ["a", "b", "c", "a"]


async def test_a_model_and_a_person_are_given_the_names_that_are_left(tmp_path: Path) -> None:
    from conversation import Typed

    barred = {"transitions": {"a": ("b",)}, "transitions_type": "disallowed"}
    result = await run(
        three(ModelChoice(allow_repeat=True), saying("a", "b", "c"), stop=MaxTurns(max_turns=2), **barred),
        "go",
        environment=environment(tmp_path),
    )
    assert [event.candidates for event in result.events if isinstance(event, SpeakerChosen)] == [("a", "b", "c"), ("a", "c")]
    people = Typed("a", "c")
    await run(three(Manual(), stop=MaxTurns(max_turns=2), **barred), "go", people=people, environment=environment(tmp_path))
    assert [question.choices for question in people.asked] == [("a", "b", "c"), ("a", "c")]


@pytest.mark.parametrize("selection", [FollowEdges(), Swarm(), Graph(), Planner()], ids=lambda selection: selection.kind)
def test_ways_that_go_by_something_else_refuse_transitions_that_are_not_allowed(selection: object) -> None:
    with pytest.raises(ValueError, match="cannot say who may not speak"):
        three(selection, transitions_type="disallowed")


def test_followers_are_the_same_whichever_way_they_are_given() -> None:
    barred = three(Manual(), transitions={"a": ("a", "b"), "b": ("b",), "c": ("c",)}, transitions_type="disallowed")
    allowed = three(Manual(), transitions={"a": ("c",), "b": ("a", "c"), "c": ("a", "b")})
    assert barred.followers == allowed.followers
    assert barred.beginners == ("a", "b", "c")
    assert three(Manual(), transitions={"a": ("b",)}).beginners == ("a", "c")
    assert three(Manual(), transitions={"a": ("b",), "b": ("c",), "c": ("a",)}).beginners == ("a",)
    assert three(Manual()).followers is None
