"""Scripts of AutoGen's core runtime: the common shapes become flows, the rest is kept, and nothing is dropped without a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.flow.checks import check
from studio.flow.findings import ForeignFileError, Imported
from studio.formats.recognise import read_bytes

HEAD = """\
import asyncio
from dataclasses import dataclass
from autogen_core import (
    AgentId, ClosureAgent, DefaultTopicId, MessageContext, RoutedAgent, SingleThreadedAgentRuntime, TopicId, TypeSubscription,
    default_subscription, message_handler, type_subscription,
)
from autogen_core.models import AssistantMessage, SystemMessage, UserMessage
from autogen_core.tools import FunctionTool
from autogen_ext.models.openai import OpenAIChatCompletionClient

@dataclass
class Draft:
    content: str

@dataclass
class Verdict:
    content: str
    approved: bool

client = OpenAIChatCompletionClient(model="gpt-5-mini")
runtime = SingleThreadedAgentRuntime()
"""
CORE = Path(__file__).parent.parent / "data" / "python_in" / "core"
ROW, PAIR, GROUP, HANDOFFS, MIXTURE, TOOLS = (
    (CORE / f"{name}.py").read_text("utf-8").removeprefix(HEAD) for name in ("row", "pair", "group", "handoffs", "mixture", "tools")
)
"""Each a script of its own, without what all begin with."""


def read(script: str) -> Imported:
    (imported,) = read_bytes((HEAD + script).encode()).flows
    return imported


def outline(imported: Imported) -> dict[str, Any]:
    """Who is in the team, how it goes on, who follows whom, and what it is asked."""
    flow = imported.document
    names = {node.id: node.name for node in flow.nodes}
    team = next((node for node in flow.nodes if node.kind == "team"), None)
    return {
        "kind": team.config["selection"]["kind"] if team is not None else "alone",
        "members": [(node.kind, node.name) for node in flow.nodes if node.kind in ("assistant", "human", "code_runner")],
        "arrows": [(names[edge.source], names[edge.target]) for edge in flow.edges if edge.kind == "speaks"],
        "kept": [node.name for node in flow.nodes if node.kind.startswith("python:")],
        "tasks": list(flow.sample_tasks),
    }


def test_a_row_by_topics_is_a_graph() -> None:
    imported = read(ROW)
    assert outline(imported) == {
        "kind": "graph",
        "members": [("assistant", "finder"), ("assistant", "writer")],
        "arrows": [("finder", "writer")],
        "kept": ["Finder", "Writer", "printer"],
        "tasks": ["Bottles"],
    }
    finder = next(node for node in imported.document.nodes if node.name == "finder")
    assert finder.config["system_message"] == "List facts."
    assert finder.config["description"] == "Finds facts."
    assert not [each for each in check(imported.document) if each.level == "error"]


def test_two_who_answer_each_other_take_turns() -> None:
    imported = read(PAIR)
    found = outline(imported)
    assert (found["kind"], found["members"]) == ("round_robin", [("assistant", "coder"), ("assistant", "critic")])
    assert found["tasks"] == ["Add numbers"]
    assert [each.level for each in imported.report.findings if each.code == "no_end"] == ["decision"]


def test_a_manager_that_asks_a_model_chooses() -> None:
    found = outline(read(GROUP))
    assert (found["kind"], found["members"]) == ("model_choice", [("assistant", "poet"), ("assistant", "editor")])
    assert found["kept"] == ["Poet", "Editor", "Chair", "Speaker"]
    prompts = [node.config.get("system_message") for node in read(GROUP).document.nodes if node.kind == "assistant"]
    assert prompts == ["You rhyme.", "You shorten."]


def test_tools_that_name_a_topic_hand_over() -> None:
    imported = read(HANDOFFS)
    found = outline(imported)
    assert (found["kind"], found["members"]) == ("swarm", [("assistant", "desk"), ("assistant", "sales"), ("human", "person")])
    hands = {node.name: node.config["handoffs"] for node in imported.document.nodes if node.kind == "assistant"}
    assert hands == {"desk": ["sales"], "sales": ["desk"]}
    (tool,) = [node for node in imported.document.nodes if node.kind == "python_tool"]
    assert "ordered" in tool.config["source"]
    team = next(node for node in imported.document.nodes if node.kind == "team")
    assert team.config["selection"] == {"kind": "swarm", "after_work": "back", "after": {"desk": "person", "sales": "person"}}


def test_several_that_are_asked_at_once_lead_to_who_gathers() -> None:
    found = outline(read(MIXTURE))
    assert found["members"] == [("assistant", name) for name in ("worker", "worker_2", "worker_3", "gatherer")]
    assert found["arrows"] == [("worker", "gatherer"), ("worker_2", "gatherer"), ("worker_3", "gatherer")]


def test_one_with_tools_stands_alone() -> None:
    imported = read(TOOLS)
    assert outline(imported)["kind"] == "alone"
    assert {edge.kind for edge in imported.document.edges} == {"model", "tool"}
    assert outline(imported)["tasks"] == ["What is it?"]


@pytest.mark.parametrize("script", [ROW, PAIR, GROUP, HANDOFFS, MIXTURE, TOOLS])
def test_everything_has_a_line_and_its_own_place(script: str) -> None:
    imported = read(script)
    source = (HEAD + script).split("\n")
    actors = [each for each in imported.report.findings if each.code == "actor"]
    assert actors
    for each in actors:
        assert each.nodes
        assert each.place.line is not None
    assert all(0 < (each.place.line or 1) <= len(source) for each in imported.report.findings)
    kept = {node.config["original"] for node in imported.document.nodes if node.kind.startswith("python:")}
    classes = ("Finder", "Printer", "Coder", "Critic", "Chair", "Clerk", "Person", "Worker", "Gatherer", "Asker")
    for name in classes:
        if f"class {name}(" in script:
            assert any(f"class {name}(" in each for each in kept)
    assert not [each for each in imported.report.findings if each.code in ("unused", "call_left_out", "left_out", "beside_kept")]


def test_actors_that_ask_nobody_are_kept_with_their_source() -> None:
    script = """
