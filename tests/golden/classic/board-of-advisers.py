"""Board of advisers.

Three advisers debate among themselves and answer as one voice; then a clerk writes the
memo. What they said inside can be read, but only their answer counts outside.
"""

import sys
from typing import Any

from autogen import (
    AssistantAgent,
    ConversableAgent,
    GroupChat,
    GroupChatManager,
    UserProxyAgent,
)

llm_config = {"model": "test-model", "cache_seed": None}


def last_said(
    sender: ConversableAgent, recipient: ConversableAgent, summary_args: dict[str, Any]
) -> str:
    """What was said last in a chat."""
    messages = recipient.groupchat.messages
    return messages[-1]["content"] or ""


def said_before(
    recipient: ConversableAgent,
    messages: list[dict[str, Any]],
    sender: ConversableAgent,
    config: Any,
) -> str:
    """What was said so far, for those who talk about it among themselves."""
    return "\n\n".join(message["content"] or "" for message in messages)


optimist = AssistantAgent(
    "optimist",
    description="sees what could go well",
    system_message="You see chances. Name the strongest one in two sentences.",
    llm_config=llm_config,
)

sceptic = AssistantAgent(
    "sceptic",
    description="sees what could fail",
    system_message="""You see risks. Name the one that would hurt most in two \
sentences.""",
    llm_config=llm_config,
)

accountant = AssistantAgent(
    "accountant",
    description="asks what it costs",
    system_message="""You count. Say in two sentences what it costs, what it \
brings, and what you would try first.""",
    llm_config=llm_config,
)

clerk = AssistantAgent(
    "clerk",
    description="writes the memo",
    system_message="""You write the memo: one line with the decision, three lines \
with the reasons, one line with the next step and its date.""",
    llm_config=llm_config,
)

user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

advisers_chat = GroupChat(
    [optimist, sceptic, accountant],
    messages=[],
    max_round=4,
    speaker_selection_method="round_robin",
)
advisers_manager = GroupChatManager(
    advisers_chat, name="advisers_manager", llm_config=llm_config
)

advisers = ConversableAgent("advisers", llm_config=False, human_input_mode="NEVER")

advisers.register_nested_chats(
    [
        {
            "recipient": advisers_manager,
            "max_turns": 1,
            "summary_method": "reflection_with_llm",
            "summary_args": {
                "summary_prompt": """Other people have been working on a request that was made to \
you. This is what they said. Answer the original request now, from what was said. \
Speak for yourself and do not mention the discussion."""
            },
            "message": said_before,
        }
    ],
    trigger=lambda sender: True,
)

group_chat = GroupChat(
    [advisers, clerk], messages=[], max_round=3, speaker_selection_method="round_robin"
)
manager = GroupChatManager(group_chat)

if __name__ == "__main__":
    user.initiate_chat(manager, message=" ".join(sys.argv[1:]) or input("Task: "))
