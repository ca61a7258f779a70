"""States that AutoGen 0.7.5 saved (`states/`, one a team): a team of the same shape goes on from them here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from test_agentchat_faults import saying

from studio.engine.agentchat.agents import AssistantAgent
from studio.engine.agentchat.conditions import MaxMessageTermination
from studio.engine.agentchat.messages import HandoffMessage, TextMessage, ToolCallExecutionEvent, ToolCallRequestEvent
from studio.engine.agentchat.saved_states import team_state
from studio.engine.agentchat.teams import DiGraphBuilder, GraphFlow, RoundRobinGroupChat, SelectorGroupChat, Swarm


def saved(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(__file__).parent / "states" / f"{name}.json").read_text("utf-8"))
    return found


def said(messages: Any) -> list[tuple[str, str]]:
    return [(message.source, message.to_text()) for message in messages]


async def test_a_round_goes_on_with_whoever_is_next_and_all_have_heard_what_was_said() -> None:
    bob = saying("mine")
    team = RoundRobinGroupChat([AssistantAgent("ann", saying("no")), AssistantAgent("bob", bob, system_message=None)], max_turns=1)
    await team.load_state(saved("round_robin"))
    assert said((await team.run()).messages) == [("bob", "mine")]
    assert [message.content for message in bob.create_calls[0]["messages"]] == ["go", "one"]
    ours = json.loads(json.dumps(await team.save_state()))
    assert [event["text"] for event in ours["thread"]] == ["go", "one", "mine"]


async def test_calls_and_their_results_are_remembered() -> None:
    model = saying("again")
    team = RoundRobinGroupChat([AssistantAgent("ann", model, system_message=None)], max_turns=1)
    await team.load_state(saved("tools"))
    await team.run(task="more")
    kinds = [type(message).__name__ for message in model.create_calls[0]["messages"]]
    assert kinds == ["UserMessage", "AssistantMessage", "FunctionExecutionResultMessage", "AssistantMessage", "UserMessage"]
    state = team_state(saved("tools"), ["ann"])
    assert [event["type"] for event in state["thread"]] == ["message", "tool_calls", "tool_result", "message"]
    assert state["thread"][1]["calls"][0] | {"id": ""} == {"id": "", "name": "add", "arguments": '{"a": 1}'}


async def test_an_agent_that_was_asked_alone_remembers_it() -> None:
    model = saying("again")
    ann = AssistantAgent("ann", model, system_message=None)
    await ann.load_state(saved("agent"))
    await ann.run(task="more")
    contents = [message.content for message in model.create_calls[0]["messages"]]
    assert (contents[0], contents[-2], contents[-1]) == ("add", "2", "more")
    assert len(contents) == 5


async def test_a_selector_knows_who_spoke_last() -> None:
    chooser = saying("bob", "cat")
    agents = [AssistantAgent(name, saying(f"{name} says"), description=name) for name in ("ann", "bob", "cat")]
    team = SelectorGroupChat(agents, chooser, max_turns=1)
    await team.load_state(saved("selector"))
    assert team._previous == "bob"
    assert said((await team.run()).messages) == [("cat", "cat says")], "bob does not speak twice in a row"


async def test_a_swarm_goes_on_with_whom_it_was_handed_to() -> None:
    team = Swarm([AssistantAgent("ann", saying("no"), handoffs=["bob"]), AssistantAgent("bob", saying("two"))], max_turns=1)
    await team.load_state(saved("swarm"))
    assert said((await team.run()).messages) == [("bob", "two")]
    assert [event["type"] for event in team_state(saved("swarm"), ["ann", "bob"])["thread"]] == ["message", "handoff"]


async def test_a_graph_goes_on_where_it_stood() -> None:
    a, b = (AssistantAgent(name, saying(f"{name}2")) for name in "ab")
    graph = DiGraphBuilder().add_node(a).add_node(b).add_edge(a, b)
    team = GraphFlow(graph.get_participants(), graph.build(), termination_condition=MaxMessageTermination(5))
    await team.load_state(saved("graph"))
    assert said((await team.run()).messages)[:1] == [("b", "b2")]


def test_arrows_that_have_arrived_at_a_join_are_those_of_who_spoke() -> None:
    state = saved("join")
    manager = state["agent_states"]["GraphManager"]
    manager |= {"remaining": {"d": {"d": 1}, "c": {"late": 0}}, "ready": ["c"]}
    arrows = [("a", "b", ""), ("a", "c", "late"), ("b", "d", ""), ("c", "d", "")]
    manager["message_thread"] = manager["message_thread"][:3]
    assert team_state(state, ["a", "b", "c", "d"], arrows)["selection"] == {
        "waiting": [["d", "", ["b"]]],
        "ready": [["c", "it was next when it was saved"]],
        "began": True,
    }


async def test_messages_of_all_kinds_are_told_again_in_the_result_of_the_next_run() -> None:
    team = Swarm([AssistantAgent("ann", saying("no"), handoffs=["bob"]), AssistantAgent("bob", saying("two"))], max_turns=1)
    await team.load_state(saved("swarm"))
    assert [type(each) for each in team._said if not isinstance(each, ToolCallRequestEvent | ToolCallExecutionEvent)] == [
        TextMessage,
        HandoffMessage,
    ]


async def test_a_state_that_holds_no_conversation_is_refused_and_changes_nothing() -> None:
    team = RoundRobinGroupChat([AssistantAgent("ann", saying("one"))], max_turns=1)
    await team.run(task="go")
    with pytest.raises(ValueError, match="no group chat manager"):
        await team.load_state({"type": "TeamState", "version": "1.0.0", "agent_states": {}})
    assert len((await team.save_state())["thread"]) == 2
