"""Answers in a shape, facts that are always known, and a server of tools."""

import asyncio
from typing import Literal

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import FunctionalTermination, TimeoutTermination, TokenUsageTermination
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_core.memory import ListMemory, MemoryContent, MemoryMimeType
from autogen_ext.models.anthropic import AnthropicChatCompletionClient
from autogen_ext.models.ollama import OllamaChatCompletionClient
from autogen_ext.tools.mcp import McpWorkbench, StdioServerParams
from pydantic import BaseModel, Field


class Step(BaseModel):
    what: str
    minutes: int = 5


class AgentResponse(BaseModel):
    """What the agent felt."""

    thoughts: str = Field(description="In a sentence.")
    response: Literal["happy", "sad", "neutral"]
    steps: list[Step] = []


def long_enough(messages) -> bool:
    return sum(len(message.to_text()) for message in messages) > 10_000


async def main():
    memory = ListMemory(name="likes")
    await memory.add(MemoryContent(content="The weather should be in metric units", mime_type=MemoryMimeType.TEXT))
    await memory.add(MemoryContent(content="Meals must be vegan", mime_type=MemoryMimeType.TEXT))
    params = StdioServerParams(command="uvx", args=["mcp-server-fetch"], read_timeout_seconds=60, env={"TOKEN": "secret-value"})
    async with McpWorkbench(server_params=params) as workbench:
        feeling = AssistantAgent(
            "feeling",
            model_client=AnthropicChatCompletionClient(model="claude-3-7-sonnet-20250219", max_tokens=500),
            system_message="Categorize the input.",
            output_content_type=AgentResponse,
            memory=[memory],
        )
        fetcher = AssistantAgent(
            "fetcher", OllamaChatCompletionClient(model="llama3.2", host="http://localhost:11434"), workbench=workbench, max_tool_iterations=5
        )
        stop = (TokenUsageTermination(max_total_token=9_000) | TimeoutTermination(600)) | FunctionalTermination(long_enough)
        team = RoundRobinGroupChat(participants=[feeling, fetcher], termination_condition=stop, max_turns=8, name="Feelings")
        result = await team.run(task="I am happy.")
        print(result.messages[-1].content)


asyncio.run(main())
