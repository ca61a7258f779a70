"""Brainstorming.

Three very different thinkers collect ideas in random order, as people do. Good before a
workshop, or when you are stuck.
"""

import asyncio
import random
import sys
import time

from agent_framework import AgentExecutorResponse, Workflow
from agent_framework.openai import OpenAIChatCompletionClient
from agent_framework.orchestrations import GroupChatBuilder, GroupChatState

client = OpenAIChatCompletionClient(model="test-model")

dreamer = client.as_agent(
    name="dreamer",
    description="bold, costs nothing to think",
    instructions="""You have bold ideas and do not care yet what they cost. Give \
one idea in two or three sentences, and build on what was said before. Never \
criticise.""",
)

builder = client.as_agent(
    name="builder",
    description="makes it doable by Monday",
    instructions="""You turn ideas into something that can be tried next week \
with what is there. Pick one idea of the others and say the smallest first step, in \
two or three sentences. Never criticise.""",
)

guest = client.as_agent(
    name="guest",
    description="speaks for those it is made for",
    instructions="""You speak as one of the people for whom the idea is made. \
Say in two or three sentences what you would love, what would embarrass you, and what \
you would tell your friends.""",
)

began = time.monotonic()


def next_speaker(state: GroupChatState) -> str:
    """Somebody, at random, in the same order every time."""
    names = list(state.participants)
    last = state.conversation[-1].author_name or ""
    names = [name for name in names if name != last]
    return random.Random(f"8:{state.current_round}").choice(names)


workflow = GroupChatBuilder(
    participants=[dreamer, builder, guest],
    selection_func=next_speaker,
    termination_condition=lambda conversation: time.monotonic() - began > 600,
    max_rounds=7,
).build()


async def talk(workflow: Workflow, task: str) -> None:
    async for event in workflow.run(task, stream=True):
        match event.type, event.data:
            case "executor_completed", [AgentExecutorResponse(agent_response=said), *_]:
                print(f"\n{event.executor_id}: {said.text}")


if __name__ == "__main__":
    asyncio.run(talk(workflow, " ".join(sys.argv[1:]) or input("Task: ")))
