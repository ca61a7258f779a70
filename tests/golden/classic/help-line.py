"""Help line with hand-offs.

A reception listens and hands over to a technician or to billing, and they hand over to
each other until the customer has to decide.
"""

import sys
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


def transfer_to_technician() -> str:
    """Hand the conversation over to technician."""
    return "Handed over to technician."


def transfer_to_billing() -> str:
    """Hand the conversation over to billing."""
    return "Handed over to billing."


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
    system_message="""You answer the phone of an internet provider. Say in one \
sentence what you understood, then hand over: connections and devices to the \
technician, money and contracts to billing. Solve nothing yourself.""",
    llm_config=llm_config,
)

technician = AssistantAgent(
    "technician",
    description="knows boxes and lines",
    system_message="""You repair connections. Give the next one or two steps in \
plain words. If something about money is still open, hand over to billing; otherwise \
hand over to user, so that the customer can try it.""",
    llm_config=llm_config,
)

billing = AssistantAgent(
    "billing",
    description="knows invoices and contracts",
    system_message="""You answer questions about invoices. Say what you will do \
and by when, and promise nothing that you cannot do. If something technical is still \
open, hand over to the technician; otherwise hand over to user for a decision.""",
    llm_config=llm_config,
)

user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

for function in (transfer_to_technician, transfer_to_billing):
    register_function(
        function,
        caller=reception,
        executor=reception,
        description=function.__doc__ or "",
    )
for function in (transfer_to_billing, transfer_to_user):
    register_function(
        function,
        caller=technician,
        executor=technician,
        description=function.__doc__ or "",
    )
for function in (transfer_to_technician, transfer_to_user):
    register_function(
        function, caller=billing, executor=billing, description=function.__doc__ or ""
    )


def next_speaker(last_speaker: Agent, group_chat: GroupChat) -> Agent | str | None:
    """Everybody in turn; who calls a tool first hears what it gives."""
    message = group_chat.messages[-1]
    if message.get("tool_calls"):
        return last_speaker
    turns = sum(is_a_turn(each) for each in group_chat.messages) - 1
    if turns >= 8:
        return None
    if message.get("tool_responses"):
        called = [
            call["function"]["name"] for call in group_chat.messages[-2]["tool_calls"]
        ]
        if "transfer_to_user" in called:
            return None
        handed_to = {
            "transfer_to_billing": billing,
            "transfer_to_technician": technician,
        }
        return next(
            (handed_to[name] for name in called if name in handed_to), last_speaker
        )
    return "round_robin"


group_chat = GroupChat(
    [reception, technician, billing],
    messages=[],
    max_round=160,
    speaker_selection_method=next_speaker,
)
manager = GroupChatManager(group_chat)

if __name__ == "__main__":
    user.initiate_chat(manager, message=" ".join(sys.argv[1:]) or input("Task: "))