class Adder(RoutedAgent):
    @message_handler
    async def on_number(self, message: Draft, ctx: MessageContext) -> None:
        await self.publish_message(Draft(message.content + "1"), DefaultTopicId())

async def collect(_agent, message: Draft, ctx: MessageContext) -> None:
    print(message)

await Adder.register(runtime, "adder", lambda: Adder("Adds."))
await ClosureAgent.register_closure(runtime, "collector", collect, subscriptions=lambda: [TypeSubscription("x", "collector")])
"""
    imported = read(script)
    assert outline(imported)["kept"] == ["adder", "collector"]
    assert [each.code for each in imported.report.of("decision") if each.code == "kept"] == ["kept", "kept"]


def test_classes_that_nobody_registers_are_drawn_too() -> None:
    script = ROW[: ROW.index("async def main")]
    found = outline(read(script))
    assert found["members"] == [("assistant", "Finder"), ("assistant", "Writer")]
    assert "actor_model" in {each.code for each in read(script).report.findings}


def test_a_class_from_another_file_is_known_by_what_it_is_given() -> None:
    script = """
from agents import Clerk
await Clerk.register(runtime, "clerk", lambda: Clerk("Asks.", model_client=client, system_message=SystemMessage(content="You ask.")))
"""
    imported = read(script)
    (clerk,) = [node for node in imported.document.nodes if node.kind == "assistant"]
    assert clerk.config["system_message"] == "You ask."
    assert "actor_elsewhere" in {each.code for each in imported.report.findings}


def test_an_intervention_handler_is_told() -> None:
    script = ROW.replace("runtime.start()", "other = SingleThreadedAgentRuntime(intervention_handlers=[print])")
    told = [each.text for each in read(script).report.findings if "intervention_handlers" in each.text]
    assert len(told) == 1


def test_an_agent_of_agentchat_within_an_actor_answers_for_it() -> None:
    script = """
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.messages import TextMessage

class Helper(RoutedAgent):
    def __init__(self, name):
        super().__init__(name)
        self._agent = AssistantAgent(name, model_client=client, system_message="You help.")

    @message_handler
    async def on_draft(self, message: Draft, ctx: MessageContext) -> None:
        said = await self._agent.on_messages([TextMessage(content=message.content, source="user")], ctx.cancellation_token)

await Helper.register(runtime, "helper", lambda: Helper("helper"))
"""
    imported = read(script)
    (helper,) = [node for node in imported.document.nodes if node.kind == "assistant"]
    assert (helper.name, helper.config["system_message"]) == ("helper", "You help.")


def test_a_script_without_any_agent_is_refused_with_a_sentence() -> None:
    with pytest.raises(ForeignFileError, match="There is no agent"):
        read("await runtime.publish_message(Draft('x'), DefaultTopicId())\n")


@pytest.mark.parametrize(
    "script",
    [
        "class A(RoutedAgent):\n    pass\nawait A.register(runtime, 'a', lambda: A())\n",
        "class A(RoutedAgent):\n    def __init__(self):\n        self.__init__()\nawait A.register(runtime, 'a', A)\n",
        "class A(A, RoutedAgent):\n    @message_handler\n    async def f(self, message, ctx):\n        await self.f(message, ctx)\n",
        "class A(RoutedAgent):\n    @message_handler\n    async def f(self, m: Draft, c):\n        while True:\n            self.x = [self.x, self.x]\n",
        "for i in range(900):\n    await RoutedAgent.register(runtime, f'a{i}', lambda: RoutedAgent(i))\n",
        "await register(runtime)\nawait runtime.register()\nawait runtime.register_factory(1, 2, 3)\n",
        "class A(RoutedAgent):\n    @message_handler(match=lambda m, c: True)\n    async def f(self):\n        return await client.create()\n"
        "await A.register(runtime, None, lambda: A())\n",
    ],
)
def test_odd_actors_end_in_a_flow_or_a_sentence(script: str) -> None:
    try:
        imported = read(script)
    except ForeignFileError as refused:
        if not refused.sentence:
            raise
    else:
        assert imported.document.nodes
