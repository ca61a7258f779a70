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
