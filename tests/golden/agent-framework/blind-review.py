"""Blind review.

Two reviewers read a paper without hearing each other, each behind a filter; then the
chair, who hears both, decides.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from agent_framework import (
    AgentContext,
    AgentExecutorResponse,
    Workflow,
    agent_middleware,
)
from agent_framework.openai import OpenAIChatCompletionClient
from agent_framework.orchestrations import SequentialBuilder

client = OpenAIChatCompletionClient(model="test-model")


@agent_middleware
async def heard_by_method_reviewer(
    context: AgentContext, call_next: Callable[[], Awaitable[None]]
) -> None:
    """What first_desk lets through."""
    context.messages = [
        each for each in context.messages if each.author_name == "author"
    ][-1:]
    await call_next()


@agent_middleware
async def heard_by_use_reviewer(
    context: AgentContext, call_next: Callable[[], Awaitable[None]]
) -> None:
    """What second_desk lets through."""
    context.messages = [
        each for each in context.messages if each.author_name == "author"
    ][-1:]
    await call_next()


author = client.as_agent(
    name="author",
    description="sums up the paper",
    instructions="""You sum up a paper for reviewers: the claim, the method, the \
numbers, the limits. Four sentences.""",
)

method_reviewer = client.as_agent(
    name="method_reviewer",
    description="looks at the method",
    instructions="""You review methods. Give a mark from 1 to 5 and the one \
reason that weighs most.""",
    middleware=[heard_by_method_reviewer],
)

use_reviewer = client.as_agent(
    name="use_reviewer",
    description="asks what it is good for",
    instructions="""You review what a result is good for. Give a mark from 1 to \
5 and the one reason that weighs most.""",
    middleware=[heard_by_use_reviewer],
)

chair = client.as_agent(
    name="chair",
    description="decides",
    instructions="""You decide from both reviews: accept, revise or reject, with \
what the author must do. At most four sentences.""",
)

workflow = SequentialBuilder(
    participants=[author, method_reviewer, use_reviewer, chair]
).build()


async def talk(workflow: Workflow, task: str) -> None:
    async for event in workflow.run(task, stream=True):
        match event.type, event.data:
            case "executor_completed", [AgentExecutorResponse(agent_response=said), *_]:
                print(f"\n{event.executor_id}: {said.text}")


if __name__ == "__main__":
    asyncio.run(talk(workflow, " ".join(sys.argv[1:]) or input("Task: ")))
