"""Blind review.

Two reviewers read a paper without hearing each other, each behind a filter; then the
chair, who hears both, decides.
"""

import sys
from typing import Any

from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent

llm_config = {"model": "test-model", "cache_seed": None}

author = AssistantAgent(
    "author",
    description="sums up the paper",
    system_message="""You sum up a paper for reviewers: the claim, the method, the \
numbers, the limits. Four sentences.""",
    llm_config=llm_config,
)

method_reviewer = AssistantAgent(
    "method_reviewer",
    description="looks at the method",
    system_message="""You review methods. Give a mark from 1 to 5 and the one \
reason that weighs most.""",
    llm_config=llm_config,
)


def heard_by_method_reviewer(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What first_desk lets through."""
    heard = [each for each in messages if each.get("name") == "author"][-1:] + [
        each
        for each in messages
        if each.get("name") == "method_reviewer"
        or each["role"] in ("assistant", "tool")
    ]
    return [each for each in messages if each in heard]


method_reviewer.register_hook(
    "process_all_messages_before_reply", heard_by_method_reviewer
)

use_reviewer = AssistantAgent(
    "use_reviewer",
    description="asks what it is good for",
    system_message="""You review what a result is good for. Give a mark from 1 to \
5 and the one reason that weighs most.""",
    llm_config=llm_config,
)


def heard_by_use_reviewer(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What second_desk lets through."""
    heard = [each for each in messages if each.get("name") == "author"][-1:] + [
        each
        for each in messages
        if each.get("name") == "use_reviewer" or each["role"] in ("assistant", "tool")
    ]
    return [each for each in messages if each in heard]


use_reviewer.register_hook("process_all_messages_before_reply", heard_by_use_reviewer)

chair = AssistantAgent(
    "chair",
    description="decides",
    system_message="""You decide from both reviews: accept, revise or reject, with \
what the author must do. At most four sentences.""",
    llm_config=llm_config,
)

user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

group_chat = GroupChat(
    [author, method_reviewer, use_reviewer, chair],
    messages=[],
    max_round=5,
    speaker_selection_method="round_robin",
)
manager = GroupChatManager(group_chat)

if __name__ == "__main__":
    user.initiate_chat(manager, message=" ".join(sys.argv[1:]) or input("Task: "))
