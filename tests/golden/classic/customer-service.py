"""Customer service with refunds.

A reception hands over to orders, orders to refunds; a refund waits for your yes, and
the conversation ends when it is handed back to you.
"""

import functools
import sys
from collections.abc import Callable
from typing import Any

from autogen import (
    Agent,
    AssistantAgent,
    GroupChat,
    GroupChatManager,
    UserProxyAgent,
    register_function,
)

llm_config = {"model": "test-model", "cache_seed": None}


def asks_first(function: Callable[..., str]) -> Callable[..., str]:
    """Let a person agree to every call of a tool."""

    @functools.wraps(function)
    def asked(*args: Any, **kwargs: Any) -> str:
        answer = input(f"May {function.__name__} be called with {kwargs}? (yes / no) ")
        if answer.strip().lower() in ("y", "yes"):
            return function(*args, **kwargs)
        return "A person refused this call."

    return asked


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


def transfer_to_orders() -> str:
    """Hand the conversation over to orders."""
    return "Handed over to orders."


def transfer_to_refunds() -> str:
    """Hand the conversation over to refunds."""
    return "Handed over to refunds."


def transfer_to_user() -> str:
    """Hand the conversation over to user."""
    return "Handed over to user."


def is_a_turn(message: dict[str, Any]) -> bool:
    """Whether a message ends a turn: words, or a call that hands the conversation over."""
    called = [call["function"]["name"] for call in message.get("tool_calls") or []]
    return (
        any(name.startswith("transfer_to_") for name in called)
        if called
        else not message.get("tool_responses")
    )


reception = AssistantAgent(
    "reception",
    description="listens and hands over",
    system_message="""You receive the customers of a furniture shop. Say in one \
sentence what you understood, then hand over. Solve nothing yourself.""",
    llm_config=llm_config,
)

orders = AssistantAgent(
    "orders",
    description="knows every order",
    system_message="""You look up orders. State what the system says about the \
order, then hand over: to refunds when money is to go back, to user when the question \
is answered.""",
    llm_config=llm_config,
)

refunds = AssistantAgent(
    "refunds",
    description="sends money back",
    system_message="""You decide about refunds: broken on arrival is refunded in \
full within 30 days. Send the money with the tool, tell the customer when it arrives, \
and hand over to user.""",
    llm_config=llm_config,
)

user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

register_function(
    transfer_to_orders,
    caller=reception,
    executor=reception,
    description="""Hand the conversation over to orders. Anything about an \
order whose state must be looked up.""",
)
register_function(
    transfer_to_refunds,
    caller=reception,
    executor=reception,
    description="""Hand the conversation over to refunds. Money, once the order \
is known.""",
)
for function in (look_up_order, transfer_to_refunds, transfer_to_user):
    register_function(
        function, caller=orders, executor=orders, description=function.__doc__ or ""
    )
register_function(
    asks_first(refund),
    caller=refunds,
    executor=refunds,
    description="""Send money back for an order: its number and the amount in \
EUR.""",
)
for function in (transfer_to_orders, transfer_to_user):
    register_function(
        function, caller=refunds, executor=refunds, description=function.__doc__ or ""
    )


def next_speaker(last_speaker: Agent, group_chat: GroupChat) -> Agent | str | None:
    """Whoever was handed the conversation speaks; who calls a tool first hears what it gives."""
    message = group_chat.messages[-1]
    if message.get("tool_calls"):
        return last_speaker
    turns = sum(is_a_turn(each) for each in group_chat.messages) - 1
    if turns >= 10:
        return None
    if message.get("tool_responses"):
        called = [
            call["function"]["name"] for call in group_chat.messages[-2]["tool_calls"]
        ]
        if "transfer_to_user" in called:
            return None
        handed_to = {"transfer_to_orders": orders, "transfer_to_refunds": refunds}
        return next(
            (handed_to[name] for name in called if name in handed_to), last_speaker
        )
    if last_speaker not in group_chat.agents:
        return reception
    return None


group_chat = GroupChat(
    [reception, orders, refunds],
    messages=[],
    max_round=200,
    speaker_selection_method=next_speaker,
)
manager = GroupChatManager(group_chat)

if __name__ == "__main__":
    user.initiate_chat(manager, message=" ".join(sys.argv[1:]) or input("Task: "))
