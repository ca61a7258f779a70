"""Who is ready in a graph after every event: joins, groups, loops, and arrows that are taken or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conversation import SpokenModel, environment, lines, saying

from studio.engine.agents.assistant import Assistant
from studio.engine.conditions.max_messages import MaxMessages
from studio.engine.events import MessageSaid, SpeakerChosen
from studio.engine.models.base import ModelRequest
from studio.engine.script import run
from studio.engine.teams.chat import Chat
from studio.engine.teams.filter import Filter
from studio.engine.teams.graph import Graph, GraphEdge
from studio.engine.teams.selection import Candidates
from studio.engine.teams.society import Society
from studio.engine.teams.team import Team


def arrow(ends: str, condition: str = "", **more: Any) -> GraphEdge:
    source, target = ends.split(">")
    return GraphEdge(source=source, target=target, condition=condition, **more)


def team(*edges: GraphEdge, names: str = "abcd", **more: Any) -> Team:
    members = tuple(Assistant(name=name, model=saying(f"{name} says so")) for name in names)
    return Team(participants=members, selection=Graph(edges=edges), **more)


class Played:
    """A graph, and what is known after some of its members began ("a") and spoke ("a:what they said")."""

    def __init__(self, *edges: GraphEdge) -> None:
        self.team = team(*edges)
        self.memory: Any = None
        self.speaking: list[str] = []

    def goes(self, *steps: str) -> Played:
        for step in steps:
            name, spoke, said = step.partition(":")
            event = MessageSaid(source=name, text=said) if spoke else SpeakerChosen(source="team", speaker=name)
            self.memory = self.team.selection.observe(event, self.memory, self.team, {})
            if spoke:
                self.speaking.remove(name)
            else:
                self.speaking.append(name)
        return self

    @property
    def ready(self) -> list[str]:
        names = tuple(agent.name for agent in self.team.participants)
        known = Candidates("team", self.team.participants, names, (), (), 0, None, active=tuple(self.speaking), memory=self.memory)
        chosen = self.team.selection.choose(known)
        return [choice.speaker for choice in chosen] if isinstance(chosen, tuple) else []


def test_a_join_of_any_begins_once_where_several_arrive_before_it_does() -> None:
    graph = Played(arrow("a>b"), arrow("a>c"), arrow("b>d", join="any"), arrow("c>d", join="any"))
    graph.goes("a", "a:", "b", "c", "b:", "c:")
    assert graph.ready == ["d"]
    assert graph.goes("d", "d:").ready == []


def test_a_join_of_any_begins_again_for_who_speaks_once_more() -> None:
    graph = Played(arrow("a>b"), arrow("a>c"), arrow("b>d", join="any"), arrow("c>d", join="any"), arrow("d>c", "on"), arrow("d>b", "back"))
    graph.goes("a", "a:", "b", "c", "b:", "d")
    assert graph.goes("c:").ready == []
    assert graph.goes("d:on").ready == ["c"]
    assert graph.goes("c", "c:").ready == ["d"]
    assert graph.goes("d", "d:back").ready == ["b"]
    assert graph.goes("b", "b:").ready == ["d"]


def test_nobody_begins_a_second_turn_while_the_first_goes_on() -> None:
    graph = Played(arrow("a>b"), arrow("a>c"), arrow("b>d", group="left"), arrow("c>d", group="right"))
    graph.goes("a", "a:", "b", "c", "b:", "d", "c:")
    assert graph.ready == []
    assert graph.goes("d:").ready == ["d"]


def test_a_loop_is_entered_from_outside() -> None:
    graph = Played(arrow("a>b"), arrow("b>c"), arrow("c>b", "again"))
    assert graph.goes("a", "a:").ready == ["b"]
    assert graph.goes("b", "b:", "c", "c:again").ready == ["b"]


def test_a_group_waits_in_a_loop_too_and_counts_anew_each_time_round() -> None:
    graph = Played(arrow("a>b"), arrow("a>c"), arrow("b>d", group="both"), arrow("c>d", group="both"), arrow("d>a", "again"))
    for first, last in ("bc", "cb"):
        assert graph.goes("a", "a:", "b", "c", f"{first}:").ready == []
        assert graph.goes(f"{last}:").ready == ["d"]
        assert graph.goes("d", "d:again").ready == ["a"]


def test_who_only_comes_back_to_itself_begins() -> None:
    assert Graph(edges=(arrow("d>d", "more"), arrow("d>a"), arrow("a>b"), arrow("a>c"))).may_begin(team()) == ("d",)


@pytest.mark.parametrize(("said", "fits"), [("yes", True), (" YES\n", True), ("yes, sure", False), ("", False)])
def test_a_message_equals_a_condition_whatever_its_case_and_the_blanks_around_it(said: str, fits: bool) -> None:
    assert arrow("a>b", "Yes ", how="equals").fits(said, "a", {}) is fits


@pytest.mark.parametrize("inner", [Team, Society, Chat, Filter], ids=lambda kind: kind.kind)
@pytest.mark.parametrize("heard", ["all", "last"])
async def test_whoever_comes_after_a_team_hears_what_came_of_it_and_speaks_once(inner: type[Team], heard: str, tmp_path: Path) -> None:
    told: list[list[str]] = []

    def listen(request: ModelRequest) -> str:
        told.append([event.text for event in request.thread if isinstance(event, MessageSaid)])
        return "z"

    own: dict[str, Any] = {"model": saying("in its own words"), "heard": heard, "stop": MaxMessages(max_messages=1)}
    if inner is Chat:
        own["summarised"] = "model"
    first = inner(name="inner", participants=team(names="a").participants, **own)
    last = Assistant(name="z", model=SpokenModel(say=listen))
    result = await run(
        Team(participants=(first, last), selection=Graph(edges=(arrow("inner>z"),))), "go", environment=environment(tmp_path)
    )
    came = "a says so" if inner in (Team, Filter) else "in its own words"
    assert told == [["go", came]]
    assert [event.speaker for event in result.events if isinstance(event, SpeakerChosen) and event.scope is None] == ["inner", "z"]


async def test_branches_take_no_more_turns_than_the_team_may(tmp_path: Path) -> None:
    result = await run(team(arrow("a>b"), arrow("a>c"), arrow("a>d"), max_turns=3), "go", environment=environment(tmp_path))
    assert sorted(source for source, _ in lines(result.events)) == ["a", "b", "c"]
    assert result.stop_reason == "3 turns were taken, the most that team may take"
