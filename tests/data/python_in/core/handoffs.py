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
