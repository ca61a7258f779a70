"""Support desk.

An assistant looks up the order and drafts an answer to a customer. Nothing goes out
before you have approved it.
"""

import asyncio
import sys

from autogen_agentchat.agents import AssistantAgent, UserProxyAgent
from autogen_agentchat.conditions import TextMentionTermination
from autogen_agentchat.teams import RoundRobinGroupChat
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
    "1042": "Order 1042, Mira Olsen: 1 desk lamp, 39.90 EUR, delivered 3 days ago, paid by card.",
    "1043": "Order 1043, Jonas Weber: 1 office chair, 189.00 EUR, at the carrier since Friday.",
    "1044": "Order 1044, Ana Sousa: 2 desks, 2 x 249.00 EUR, delivered 9 days ago, paid by invoice.",
}


def look_up_order(number: str) -> str:
    """Find an order by its number: customer, goods, price, delivery and payment."""
    return ORDERS.get(number.strip(), f"There is no order {number}.")


POLICY = {
    "damage": "Damaged goods: refund or replacement, as the customer likes, within 30 days. Ask for a photo above 100 EUR.",
    "return": "Return: within 14 days after delivery, unused. The customer pays the way back.",
    "delay": "Delay: apologise, name the carrier's date, offer to cancel after 7 days.",
}


def read_policy(topic: str) -> str:
    """Read the shop's rule for a topic: damage, return or delay."""
    return POLICY.get(
        topic.strip().lower(), "There is no rule for this. Ask the supervisor."
    )


def ask_supervisor(_prompt: str) -> str:
    """Ask for a yes, or a no with a reason."""
    word, _, reason = (
        input("May this answer go to the customer? (yes, or no and why) ")
        .strip()
        .partition(" ")
    )
    verdict = "Approved." if word.lower() in ("y", "yes") else "Rejected."
    return f"{verdict} {reason}".strip()


clerk = AssistantAgent(
    "clerk",
    model_client=practice,
    description="looks up, drafts, closes the case",
    system_message="""You answer customers of a small furniture shop.

1. Look up the order and the rule that applies. Never guess prices or dates.
2. Draft a short, friendly answer and say in one line what it costs us. Then wait for the supervisor.
3. If the supervisor rejects it, change the draft as the reason says. If it is approved, close the case with one sentence that ends with the word RESOLVED.""",
    tools=[look_up_order, read_policy],
    reflect_on_tool_use=True,
    max_tool_iterations=10,
)

supervisor = UserProxyAgent(
    "supervisor", description="approves what goes out", input_func=ask_supervisor
)

team = RoundRobinGroupChat(
    [clerk, supervisor],
    name="Support desk",
    termination_condition=TextMentionTermination("RESOLVED", sources=["clerk"]),
    max_turns=10,
)

if __name__ == "__main__":
    task = " ".join(sys.argv[1:]) or input("Task: ")
    asyncio.run(Console(team.run_stream(task=task)))
