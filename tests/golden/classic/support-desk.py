"""Support desk.

An assistant looks up the order and drafts an answer to a customer. Nothing goes out
before you have approved it.
"""

import sys

from autogen import (
    Agent,
    AssistantAgent,
    GroupChat,
    GroupChatManager,
    UserProxyAgent,
    register_function,
)

llm_config = {"model": "test-model", "cache_seed": None}

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


clerk = AssistantAgent(
    "clerk",
    description="looks up, drafts, closes the case",
    system_message="""You answer customers of a small furniture shop.

1. Look up the order and the rule that applies. Never guess prices or dates.
2. Draft a short, friendly answer and say in one line what it costs us. Then wait for the supervisor.
3. If the supervisor rejects it, change the draft as the reason says. If it is approved, close the case with one sentence that ends with the word RESOLVED.""",
    llm_config=llm_config,
)


class SupervisorAsked(UserProxyAgent):
    """supervisor is asked in words of its own."""

    def get_human_input(self, prompt: str) -> str:
        """What the person answers."""
        said = input(
            "May this answer go to the customer? (yes, or no and why) "
        ).strip()
        return "Approved." if said.lower() in ("y", "yes") else f"Rejected. {said}"


supervisor = SupervisorAsked(
    "supervisor",
    description="approves what goes out",
    human_input_mode="ALWAYS",
    code_execution_config=False,
    is_termination_msg=lambda message: "TERMINATE" in (message.get("content") or ""),
)

user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

for function in (look_up_order, read_policy):
    register_function(
        function, caller=clerk, executor=clerk, description=function.__doc__ or ""
    )


def next_speaker(last_speaker: Agent, group_chat: GroupChat) -> Agent | str | None:
    """Everybody in turn; who calls a tool first hears what it gives."""
    message = group_chat.messages[-1]
    if message.get("tool_calls") or message.get("tool_responses"):
        return last_speaker
    spoken = [
        each
        for each in group_chat.messages
        if not (each.get("tool_calls") or each.get("tool_responses"))
    ]
    turns = len(spoken) - 1
    if turns >= 10:
        return None
    return "round_robin"


group_chat = GroupChat(
    [clerk, supervisor],
    messages=[],
    max_round=200,
    speaker_selection_method=next_speaker,
)
manager = GroupChatManager(
    group_chat,
    is_termination_msg=lambda message: (
        message.get("name") == "clerk"
        and not message.get("tool_calls")
        and not message.get("tool_responses")
        and "RESOLVED" in (message.get("content") or "")
    ),
)

if __name__ == "__main__":
    user.initiate_chat(manager, message=" ".join(sys.argv[1:]) or input("Task: "))
