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
