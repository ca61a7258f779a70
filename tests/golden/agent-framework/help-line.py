"""Help line with hand-offs.

A reception listens and hands over to a technician or to billing, and they hand over to
each other until the customer has to decide.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from agent_framework import (
    AgentExecutorResponse,
    FunctionInvocationContext,
    MiddlewareTermination,
    Workflow,
    function_middleware,
)
from agent_framework.openai import OpenAIChatCompletionClient
from agent_framework.orchestrations import GroupChatBuilder, GroupChatState

client = OpenAIChatCompletionClient(model="test-model")

handed_to: list[str] = []


@function_middleware
async def hand_over(
    context: FunctionInvocationContext, call_next: Callable[[], Awaitable[None]]
) -> None:
    """End the turn when the conversation is handed over."""
    await call_next()
    if context.function.name.startswith("transfer_to_"):
        raise MiddlewareTermination(result=context.result)


def transfer_to_technician() -> str:
    """Hand the conversation over to technician."""
    handed_to.append("technician")
    return "Handed over to technician."


def transfer_to_billing() -> str:
    """Hand the conversation over to billing."""
    handed_to.append("billing")
    return "Handed over to billing."


def transfer_to_user() -> str:
    """Hand the conversation over to user."""
    handed_to.append("user")
    return "Handed over to user."


reception = client.as_agent(
    name="reception",
    description="listens and hands over",
    instructions="""You answer the phone of an internet provider. Say in one \
sentence what you understood, then hand over: connections and devices to the \
technician, money and contracts to billing. Solve nothing yourself.""",
    tools=[transfer_to_technician, transfer_to_billing],
    middleware=[hand_over],
)

technician = client.as_agent(
    name="technician",
    description="knows boxes and lines",
    instructions="""You repair connections. Give the next one or two steps in \
plain words. If something about money is still open, hand over to billing; otherwise \
hand over to user, so that the customer can try it.""",
    tools=[transfer_to_billing, transfer_to_user],
    middleware=[hand_over],
)

billing = client.as_agent(
    name="billing",
    description="knows invoices and contracts",
    instructions="""You answer questions about invoices. Say what you will do \
and by when, and promise nothing that you cannot do. If something technical is still \
open, hand over to the technician; otherwise hand over to user for a decision.""",
    tools=[transfer_to_technician, transfer_to_user],
    middleware=[hand_over],
)


def next_speaker(state: GroupChatState) -> str:
    """Everybody in turn."""
    if handed_to:
        name = handed_to[0]
        handed_to.clear()
        return name
    names = list(state.participants)
    last = state.conversation[-1].author_name or ""
    return names[(names.index(last) + 1) % len(names) if last in names else 0]


workflow = GroupChatBuilder(
    participants=[reception, technician, billing],
    selection_func=next_speaker,
    termination_condition=lambda conversation: handed_to[:1] == ["user"],
    max_rounds=8,
).build()


async def talk(workflow: Workflow, task: str) -> None:
    async for event in workflow.run(task, stream=True):
        match event.type, event.data:
            case "executor_completed", [AgentExecutorResponse(agent_response=said), *_]:
                print(f"\n{event.executor_id}: {said.text}")


if __name__ == "__main__":
    asyncio.run(talk(workflow, " ".join(sys.argv[1:]) or input("Task: ")))
