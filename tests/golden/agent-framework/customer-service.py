"""Customer service with refunds.

A reception hands over to orders, orders to refunds; a refund waits for your yes, and
the conversation ends when it is handed back to you.
"""

import asyncio
import functools
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from agent_framework import (
    AgentExecutorResponse,
    FunctionInvocationContext,
    Message,
    MiddlewareTermination,
    Workflow,
    function_middleware,
    tool,
)
from agent_framework.openai import OpenAIChatCompletionClient
from agent_framework.orchestrations import GroupChatBuilder, GroupChatState

client = OpenAIChatCompletionClient(model="test-model")

ORDERS = {
    "A-1042": "Order A-1042, Mira Olsen: 1 desk lamp, 39.90 EUR, delivered 3 days ago, paid by card.",
    "A-1043": "Order A-1043, Jonas Weber: 1 office chair, 189.00 EUR, at the carrier since Friday.",
}


def look_up_order(number: str) -> str:
    """Find an order by its number: customer, goods, price, delivery and payment."""
    return ORDERS.get(number.strip().upper(), f"There is no order {number}.")


def refund(number: str, amount: float) -> str:
    """Send money back for an order: its number and the amount in EUR."""
    return f"{amount:.2f} EUR for order {number} are on their way back to the customer."


handed_to: list[str] = []


@function_middleware
async def hand_over(
    context: FunctionInvocationContext, call_next: Callable[[], Awaitable[None]]
) -> None:
    """End the turn when the conversation is handed over."""
    await call_next()
    if context.function.name.startswith("transfer_to_"):
        raise MiddlewareTermination(result=context.result)


def transfer_to_orders() -> str:
    """Hand the conversation over to orders."""
    handed_to.append("orders")
    return "Handed over to orders."


def transfer_to_refunds() -> str:
    """Hand the conversation over to refunds."""
    handed_to.append("refunds")
    return "Handed over to refunds."


def transfer_to_user() -> str:
    """Hand the conversation over to user."""
    handed_to.append("user")
    return "Handed over to user."


def asks_first(function: Callable[..., str]) -> Callable[..., str]:
    """Let a person agree to every call of a tool."""

    @functools.wraps(function)
    def asked(*args: Any, **kwargs: Any) -> str:
        answer = input(f"May {function.__name__} be called with {kwargs}? (yes / no) ")
        if answer.strip().lower() in ("y", "yes"):
            return function(*args, **kwargs)
        return "A person refused this call."

    return asked


reception = client.as_agent(
    name="reception",
    description="listens and hands over",
    instructions="""You receive the customers of a furniture shop. Say in one \
sentence what you understood, then hand over. Solve nothing yourself.""",
    tools=[
        tool(
            transfer_to_orders,
            description="""Hand the conversation over to orders. Anything about an \
order whose state must be looked up.""",
        ),
        tool(
            transfer_to_refunds,
            description="""Hand the conversation over to refunds. Money, once the order \
is known.""",
        ),
    ],
    middleware=[hand_over],
)

orders = client.as_agent(
    name="orders",
    description="knows every order",
    instructions="""You look up orders. State what the system says about the \
order, then hand over: to refunds when money is to go back, to user when the question \
is answered.""",
    tools=[look_up_order, transfer_to_refunds, transfer_to_user],
    middleware=[hand_over],
)

refunds = client.as_agent(
    name="refunds",
    description="sends money back",
    instructions="""You decide about refunds: broken on arrival is refunded in \
full within 30 days. Send the money with the tool, tell the customer when it arrives, \
and hand over to user.""",
    tools=[asks_first(refund), transfer_to_orders, transfer_to_user],
    middleware=[hand_over],
)


def next_speaker(state: GroupChatState) -> str:
    """Whoever was handed the conversation speaks."""
    if handed_to:
        name = handed_to[0]
        handed_to.clear()
        return name
    return "reception"


def is_over(conversation: list[Message]) -> bool:
    """Whether the conversation has come to its end."""
    last = conversation[-1]
    return (last.author_name is not None and not handed_to) or handed_to[:1] == ["user"]


workflow = GroupChatBuilder(
    participants=[reception, orders, refunds],
    selection_func=next_speaker,
    termination_condition=is_over,
    max_rounds=10,
).build()


async def talk(workflow: Workflow, task: str) -> None:
    async for event in workflow.run(task, stream=True):
        match event.type, event.data:
            case "executor_completed", [AgentExecutorResponse(agent_response=said), *_]:
                print(f"\n{event.executor_id}: {said.text}")


if __name__ == "__main__":
    asyncio.run(talk(workflow, " ".join(sys.argv[1:]) or input("Task: ")))
