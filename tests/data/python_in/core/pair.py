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
