"""Scripts of AutoGen's core runtime: the common shapes become flows, the rest is kept, and nothing is dropped without a line."""

from __future__ import annotations

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
ROW = """
@type_subscription(topic_type="facts")
class Finder(RoutedAgent):
    def __init__(self, model_client):
        super().__init__("Finds facts.")
        self._prompt = SystemMessage(content="List facts.")
        self._model_client = model_client

    @message_handler
    async def on_draft(self, message: Draft, ctx: MessageContext) -> None:
        said = await self._model_client.create([self._prompt, UserMessage(content=f"About: {message.content}", source="user")])
        await self.publish_message(Draft(said.content), topic_id=TopicId("text", source=self.id.key))

@type_subscription(topic_type="text")
class Writer(RoutedAgent):
    def __init__(self, model_client):
        super().__init__("Writes.")
        self._model_client = model_client

    @message_handler
    async def on_draft(self, message: Draft, ctx: MessageContext) -> None:
        asked = [SystemMessage(content="Write a text."), UserMessage(content=message.content, source="user")]
        said = await self._model_client.create(messages=asked)
        await self.publish_message(Draft(said.content), topic_id=TopicId("out", source=self.id.key))

@type_subscription(topic_type="out")
class Printer(RoutedAgent):
    @message_handler
    async def on_draft(self, message: Draft, ctx: MessageContext) -> None:
        print(message.content)

async def main():
    await Writer.register(runtime, type="writer", factory=lambda: Writer(client))
    await Finder.register(runtime, type="finder", factory=lambda: Finder(model_client=client))
    await Printer.register(runtime, type="printer", factory=lambda: Printer("Prints."))
    runtime.start()
    await runtime.publish_message(Draft(content="Bottles"), topic_id=TopicId("facts", source="default"))
    await runtime.stop_when_idle()

asyncio.run(main())
"""
PAIR = """
@default_subscription
class Coder(RoutedAgent):
    def __init__(self):
        super().__init__("Codes.")
        self._said = [SystemMessage(content="You code.")]

    @message_handler
    async def on_verdict(self, message: Verdict, ctx: MessageContext) -> None:
        if not message.approved:
            await self._try_again(message.content)

    @message_handler
    async def on_task(self, message: str, ctx: MessageContext) -> None:
        await self._try_again(message)

    async def _try_again(self, what):
        said = await client.create(self._said + [UserMessage(content=what, source="user")])
        await self.publish_message(Draft(said.content), topic_id=DefaultTopicId())

@default_subscription
class Critic(RoutedAgent):
    @message_handler
    async def on_draft(self, message: Draft, ctx: MessageContext) -> None:
        said = await client.create([SystemMessage(content="You review."), UserMessage(content=message.content, source="coder")])
        await self.publish_message(Verdict(said.content, "yes" in said.content), topic_id=DefaultTopicId())

await Critic.register(runtime, "critic", lambda: Critic("Reviews."))
await Coder.register(runtime, "coder", lambda: Coder())
runtime.start()
await runtime.send_message("Add numbers", AgentId("coder", "default"))
"""
GROUP = """
@dataclass
class YourTurn:
    pass

class Speaker(RoutedAgent):
    def __init__(self, description, prompt):
        super().__init__(description)
        self._prompt = SystemMessage(content=prompt)
        self._history = []

    @message_handler
    async def on_said(self, message: Draft, ctx: MessageContext) -> None:
        self._history.append(UserMessage(content=message.content, source="other"))

    @message_handler
    async def on_turn(self, message: YourTurn, ctx: MessageContext) -> None:
        said = await client.create([self._prompt] + self._history)
        await self.publish_message(Draft(said.content), topic_id=DefaultTopicId(type="group"))

class Poet(Speaker):
    def __init__(self):
        super().__init__("Makes poems.", "You rhyme.")

class Editor(Speaker):
    def __init__(self):
        super().__init__("Edits.", "You shorten.")

class Chair(RoutedAgent):
    def __init__(self, topics):
        super().__init__("Chooses.")
        self._topics = topics

    @message_handler
    async def on_said(self, message: Draft, ctx: MessageContext) -> None:
        choice = await client.create([SystemMessage(content=f"Choose one of {self._topics}: {message.content}")])
        await self.publish_message(YourTurn(), DefaultTopicId(type=choice.content))

for name, kind in (("poet", Poet), ("editor", Editor)):
    await kind.register(runtime, name, lambda kind=kind: kind())
    await runtime.add_subscription(TypeSubscription(topic_type=name, agent_type=name))
    await runtime.add_subscription(TypeSubscription(topic_type="group", agent_type=name))
await Chair.register(runtime, "chair", lambda: Chair(["poet", "editor"]))
await runtime.add_subscription(TypeSubscription(topic_type="group", agent_type="chair"))
await runtime.publish_message(Draft("A poem about bread"), TopicId("group", "default"))
"""
HANDOFFS = """
def to_sales() -> str:
    return "sales"

def to_desk() -> str:
    return "desk"

def order(product: str) -> str:
    return "ordered " + product

class Clerk(RoutedAgent):
    def __init__(self, description, prompt, tools, others):
        super().__init__(description)
        self._prompt, self._tools, self._others = prompt, tools, others

    @message_handler
    async def on_task(self, message: Draft, ctx: MessageContext) -> None:
        schemas = [each.schema for each in self._tools + self._others]
        said = await client.create([self._prompt, UserMessage(content=message.content, source="user")], tools=schemas)
        await self.publish_message(Draft(said.content), topic_id=TopicId("person", source=self.id.key))

class Person(RoutedAgent):
    @message_handler
    async def on_said(self, message: Draft, ctx: MessageContext) -> None:
        answer = input("You: ")
        await self.publish_message(Draft(answer), topic_id=TopicId("desk", source=self.id.key))

desk = await Clerk.register(
    runtime, type="desk", factory=lambda: Clerk("Asks.", SystemMessage(content="You ask."), [], [FunctionTool(to_sales, description="To buy.")])
)
sales = await Clerk.register(
    runtime, type="sales",
    factory=lambda: Clerk("Sells.", SystemMessage(content="You sell."), [FunctionTool(order, "Orders.")], [FunctionTool(to_desk, "Back.")]),
)
person = await Person.register(runtime, type="person", factory=lambda: Person("A customer."))
for each in (desk, sales, person):
    await runtime.add_subscription(TypeSubscription(topic_type=each.type, agent_type=each.type))
await runtime.publish_message(Draft("I want a rocket"), topic_id=TopicId("desk", source="one"))
"""
MIXTURE = """
class Worker(RoutedAgent):
    @message_handler
    async def on_task(self, message: Draft, ctx: MessageContext) -> Draft:
        said = await client.create([UserMessage(content=message.content, source="user")])
        return Draft(said.content)

class Gatherer(RoutedAgent):
    def __init__(self, workers):
        super().__init__("Gathers.")
        self._workers = workers

    @message_handler
    async def on_task(self, message: str, ctx: MessageContext) -> Draft:
        task = Draft(message)
        found = await asyncio.gather(*[self.send_message(task, AgentId(each, self.id.key)) for each in self._workers])
        said = await client.create([SystemMessage(content="Put it together."), UserMessage(content=str(found), source="user")])
        return Draft(said.content)

await Worker.register(runtime, "worker", lambda: Worker("Works."))
await Gatherer.register(runtime, "gatherer", lambda: Gatherer(["worker"] * 3))
print(await runtime.send_message("Cookies", AgentId("gatherer", "default")))
"""
TOOLS = """
def price(ticker: str) -> float:
    return 3.0

class Asker(RoutedAgent):
    def __init__(self, tools):
        super().__init__("Asks.")
        self._tools = tools

    @message_handler
    async def on_task(self, message: Draft, ctx: MessageContext) -> Draft:
        said = await client.create([SystemMessage(content="You are quick."), UserMessage(content=message.content, source="u")], tools=self._tools)
        return Draft(said.content)

await Asker.register(runtime, "asker", lambda: Asker([FunctionTool(price, description="The price.")]))
await runtime.send_message(Draft("What is it?"), AgentId("asker", "default"))
"""


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
