"""Agents whose conversation and tools are OpenAI's own: an assistant, and one of the Responses API."""

import asyncio

from autogen_agentchat.conditions import MaxMessageTermination
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_ext.agents.openai import OpenAIAgent, OpenAIAssistantAgent
from openai import AsyncOpenAI


def opening_hours(day: str) -> str:
    """When the library opens on a day."""
    return {"sunday": "closed"}.get(day, "9 to 18")


async def main() -> None:
    client = AsyncOpenAI()
    librarian = OpenAIAssistantAgent(
        name="librarian",
        description="Knows the library.",
        client=client,
        model="gpt-4o-mini",
        instructions="You help readers.",
        tools=["code_interpreter", "file_search", opening_hours],
        temperature=0.2,
    )
    scout = OpenAIAgent(
        name="scout",
        description="Looks things up.",
        client=client,
        model="gpt-4.1",
        instructions="You look things up.",
        tools=["web_search_preview", {"type": "image_generation"}],
        max_output_tokens=500,
    )
    team = RoundRobinGroupChat([librarian, scout], termination_condition=MaxMessageTermination(6))
    await team.run(task="Which new books came this week?")
    await librarian.delete_assistant()


asyncio.run(main())
