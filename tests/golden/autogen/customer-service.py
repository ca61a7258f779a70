"""Customer service with refunds.

A reception hands over to orders, orders to refunds; a refund waits for your yes, and
the conversation ends when it is handed back to you.
"""

import asyncio
import functools
import sys
from collections.abc import Callable
from typing import Any

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.base import Handoff
from autogen_agentchat.conditions import HandoffTermination
from autogen_agentchat.teams import Swarm
from autogen_agentchat.ui import Console
from autogen_ext.models.openai import OpenAIChatCompletionClient

practice = OpenAIChatCompletionClient(
    model="test-model",
    model_info={
        "vision": False,
        "function_calling": True,
        "json_output": True,
        "family": "unknown",
        "structured_output": True,
        "multiple_system_messages": True,
    },
)

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


def asks_first(function: Callable[..., str]) -> Callable[..., str]:
    """Let a person agree to every call of a tool."""

    @functools.wraps(function)
    def asked(*args: Any, **kwargs: Any) -> str:
        answer = input(f"May {function.__name__} be called with {kwargs}? (yes / no) ")
        if answer.strip().lower() in ("y", "yes"):
            return function(*args, **kwargs)
        return "A person refused this call."

    return asked


reception = AssistantAgent(
    "reception",
    model_client=practice,
    description="listens and hands over",
    system_message="""You receive the customers of a furniture shop. Say in one \
sentence what you understood, then hand over. Solve nothing yourself.""",
    handoffs=[
        Handoff(
            target="orders",
            description="Anything about an order whose state must be looked up.",
            message="reception hands over to orders.",
        ),
        Handoff(
            target="refunds",
            description="Money, once the order is known.",
            message="reception hands over to refunds.",
        ),
    ],
    max_tool_iterations=10,
)

orders = AssistantAgent(
    "orders",
    model_client=practice,
    description="knows every order",
    system_message="""You look up orders. State what the system says about the \
order, then hand over: to refunds when money is to go back, to user when the question \
is answered.""",
    tools=[look_up_order],
    handoffs=[
        Handoff(target="refunds", message="orders hands over to refunds."),
        Handoff(target="user", message="orders hands over to user."),
    ],
    reflect_on_tool_use=True,
    max_tool_iterations=10,
)

refunds = AssistantAgent(
    "refunds",
    model_client=practice,
    description="sends money back",
    system_message="""You decide about refunds: broken on arrival is refunded in \
full within 30 days. Send the money with the tool, tell the customer when it arrives, \
and hand over to user.""",
    tools=[asks_first(refund)],
    handoffs=[
        Handoff(target="orders", message="refunds hands over to orders."),
        Handoff(target="user", message="refunds hands over to user."),
    ],
    reflect_on_tool_use=True,
    max_tool_iterations=10,
)

team = Swarm(
    [reception, orders, refunds],
    name="Customer service",
    termination_condition=HandoffTermination("user"),
    max_turns=10,
)

if __name__ == "__main__":
    task = " ".join(sys.argv[1:]) or input("Task: ")
    asyncio.run(Console(team.run_stream(task=task)))
