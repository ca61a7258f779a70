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
