"""The ways in which a team talks: graphs, hand-offs, planners, societies, filters, rows of chats, functions, teams as tools."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
from conversation import SpokenModel, Typed, calling, environment, lines, saying
from patience import within
from pydantic import ValidationError

from studio.engine.agents.assistant import Assistant
from studio.engine.agents.human import Human
from studio.engine.agents.python_agent import PythonAgent
from studio.engine.code.local import LocalExecutor
from studio.engine.conditions.done import Done
from studio.engine.conditions.function import FunctionRule
from studio.engine.conditions.loop_detector import LoopDetector
from studio.engine.conditions.max_messages import MaxMessages
from studio.engine.conditions.max_turns import MaxTurns
from studio.engine.conditions.said_by import SaidBy
from studio.engine.conditions.tool_used import ToolUsed
from studio.engine.context.head_and_tail import HeadAndTail
from studio.engine.context.last import LastMessages
from studio.engine.context.summary import SummaryOfOld
from studio.engine.context.token_budget import TokenBudget
from studio.engine.errors import ConveneError
from studio.engine.events import (
    YOU,
    ConversationOpened,
    Event,
    HandedOff,
    LedgerWritten,
    MessageSaid,
    RunFinished,
    SpeakerChosen,
    Summarised,
    ToolFinished,
)
from studio.engine.expressions import holds, parse
from studio.engine.fold import fold
from studio.engine.memory.list_memory import ListMemory
from studio.engine.models.base import ModelRequest
from studio.engine.script import Result, run
from studio.engine.stored_events import event_from_json, event_to_json
from studio.engine.teams.chat import Chat
from studio.engine.teams.filter import Filter, Hears
from studio.engine.teams.function_choice import FunctionChoice
from studio.engine.teams.graph import Graph, GraphEdge
from studio.engine.teams.planner import Planner
from studio.engine.teams.sequential import Sequential
from studio.engine.teams.society import Society
from studio.engine.teams.swarm import Swarm
from studio.engine.teams.team import Team
from studio.engine.tools.team_tool import AgentTool, TeamTool
from studio.engine.tools.variables import Variables


def texts(request: ModelRequest) -> list[str]:
    return [event.text for event in request.thread if isinstance(event, MessageSaid)]


def by_name(**sayings: Any) -> SpokenModel:
    """Each agent says its own texts in turn; a function is asked with the request."""

    def say(request: ModelRequest) -> Any:
        said = sayings[request.agent]
        if callable(said):
            return said(request)
        if isinstance(said, list):
            return said[min(request.earlier_calls, len(said) - 1)]
        return said

    return SpokenModel(say=say)


def members(model: SpokenModel, *names: str, **more: Any) -> tuple[Assistant, ...]:
    return tuple(Assistant(name=name, model=model, **more) for name in names)


async def talk(team: Team, folder: Path, task: str = "go") -> Result:
    """Run a team, and see that its log folds to the same state again."""
    async with asyncio.timeout(within(20)):
        result = await run(team, task, environment=environment(folder))
    again = [event_from_json(event_to_json(event)) for event in result.events]
    assert fold(team, result.events) == fold(team, again)
    return result


def of(kind: type[Any], events: Sequence[Event]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def speakers(result: Result) -> list[str]:
    return [event.speaker for event in of(SpeakerChosen, result.events) if event.scope is None]


def arrows(*pairs: str, **more: Any) -> tuple[GraphEdge, ...]:
    """a>b, or a>b:word for an arrow that is taken when the word is said."""
    found = []
    for pair in pairs:
        ends, _, condition = pair.partition(":")
        source, target = ends.split(">")
        found.append(GraphEdge(source=source, target=target, condition=condition, **more))
    return tuple(found)


def graph(model: SpokenModel, *pairs: str, stop: Any = None, **more: Any) -> Team:
    names = dict.fromkeys(name for pair in pairs for name in pair.partition(":")[0].split(">"))
    return Team(participants=members(model, *names), selection=Graph(edges=arrows(*pairs), **more), stop=stop)


# Graphs ---------------------------------------------------------------------------------------------------------------


async def test_a_graph_runs_its_branches_at_once_and_joins_them(tmp_path: Path) -> None:
    both = asyncio.Event()
    there: list[str] = []

    def say(request: ModelRequest) -> str:
        there.append(request.agent)
        if {"b", "c"} <= set(there):
            both.set()
        return request.agent

    result = await talk(graph(SpokenModel(say=say), "a>b", "a>c", "b>d", "c>d"), tmp_path)
    assert speakers(result) == ["a", "b", "c", "d"]
    assert [name for name, _ in lines(result.events)][-1] == "d"
    assert result.stop_reason == "every way through the graph has come to its end"


async def test_a_join_of_any_begins_with_the_first(tmp_path: Path) -> None:
    edges = (*arrows("a>b", "a>c", "c>e"), *arrows("b>d", "e>d", join="any"))
    team = Team(participants=members(saying("x"), "a", "b", "c", "e", "d"), selection=Graph(edges=edges))
    assert speakers(await talk(team, tmp_path)).count("d") == 2
    waiting = Team(participants=team.participants, selection=Graph(edges=(*arrows("a>b", "a>c", "c>e", "b>d", "e>d"),)))
    assert speakers(await talk(waiting, tmp_path)).count("d") == 1


async def test_who_was_already_speaking_starts_a_join_of_any_no_second_time(tmp_path: Path) -> None:
    begun = asyncio.Event()

    class Slow(SpokenModel):
        kind: ClassVar[str] = "test_slow"

        def connect(self, accounts: Any) -> Any:
            client = super().connect(accounts)

            class Waiting:
                async def stream(self, request: ModelRequest) -> Any:
                    if request.agent == "d":
                        begun.set()
                    elif request.agent == "c":
                        await begun.wait()
                    async for piece in client.stream(request):
                        yield piece

                close = client.close

            return Waiting()

    edges = (*arrows("a>b", "a>c"), *arrows("b>d", "c>d", join="any"), *arrows("d>e"))
    team = Team(participants=members(Slow(say=lambda _: "x"), "a", "b", "c", "d", "e"), selection=Graph(edges=edges))
    assert speakers(await talk(team, tmp_path)) == ["a", "b", "c", "d", "e"]


async def test_each_group_of_arrows_begins_a_turn_of_its_own(tmp_path: Path) -> None:
    edges = (*arrows("a>b", "a>c"), *arrows("b>d", group="left"), *arrows("c>d", group="right"))
    team = Team(participants=members(saying("x"), "a", "b", "c", "d"), selection=Graph(edges=edges))
    assert speakers(await talk(team, tmp_path)) == ["a", "b", "c", "d", "d"]


async def test_conditions_choose_the_way_and_otherwise_takes_the_rest(tmp_path: Path) -> None:
    edges = (GraphEdge(source="a", target="b", condition="yes"), GraphEdge(source="a", target="c", how="otherwise"))
    for answer, target in (("yes, sure", "b"), ("no", "c")):
        team = Team(participants=members(by_name(a=answer, b="x", c="x"), "a", "b", "c"), selection=Graph(edges=edges))
        assert speakers(await talk(team, tmp_path)) == ["a", target]


async def test_a_loop_goes_round_until_its_exit(tmp_path: Path) -> None:
    model = by_name(writer="draft", critic=["again", "again", "good"], editor="printed")
    result = await talk(graph(model, "writer>critic", "critic>writer:again", "critic>editor:good"), tmp_path)
    assert speakers(result) == ["writer", "critic", "writer", "critic", "writer", "critic", "editor"]


async def test_two_loops_and_a_node_that_comes_back_to_itself(tmp_path: Path) -> None:
    model = by_name(a=["more", "go"], b=["back", "on"], c=["back", "end"])
    result = await talk(graph(model, "a>a:more", "a>b:go", "b>a:back", "b>c:on", "c>b:back"), tmp_path)
    assert speakers(result) == ["a", "a", "b", "a", "b", "c", "b", "c"]


async def test_a_graph_whose_condition_is_over_variables(tmp_path: Path) -> None:
    edges = (GraphEdge(source="a", target="b", condition="tries >= 2 and 'x' in last", how="expression"),)
    for tries, expected in ((1, ["a"]), (2, ["a", "b"])):
        team = Team(participants=members(saying("x"), "a", "b"), selection=Graph(edges=edges, start=("a",)), variables={"tries": tries})
        assert speakers(await talk(team, tmp_path)) == expected


def test_an_arrow_whose_condition_cannot_be_read_is_refused() -> None:
    for how, condition in (("regex", "(a+)+b"), ("regex", "("), ("expression", "import os")):
        with pytest.raises(ValueError, match=r"could take very long|no regular expression|no condition"):
            GraphEdge(source="a", target="b", condition=condition, how=how)


async def test_a_team_in_a_graph_passes_its_last_message_on(tmp_path: Path) -> None:
    inner = Team(name="inner", participants=members(by_name(x="one", y="fine"), "x", "y"), stop=MaxMessages(max_messages=2))
    edges = (GraphEdge(source="inner", target="z", condition="fine", how="equals"),)
    team = Team(participants=(inner, *members(saying("end"), "z")), selection=Graph(edges=edges))
    assert lines((await talk(team, tmp_path)).events) == [("x", "one"), ("y", "fine"), ("z", "end")]


# Hand-offs ------------------------------------------------------------------------------------------------------------


def swarm(model: SpokenModel, stop: Any = None, variables: Any = None, **more: Any) -> Team:
    people = (
        Assistant(name="front", model=model, handoffs=("billing", "user"), handoff_when={"billing": "It is about money."}),
        Assistant(name="billing", model=model, handoffs=("front",)),
    )
    return Team(participants=people, selection=Swarm(**more), stop=stop, variables=variables or {})


async def test_whoever_is_handed_the_conversation_speaks_and_nobody_means_the_end(tmp_path: Path) -> None:
    result = await talk(swarm(by_name(front=calling(("transfer_to_billing", "{}")), billing="paid")), tmp_path)
    assert speakers(result) == ["front", "billing"]
    assert result.stop_reason == "billing handed over to nobody"


@pytest.mark.parametrize(
    ("after_work", "expected"),
    [("stay", ["front", "front", "front"]), ("first", ["front", "front", "front"]), ("back", ["front", "front", "front"])],
)
async def test_after_work_says_who_goes_on(tmp_path: Path, after_work: Any, expected: list[str]) -> None:
    team = swarm(by_name(front="x", billing="y"), stop=MaxTurns(max_turns=3), after_work=after_work)
    assert speakers(await talk(team, tmp_path)) == expected


async def test_the_target_after_a_members_work_and_rules_over_variables(tmp_path: Path) -> None:
    team = swarm(by_name(front="x", billing="y"), stop=MaxTurns(max_turns=3), after={"front": "billing", "billing": "front"})
    assert speakers(await talk(team, tmp_path)) == ["front", "billing", "front"]
    ruled = swarm(by_name(front="x", billing="y"), variables={"debt": 5}, rules={"debt > 3 and speaker == 'front'": "billing"})
    assert speakers(await talk(ruled, tmp_path)) == ["front", "billing"]


async def test_when_to_hand_over_is_told_to_the_model(tmp_path: Path) -> None:
    told: list[str] = []

    def listen(request: ModelRequest) -> str:
        told.extend(tool.description for tool in request.tools)
        return "x"

    await talk(swarm(SpokenModel(say=listen)), tmp_path)
    assert "Hand the conversation over to billing. It is about money." in told


async def test_a_condition_over_variables_hands_over_before_a_model_is_asked(tmp_path: Path) -> None:
    def count(n: int, variables: Variables) -> str:
        """Count."""
        variables["visits"] = n
        return "counted"

    people = (
        Assistant(name="desk", model=by_name(desk=calling(("count", '{"n": 4}'))), tools=[count], handoff_if={"boss": "visits > 3"}),
        Assistant(name="boss", model=saying("fine"), handoff_if={"desk": "visits > 9"}),
    )
    result = await talk(Team(participants=people, selection=Swarm(), variables={"visits": 1}), tmp_path)
    assert speakers(result) == ["desk", "boss"]
    (handed,) = of(HandedOff, result.events)
    assert (handed.source, handed.target, handed.wordless) == ("desk", "boss", True)
    assert of(RunFinished, result.events)[0].usage.calls == 2, "the model of desk was not asked a second time"


async def test_a_hand_over_is_offered_only_while_its_condition_holds(tmp_path: Path) -> None:
    offered: list[list[str]] = []

    def listen(request: ModelRequest) -> str:
        offered.append([tool.name for tool in request.tools])
        return "x"

    for visits in (1, 4):
        one = Assistant(name="a", model=SpokenModel(say=listen), handoffs=("b", "c"), handoff_while={"b": "visits > 3"})
        await talk(Team(participants=(one, *members(saying("y"), "b", "c")), selection=Swarm(), variables={"visits": visits}), tmp_path)
    assert offered == [["transfer_to_c"], ["transfer_to_b", "transfer_to_c"]]
    with pytest.raises(ValidationError, match="no condition that can be read"):
        Assistant(name="a", handoff_if={"b": "visits >"})


# Planner --------------------------------------------------------------------------------------------------------------


def report(speaker: str = "ann", done: bool = False, loop: bool = False, progress: bool = True) -> str:
    data = {
        "is_request_satisfied": done,
        "is_in_loop": loop,
        "is_progress_being_made": progress,
        "next_speaker": speaker,
        "instruction": "do it",
        "reason": "because",
    }
    return json.dumps(data)


def planned(*boss: str, **more: Any) -> Team:
    model = by_name(boss=list(boss), ann="did it", bob="did it too")
    return Team(name="boss", participants=members(model, "ann", "bob"), selection=Planner(**more), model=model)


async def test_a_planner_collects_facts_plans_directs_and_answers(tmp_path: Path) -> None:
    result = await talk(planned("facts", "plan", report("ann"), report("bob"), report(done=True), "the answer"), tmp_path)
    assert [event.page for event in of(LedgerWritten, result.events)] == ["facts", "plan", "progress", "progress", "progress", "answer"]
    assert speakers(result) == ["ann", "bob"]
    assert lines(result.events)[-1] == ("boss", "the answer")
    assert result.status == "done"


async def test_a_planner_that_stalls_plans_anew_and_gives_up_in_the_end(tmp_path: Path) -> None:
    stuck = report(progress=False)
    team = planned("facts", "plan", stuck, stuck, "facts 2", "plan 2", stuck, stuck, "sorry", max_stalls=2, max_plans=2)
    result = await talk(team, tmp_path)
    assert [event.text for event in of(LedgerWritten, result.events) if event.page == "plan"] == ["plan", "plan 2"]
    assert lines(result.events)[-1] == ("boss", "sorry")


async def test_a_planner_whose_reports_cannot_be_read_fails_in_words(tmp_path: Path) -> None:
    result = await talk(planned("facts", "plan", "hm"), tmp_path)
    assert result.status == "failed"
    assert "no progress report that can be read" in result.stop_reason
    repaired = await talk(planned("facts", "plan", "hm", report(done=True), "fine"), tmp_path)
    assert repaired.status == "done"


async def test_a_planner_answers_when_its_rounds_are_over(tmp_path: Path) -> None:
    team = planned("facts", "plan", report(), report(), "enough", max_rounds=2)
    assert lines((await talk(team, tmp_path)).events)[-1] == ("boss", "enough")


# Teams within teams -----------------------------------------------------------------------------------------------------


async def test_a_society_speaks_as_one_and_begins_anew_each_time(tmp_path: Path) -> None:
    heard: list[list[str]] = []

    def first(request: ModelRequest) -> str:
        heard.append(texts(request))
        return "inner words"

    model = by_name(x=first, y="more", us="our answer", out="thanks")
    inner = Society(name="us", participants=members(model, "x", "y"), stop=MaxMessages(max_messages=2), model=model)
    team = Team(participants=(inner, *members(model, "out")), stop=MaxTurns(max_turns=4))
    result = await talk(team, tmp_path)
    own = [event for event in result.events if event.scope is None]
    assert lines(own) == [("us", "our answer"), ("out", "thanks")] * 2
    assert heard == [["go"], ["go", "our answer", "thanks"]]


async def test_a_filter_lets_only_part_of_the_conversation_through(tmp_path: Path) -> None:
    heard: list[list[str]] = []

    def listen(request: ModelRequest) -> str:
        heard.append(texts(request))
        return "mine"

    model = by_name(a=["a1", "a2"], b=["b1", "b2"], c=listen)
    limited = Filter(name="ear", participants=members(model, "c"), hears=(Hears(source="a", count=1),))
    team = Team(participants=(*members(model, "a", "b"), limited), stop=MaxTurns(max_turns=6))
    assert ("c", "mine") in lines((await talk(team, tmp_path)).events)
    assert heard == [["go", "a1"], ["go", "mine", "a2"]]


@pytest.mark.parametrize(
    ("settings", "heard"),
    [
        ({}, ["go", "mine"]),
        ({"hears_task": False}, ["mine"]),
        ({"hears": (Hears(source="ann", position="first", count=1),)}, ["go", "one", "mine"]),
        ({"hears": (Hears(source="ann", count=1),)}, ["go", "mine", "two"]),
        ({"hears": (Hears(source="ann"),), "hears_task": False}, ["one", "mine", "two"]),
    ],
)
def test_a_filter_lets_through_what_is_listed_and_what_its_agent_said(settings: Any, heard: list[str]) -> None:
    thread = [
        MessageSaid(source=YOU, text="go", role="task"),
        MessageSaid(source="ann", text="one"),
        MessageSaid(source="me", text="mine"),
        MessageSaid(source="bob", text="other"),
        MessageSaid(source="ann", text="two"),
    ]
    filtered = Filter(name="filtered", participants=(Assistant(name="me"),), **settings)
    assert [event.text for event in filtered.hearing(thread)] == heard  # type: ignore[union-attr]


async def test_who_speaks_at_the_same_time_does_not_wait_for_the_answer_of_a_person(tmp_path: Path) -> None:
    model = by_name(a="begin", b="meanwhile", c="both heard")
    arrows = (("a", "boss"), ("a", "b"), ("boss", "c"), ("b", "c"))
    graph = Graph(edges=tuple(GraphEdge(source=source, target=target) for source, target in arrows))
    team = Team(participants=(*members(model, "a", "b", "c"), Human(name="boss")), selection=graph)
    result = await run(team, "go", people=Typed("fine"), environment=environment(tmp_path))
    order = [event.type for event in result.events if event.type in ("question", "answer") or getattr(event, "text", "") == "meanwhile"]
    assert order == ["question", "message", "answer"]
    assert sorted(lines(result.events)[1:3]) == [("b", "meanwhile"), ("boss", "fine")]
    assert lines(result.events)[-1] == ("c", "both heard")


async def test_chats_follow_one_another_with_summaries_as_context(tmp_path: Path) -> None:
    heard: dict[str, list[list[str]]] = {}

    def listen(answer: str) -> Callable[[ModelRequest], str]:
        def say(request: ModelRequest) -> str:
            heard.setdefault(request.agent, []).append(texts(request))
            return answer

        return say

    model = by_name(a=listen("found"), b=listen("written"), second="a summary")
    first = Chat(name="first", participants=members(model, "a"), message="look it up", max_turns=1)
    second = Chat(name="second", participants=members(model, "b"), message="write", max_turns=1, summarised="model", model=model)
    result = await talk(Team(participants=(first, second), selection=Sequential()), tmp_path)
    own = [event for event in result.events if event.scope is None]
    assert lines(own) == [("first", "found"), ("second", "a summary")]
    assert heard == {"a": [["look it up"]], "b": [["write\nContext:\nfound"]]}


async def test_a_row_within_a_team_is_gone_through_at_each_of_its_turns(tmp_path: Path) -> None:
    model = by_name(a=["one", "three"], b=["two", "four"], c="go on")
    row = Team(name="row", participants=members(model, "a", "b"), selection=Sequential())
    result = await talk(Team(participants=(row, *members(model, "c")), max_turns=3), tmp_path)
    spoken = [event.source for event in of(MessageSaid, result.events) if event.source in "abc"]
    assert spoken == ["a", "b", "c", "a", "b"]


async def test_a_function_makes_the_summary_of_a_chat_here_or_in_the_sandbox(tmp_path: Path) -> None:
    model = by_name(a="found", b="written")

    def counted(messages: list[dict[str, str]]) -> str:
        return f"{len(messages)} by {messages[-1]['source']}"

    here = Chat(name="first", participants=members(model, "a"), max_turns=1, summarised="function", summary_function=counted)
    source = "def summary(messages: list[dict]) -> str:\n    return messages[-1]['text'].upper()\n"
    there = Chat(name="second", participants=members(model, "b"), max_turns=1, summarised="function", summary_source=source)
    team = Team(participants=(here, there), selection=Sequential())
    result = await run(team, "go", environment=environment(tmp_path, allow_local_code=True))
    assert lines([event for event in result.events if event.scope is None]) == [("first", "2 by a"), ("second", "WRITTEN")]
    assert fold(team, result.events).finished is not None


async def test_a_team_and_an_agent_are_tools(tmp_path: Path) -> None:
    model = by_name(
        boss=[calling(("experts", '{"task": "think"}'), ("clerk", '{"task": "note"}')), "all done"], x="one", y="two", clerk="noted"
    )
    experts = Team(name="experts", participants=members(model, "x", "y"), stop=MaxMessages(max_messages=2))
    boss = Assistant(name="boss", model=model, tools=(TeamTool(team=experts), *members(model, "clerk")))
    result = await talk(Team(participants=(boss,), max_turns=1), tmp_path)
    assert [(event.name, event.output) for event in of(ToolFinished, result.events)] == [
        ("experts", "x: one\n\ny: two"),
        ("clerk", "noted"),
    ]
    assert [event.call for event in of(ConversationOpened, result.events)] == ["c4_1", "c4_2"]
    assert lines(result.events)[-1] == ("boss", "all done")


async def test_an_agent_as_a_tool_knows_what_its_caller_asked_before(tmp_path: Path) -> None:
    heard: list[list[str]] = []

    def clerk(request: ModelRequest) -> str:
        heard.append([event.text for event in request.thread if isinstance(event, MessageSaid)])
        return f"noted {len(heard)}"

    model = by_name(boss=[calling(("clerk", '{"task": "one"}'), ("clerk", '{"task": "two"}')), "all done"], clerk=clerk)
    boss = Assistant(name="boss", model=model, tools=(AgentTool(agent=members(model, "clerk")[0]),))
    result = await talk(Team(participants=(boss,), max_turns=1), tmp_path)
    assert heard == [["one"], ["one", "noted 1", "two"]]
    assert [event.output for event in of(ToolFinished, result.events)] == ["noted 1", "noted 2"]


async def test_an_agent_as_a_tool_can_begin_anew_with_every_call_and_answer_below_its_name(tmp_path: Path) -> None:
    heard: list[list[str]] = []

    def clerk(request: ModelRequest) -> str:
        heard.append([event.text for event in request.thread if isinstance(event, MessageSaid)])
        return "noted"

    model = by_name(boss=[calling(("clerk", '{"task": "one"}'), ("clerk", '{"task": "two"}')), "all done"], clerk=clerk)
    tool = AgentTool(agent=members(model, "clerk")[0], remembers=False, heard="all")
    result = await talk(Team(participants=(Assistant(name="boss", model=model, tools=(tool,)),), max_turns=1), tmp_path)
    assert heard == [["one"], ["two"]]
    assert [event.output for event in of(ToolFinished, result.events)] == ["clerk: noted", "clerk: noted"]


async def test_a_python_agent_can_be_called_too(tmp_path: Path) -> None:
    def count(messages: list[dict[str, str]]) -> str:
        return f"{len(messages[-1]['text'].split())} words"

    model = by_name(boss=[calling(("counter", '{"task": "one two three"}')), "all done"])
    tool = AgentTool(agent=PythonAgent(name="counter", function=count))
    result = await talk(Team(participants=(Assistant(name="boss", model=model, tools=(tool,)),), max_turns=1), tmp_path)
    assert [event.output for event in of(ToolFinished, result.events)] == ["3 words"]


async def test_two_callers_of_one_agent_at_once_never_mix_what_they_asked(tmp_path: Path) -> None:
    heard: list[tuple[str, ...]] = []

    def clerk(request: ModelRequest) -> str:
        said = tuple(event.text for event in request.thread if isinstance(event, MessageSaid))
        heard.append(said)
        return f"answer to {said[-1]}"

    def asking(name: str) -> list[Any]:
        return [calling(("clerk", f'{{"task": "{name} first"}}')), calling(("clerk", f'{{"task": "{name} again"}}')), f"{name} is done"]

    model = by_name(start="begin", left=asking("left"), right=asking("right"), clerk=clerk)
    tool = AgentTool(agent=members(model, "clerk")[0])
    start, left, right = members(model, "start")[0], *members(model, "left", "right", tools=(tool,))
    arrows = (GraphEdge(source="start", target="left"), GraphEdge(source="start", target="right"))
    result = await talk(Team(participants=(start, left, right), selection=Graph(edges=arrows)), tmp_path)
    assert result.status == "done"
    assert sorted(heard) == sorted(
        each for name in ("left", "right") for each in ((f"{name} first",), (f"{name} first", f"answer to {name} first", f"{name} again"))
    )


def test_a_person_and_a_team_are_no_agents_that_can_be_called() -> None:
    clerk = Assistant(name="clerk")
    for agent, words in ((Human(name="you"), "you is a person"), (Team(name="experts", participants=(clerk,)), "experts is a team")):
        with pytest.raises(ValidationError, match=words):
            AgentTool(agent=agent)


async def test_a_call_of_a_team_without_a_task_is_a_result_that_can_be_repaired(tmp_path: Path) -> None:
    model = by_name(boss=[calling(("clerk", "{}")), "oh"], clerk="noted")
    boss = Assistant(name="boss", model=model, tools=members(model, "clerk"))
    result = await talk(Team(participants=(boss,), max_turns=1), tmp_path)
    assert [event.is_error for event in of(ToolFinished, result.events)] == [True]
    assert result.status == "done"


# Functions --------------------------------------------------------------------------------------------------------------


async def test_a_function_chooses_who_speaks_and_ends_it(tmp_path: Path) -> None:
    def choose(messages: list[dict[str, str]], names: list[str]) -> str | None:
        return {1: "bob", 2: "ann"}.get(len(messages))

    team = Team(participants=members(saying("x"), "ann", "bob"), selection=FunctionChoice(function=choose))
    result = await talk(team, tmp_path)
    assert speakers(result) == ["bob", "ann"]
    assert result.stop_reason == "choose named nobody"


async def test_a_function_that_raises_or_names_a_stranger_fails_in_words(tmp_path: Path) -> None:
    def broken(messages: list[dict[str, str]], names: list[str]) -> str:
        raise ValueError("no idea")

    for function, words in ((broken, "ValueError: no idea"), (lambda messages, names: "zoe", "'zoe', who is not in the team")):
        team = Team(participants=members(saying("x"), "ann", "bob"), selection=FunctionChoice(function=function))
        result = await talk(team, tmp_path)
        assert result.status == "failed"
        assert words in result.stop_reason


async def test_a_function_written_as_text_runs_in_the_sandbox(tmp_path: Path) -> None:
    source = "def next_one(messages: list[dict], names: list[str]) -> str | None:\n    return names[-1] if len(messages) < 3 else None\n"
    team = Team(participants=members(saying("x"), "ann", "bob"), selection=FunctionChoice(source=source))
    async with asyncio.timeout(within(60)):
        result = await run(team, "go", environment=environment(tmp_path, allow_local_code=True))
    assert speakers(result) == ["bob", "bob"]


async def test_a_rule_of_ones_own_ends_the_conversation(tmp_path: Path) -> None:
    rule = FunctionRule(function=lambda messages: messages[-1]["text"] == "three")
    team = Team(participants=members(saying("one", "two", "three", "four"), "ann"), stop=rule | MaxMessages(max_messages=9))
    result = await talk(team, tmp_path)
    assert lines(result.events)[-1] == ("ann", "three")
    assert of(RunFinished, result.events)[0].by == "function_rule"


async def test_an_agent_in_python_answers(tmp_path: Path) -> None:
    agent = PythonAgent(name="py", function=lambda messages: f"{len(messages)} so far")
    result = await talk(Team(participants=(agent,), stop=MaxMessages(max_messages=2)), tmp_path)
    assert lines(result.events) == [("py", "1 so far"), ("py", "2 so far")]


async def test_a_text_that_looks_like_json_is_said_as_it_is(tmp_path: Path) -> None:
    source = 'def reply(messages: list[dict]) -> object:\n    return {"a": None} if messages[1:] else \'{"a": null}\'\n'
    agent = PythonAgent(name="py", source=source, executor=LocalExecutor())
    async with asyncio.timeout(60):
        result = await run(
            Team(participants=(agent,), stop=MaxMessages(max_messages=2)), "go", environment=environment(tmp_path, allow_local_code=True)
        )
    assert lines(result.events) == [("py", '{"a": null}'), ("py", "{'a': None}")]


# Stop rules -------------------------------------------------------------------------------------------------------------


async def test_rules_see_who_spoke_which_tool_ran_and_who_is_done(tmp_path: Path) -> None:
    def note(text: str) -> str:
        return text

    model = by_name(ann=[calling(("note", '{"text": "x"}')), "hm"], bob=[calling(("end_conversation", '{"answer": "bye"}'))])
    ann = Assistant(name="ann", model=model, tools=(note,))
    bob = Assistant(name="bob", model=model, may_end=True)
    for rule, by in ((SaidBy(sources=("ann",)), "said_by"), (ToolUsed(name="note"), "tool_used"), (Done(), "done")):
        result = await talk(Team(participants=(ann, bob), stop=rule), tmp_path)
        assert of(RunFinished, result.events)[0].by == by
    assert lines(result.events)[-1] == ("bob", "bye")


@pytest.mark.parametrize(
    "words", [("Thanks!", "You're welcome!", "Bye!"), ("a b c d", "a b c d", "a b c d", "a b c d"), ("let us see", "...", "!", "—")]
)
async def test_going_in_circles_ends_the_conversation(tmp_path: Path, words: tuple[str, ...]) -> None:
    team = Team(participants=members(saying(*words), "ann"), stop=LoopDetector() | MaxMessages(max_messages=20))
    assert of(RunFinished, (await talk(team, tmp_path)).events)[0].by == "loop_detector"


async def test_a_conversation_that_goes_on_is_no_circle(tmp_path: Path) -> None:
    words = [f"Step {n}: now we look at part {n * 7} of the plan and thank nobody." for n in range(12)]
    team = Team(participants=members(saying(*words), "ann"), stop=LoopDetector() | MaxMessages(max_messages=12))
    assert of(RunFinished, (await talk(team, tmp_path)).events)[0].by == "max_messages"


# What an assistant reads --------------------------------------------------------------------------------------------------


async def test_memory_and_variables_are_told_to_the_model(tmp_path: Path) -> None:
    told: list[str] = []

    def listen(request: ModelRequest) -> str:
        told.append(request.system)
        return "x"

    ann = Assistant(
        name="ann",
        model=SpokenModel(say=listen),
        system_message="You serve {customer}. {unknown}",
        memory=(ListMemory(facts=("It rains.",)),),
    )
    await talk(Team(participants=(ann,), max_turns=1, variables={"customer": "Eve"}), tmp_path)
    assert told == ["You serve Eve. {unknown}\n\nWhat you know:\n- It rains."]


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (LastMessages(count=2), ["go", "6", "7"]),
        (HeadAndTail(head=1, tail=2), ["go", "(5 messages are left out here.)", "6", "7"]),
        (TokenBudget(tokens=100), ["go", "(5 earlier messages are left out.)", "6" + "x" * 150, "7" + "x" * 150]),
    ],
)
async def test_a_context_policy_shows_a_part(tmp_path: Path, context: Any, expected: list[str]) -> None:
    seen: list[list[str]] = []
    long = "x" * 150 if isinstance(context, TokenBudget) else ""

    def listen(request: ModelRequest) -> str:
        seen.append(texts(request))
        return f"{request.earlier_calls + 1}{long}"

    ann = Assistant(name="ann", model=SpokenModel(say=listen), context=context)
    await talk(Team(participants=(ann,), stop=MaxMessages(max_messages=8)), tmp_path)
    assert seen[-1] == expected


async def test_the_old_part_is_summarised_by_the_model(tmp_path: Path) -> None:
    seen: list[list[str]] = []

    def listen(request: ModelRequest) -> str:
        if request.purpose == "summary":
            return f"summary of {len(request.thread)}"
        seen.append(texts(request))
        return "y" * 200

    ann = Assistant(name="ann", model=SpokenModel(say=listen), context=SummaryOfOld(tokens=100, keep=1))
    result = await talk(Team(participants=(ann,), stop=MaxMessages(max_messages=6)), tmp_path)
    assert of(Summarised, result.events)
    assert seen[-1][0].startswith("What was said before, in short:\nsummary of")
    assert all(len(each) <= 4 for each in seen)


async def test_calls_and_results_are_never_torn_apart(tmp_path: Path) -> None:
    def note(text: str) -> str:
        return "z" * 50

    def listen(request: ModelRequest) -> Any:
        called = {call.id for event in request.thread if event.type == "tool_calls" for call in event.calls}
        answered = {event.call for event in request.thread if event.type == "tool_result"}
        assert called == answered
        return (
            calling(("note", '{"text": "x"}'), ("note", '{"text": "y"}')) if request.tools and request.earlier_calls % 3 else "words " * 10
        )

    for context in (LastMessages(count=3), HeadAndTail(head=2, tail=3), TokenBudget(tokens=100), SummaryOfOld(tokens=100, keep=2)):
        model = SpokenModel(say=lambda request: "short" if request.purpose == "summary" else listen(request))
        ann = Assistant(name="ann", model=model, tools=(note,), context=context, max_tool_rounds=2)
        result = await talk(Team(participants=(ann,), stop=MaxMessages(max_messages=8)), tmp_path)
        assert result.status == "done", result.stop_reason


async def test_the_results_of_tools_can_be_the_message(tmp_path: Path) -> None:
    def add(a: int, b: int) -> int:
        return a + b

    ann = Assistant(
        name="ann",
        model=saying(calling(("add", '{"a": 1, "b": 2}'), ("add", '{"a": 3, "b": 4}'))),
        tools=(add,),
        max_tool_rounds=1,
        after_tools="results",
    )
    assert lines((await talk(Team(participants=(ann,), max_turns=1), tmp_path)).events) == [("ann", "3\n7")]


async def test_an_answer_in_a_shape_is_data_and_a_bad_one_is_asked_for_again(tmp_path: Path) -> None:
    shape = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
    ann = Assistant(name="ann", model=saying("well", '```json\n{"ok": true}\n```'), output=shape)
    result = await talk(Team(participants=(ann,), max_turns=1), tmp_path)
    assert of(MessageSaid, result.events)[-1].data == {"ok": True}
    bad = await talk(Team(participants=(Assistant(name="ann", model=saying('{"ok": 1}'), output=shape),), max_turns=1), tmp_path)
    assert bad.status == "failed"


# Expressions --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("visits >= 3", True),
        ("${visits} < 3 or name == 'Eve'", True),
        ("not missing", True),
        ("missing > 3", False),
        ("len(items) == 2 and 'a' in items", True),
        ("lower(name) == 'eve' and items[0] == 'a'", True),
        ("'yes' in last", True),
        ("speaker == 'ann'", True),
        ("visits * 2 + 1 == 7 and visits % 2 == 1", True),
        ("1 / 0 == 1", False),
    ],
)
def test_a_condition_over_variables_is_true_or_not(expression: str, expected: bool) -> None:
    variables = {"visits": 3, "name": "Eve", "items": ["a", "b"]}
    assert holds(expression, variables, last="oh yes", speaker="ann") is expected


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os')",
        "name.upper()",
        "(lambda: 1)()",
        "[x for x in items]",
        "f'{name}'",
        "open('x')",
        "len",
        "a b",
        "",
        "x" * 2_000,
        "{1: 2}",
        "2 ** 9",
    ],
)
def test_what_is_no_condition_is_refused_in_words(expression: str) -> None:
    if expression == "len":
        assert holds(expression, {}) is False
        return
    with pytest.raises(ConveneError):
        parse(expression)
