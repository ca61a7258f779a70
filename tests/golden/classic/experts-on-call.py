"""Experts on call.

One assistant talks to you and calls a team of experts when it needs them, like any
other tool: it gives them a task and gets their answer.
"""

import sys
from typing import Any

from autogen import (
    Agent,
    AssistantAgent,
    ConversableAgent,
    GroupChat,
    GroupChatManager,
    UserProxyAgent,
    register_function,
)

llm_config = {"model": "test-model", "cache_seed": None}

RATES = {"USD": 1.09, "GBP": 0.85, "CHF": 0.96}


def convert(amount: float, currency: str) -> str:
    """Convert an amount in EUR into another currency: USD, GBP or CHF."""
    rate = RATES.get(currency.strip().upper())
    return (
        f"{amount * rate:.2f} {currency.upper()}"
        if rate
        else f"There is no rate for {currency}."
    )


def last_said(
    sender: ConversableAgent, recipient: ConversableAgent, summary_args: dict[str, Any]
) -> str:
    """What was said last in a chat."""
    messages = [
        each
        for each in recipient.groupchat.messages
        if not (each.get("tool_calls") or each.get("tool_responses"))
    ]
    return messages[-1]["content"] or ""


guide = AssistantAgent(
    "guide",
    description="talks to you",
    system_message="""You advise people who move abroad. Ask the experts for what \
must be right and convert amounts with the tool. Answer in at most six sentences and \
end with ANSWERED.""",
    llm_config=llm_config,
)

tax_expert = AssistantAgent(
    "tax_expert",
    description="knows where taxes are due",
    system_message="""You know taxes across borders. Say in two sentences where \
they are due and what must be filed by when.""",
    llm_config=llm_config,
)

insurance_expert = AssistantAgent(
    "insurance_expert",
    description="knows insurance, and sums up",
    system_message="""You know insurance across borders. Add what must be insured \
by when, and sum up what both of you said in a list.""",
    llm_config=llm_config,
)

user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

register_function(
    convert,
    caller=guide,
    executor=guide,
    description="""Convert an amount in EUR into another currency: USD, GBP or \
CHF.""",
)

experts_chat = GroupChat(
    [tax_expert, insurance_expert],
    messages=[],
    max_round=3,
    speaker_selection_method="round_robin",
)
experts_manager = GroupChatManager(experts_chat, name="experts_manager")


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
    if turns >= 6:
        return None
    return guide


group_chat = GroupChat(
    [guide], messages=[], max_round=120, speaker_selection_method=next_speaker
)
manager = GroupChatManager(
    group_chat,
    is_termination_msg=lambda message: (
        message.get("name") == "guide"
        and not message.get("tool_calls")
        and not message.get("tool_responses")
        and "ANSWERED" in (message.get("content") or "")
    ),
)


def experts(task: str) -> str:
    """They know taxes and insurance for people who work across borders. Give them the whole case."""
    return str(
        user.initiate_chat(
            experts_manager, message=task, max_turns=1, summary_method=last_said
        ).summary
    )


register_function(
    experts,
    caller=guide,
    executor=guide,
    description="""They know taxes and insurance for people who work across \
borders. Give them the whole case.""",
)

if __name__ == "__main__":
    user.initiate_chat(manager, message=" ".join(sys.argv[1:]) or input("Task: "))
