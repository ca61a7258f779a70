"""A group chat whose next speaker a function names, that a word ends, and an agent beside it."""

import asyncio

from agent_framework import Agent
from agent_framework.openai import OpenAIChatCompletionClient
from agent_framework.orchestrations import GroupChatBuilder, GroupChatState

client = OpenAIChatCompletionClient(model="gpt-5-mini")
writer = Agent(client, "You write.", name="writer", description="Writes.")
critic = Agent(client, "You criticise. Say DONE when nothing is left.", name="critic", default_options={"temperature": 0.2})
helper = Agent(client, "You help.", name="helper")


def by_length(state: GroupChatState) -> str:
    return "critic" if len(state.conversation[-1].text) > 100 else "writer"


workflow = GroupChatBuilder(
    participants=[writer, critic],
    selection_func=by_length,
    termination_condition=lambda conversation: "DONE" in conversation[-1].text and conversation[-1].author_name == "critic",
    max_rounds=8,
).build()


async def main() -> None:
    async for event in workflow.run("Write a poem.", stream=True):
        print(event)


asyncio.run(main())
