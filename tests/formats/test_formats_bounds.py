"""Numbers of foreign files beyond our bounds become the bound, and the report says so with value, bound, node and line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from autogen_samples import assistant, component, team

from studio.flow.findings import Imported
from studio.formats.recognise import read_bytes

SCRIPT = """\
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import MaxMessageTermination
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_core.model_context import BufferedChatCompletionContext

ann = AssistantAgent("ann", None, model_context=BufferedChatCompletionContext(buffer_size=70_000))
team = RoundRobinGroupChat([ann], termination_condition=MaxMessageTermination(9_000_000), max_turns=20_000)
"""
CLASSIC = """\
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages
from autogen.agentchat.contrib.capabilities.transforms import MessageTokenLimiter

ann = AssistantAgent("ann", llm_config=False)
bob = UserProxyAgent(
    "bob",
    human_input_mode="NEVER",
    max_consecutive_auto_reply=5_000,
    code_execution_config={"use_docker": "python:3.12-slim", "timeout": 90_000},
)
TransformMessages([MessageTokenLimiter(max_tokens=7)]).add_to_agent(ann)
chat = GroupChat(
    agents=[ann, bob],
    max_round=1_000_000,
)
bob.initiate_chat(GroupChatManager(chat), message="Hello")
"""


def told(imported: Imported) -> dict[str, tuple[int | None, str]]:
    """The sentences about bounds, each with its line and the kind of its node."""
    kinds = {node.id: node.kind for node in imported.document.nodes}
    found = [each for each in imported.report.findings if each.code in ("too_large", "too_small")]
    assert all(each.level == "approximated" for each in found)
    return {each.text: (each.place.line, kinds[each.nodes[0]] if each.nodes else "") for each in found}


def field(imported: Imported, kind: str, name: str) -> Any:
    return next(node.config for node in imported.document.nodes if node.kind == kind).get(name)


def test_json_is_held_to_our_bounds_and_says_so() -> None:
    rule = component("autogen_agentchat.conditions.MaxMessageTermination", "termination", {"max_messages": 9_000_000})
    crew = team(assistant("ann", max_tool_iterations=4_000), termination_condition=rule, max_turns=20_000)
    (imported,) = read_bytes(json.dumps(crew, indent=1).encode()).flows
    assert {sentence: kind for sentence, (_, kind) in told(imported).items()} == {
        "ann: “max_tool_iterations” is 4,000 in the file; 100 is the most here.": "assistant",
        "MaxMessageTermination: “max_messages” is 9,000,000 in the file; 100,000 is the most here.": "max_messages",
        f"{imported.document.nodes[0].name}: “max_turns” is 20,000 in the file; 10,000 is the most here.": "team",
    }
    lines = json.dumps(crew, indent=1).split("\n")
    assert all("000" in lines[line - 1] for line, _ in told(imported).values() if line)
    assert field(imported, "max_messages", "max_messages") == 100_000
    assert field(imported, "assistant", "max_tool_rounds") == 100


def test_a_script_is_held_to_our_bounds_and_says_so() -> None:
    (imported,) = read_bytes(SCRIPT.encode()).flows
    assert told(imported) == {
        "BufferedChatCompletionContext: “buffer_size” is 70,000 in the file; 10,000 is the most here.": (6, "assistant"),
        "MaxMessageTermination: “max_messages” is 9,000,000 in the file; 100,000 is the most here.": (7, "max_messages"),
        f"{imported.document.nodes[0].name}: “max_turns” is 20,000 in the file; 10,000 is the most here.": (7, "team"),
    }


def test_a_classic_script_is_held_to_our_bounds_and_says_so() -> None:
    (imported,) = read_bytes(CLASSIC.encode()).flows
    assert told(imported) == {
        "bob: “max_consecutive_auto_reply” is 5,000 in the file; 1,000 is the most here.": (9, "human"),
        "bob: “timeout” is 90,000 in the file; 3,600 is the most here.": (10, "human"),
        "MessageTokenLimiter: “max_tokens” is 7 in the file; 100 is the least here.": (12, "assistant"),
        f"{imported.document.nodes[0].name}: “max_round − 1” is 999,999 in the file; 10,000 is the most here.": (15, "team"),
    }
    assert field(imported, "human", "executor")["timeout"] == 3_600


def test_a_workflow_is_held_to_our_bounds_and_says_so() -> None:
    person = {"type": "userproxy", "config": {"name": "bob", "max_consecutive_auto_reply": 8_000}}
    writer = {"type": "assistant", "config": {"name": "ann", "system_message": "You write."}}
    flow = {"name": "two", "type": "autonomous", "agents": [{"agent": each, "link": {}} for each in (person, writer)]}
    (imported,) = read_bytes(json.dumps(flow).encode()).flows
    assert sorted(told(imported)) == [
        "bob: “max_consecutive_auto_reply” is 8,000 in the file; 1,000 is the most here.",
        "two: “max_consecutive_auto_reply · 2” is 16,000 in the file; 10,000 is the most here.",
    ]


@pytest.mark.parametrize("given", [True, "9000000", [9_000_000]])
def test_what_is_no_number_is_not_called_too_large(given: Any) -> None:
    rule = component("autogen_agentchat.conditions.MaxMessageTermination", "termination", {"max_messages": given})
    (imported,) = read_bytes(json.dumps(team(assistant("ann"), termination_condition=rule)).encode()).flows
    assert not told(imported)


def test_lists_that_are_too_long_are_cut_and_counted() -> None:
    facts = [{"content": f"fact {number}", "mime_type": "text/plain"} for number in range(1_003)]
    memory = component("autogen_core.memory.ListMemory", "memory", {"name": "facts", "memory_contents": facts})
    (imported,) = read_bytes(json.dumps(team(assistant("ann", memory=[memory]))).encode()).flows
    (cut,) = [each for each in imported.report.findings if each.code == "more_left_out"]
    assert cut.text == "There is more in “memory_contents” than can be taken in: 1000 is the limit, 3 more were left out."
    assert cut.level == "decision"
    assert cut.nodes
