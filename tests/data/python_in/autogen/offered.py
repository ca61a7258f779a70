"""A module that only offers functions, as web applications have it, with an agent of its own class and an agent as a tool."""

import os
from typing import Sequence

from autogen_agentchat.agents import AssistantAgent, BaseChatAgent
from autogen_agentchat.base import Response
from autogen_agentchat.messages import BaseChatMessage, TextMessage
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_agentchat.tools import AgentTool, TeamTool
from autogen_core import CancellationToken
from autogen_ext.models.openai import OpenAIChatCompletionClient
from company.tools import lookup_customer


class CountDownAgent(BaseChatAgent):
    def __init__(self, name: str, count: int = 3):
        super().__init__(name, "A simple agent that counts down.")
        self._count = count

    @property
    def produced_message_types(self) -> Sequence[type[BaseChatMessage]]:
        return (TextMessage,)

    async def on_messages(self, messages: Sequence[BaseChatMessage], cancellation_token: CancellationToken) -> Response:
        return Response(chat_message=TextMessage(content=f"{self._count}...", source=self.name))

    async def on_reset(self, cancellation_token: CancellationToken) -> None:
        pass


def model(name="gpt-4o", **options):
    return OpenAIChatCompletionClient(model=name, base_url=os.getenv("BASE_URL"), **options)


def build_team(language: str, model_name=os.environ.get("MODEL", "gpt-4.1-mini")):
    client = model(model_name, parallel_tool_calls=False)
    poet = AssistantAgent("poet", client, system_message="Write a haiku.", description="Writes haikus.")
    pair = RoundRobinGroupChat([AssistantAgent("left", client), AssistantAgent("right", client)], max_turns=4)
    tools = [AgentTool(agent=poet), TeamTool(pair, name="debate", description="Two who debate."), lookup_customer]
    boss = AssistantAgent("boss", client, tools=tools, system_message=f"You answer in {language}.")
    return RoundRobinGroupChat([boss, CountDownAgent("counter")], max_turns=6)
