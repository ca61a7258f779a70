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
