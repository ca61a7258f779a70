"""Article in three chats.

Three chats follow one another: collect facts, write the draft, find the headline. Each
gets a summary of those before it, not their whole talk.
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
)

llm_config = {"model": "test-model", "cache_seed": None}


def last_said(
    sender: ConversableAgent, recipient: ConversableAgent, summary_args: dict[str, Any]
) -> str:
    """What was said last in a chat."""
    messages = recipient.groupchat.messages
    return messages[-1]["content"] or ""


def research_task(
    recipient: ConversableAgent,
    messages: list[dict[str, Any]],
    sender: ConversableAgent,
    config: Any,
) -> str:
    """What research is told."""
    task = str(messages[-1]["content"])
    if before := "\n".join(message["content"] for message in messages[1:-1]):
        task += f"\nContext:\n{before}"
    return task


def draft_task(
    recipient: ConversableAgent,
    messages: list[dict[str, Any]],
    sender: ConversableAgent,
    config: Any,
) -> str:
    """What draft is told."""
    task = """Write an article of five sentences for curious readers from \
these facts."""
    if before := "\n".join(message["content"] for message in messages[1:]):
        task += f"\nContext:\n{before}"
    return task


def title_task(
    recipient: ConversableAgent,
    messages: list[dict[str, Any]],
    sender: ConversableAgent,
    config: Any,
) -> str:
    """What title is told."""
    task = """Find a headline of at most eight words for this article, and \
say nothing else."""
    if before := "\n".join(message["content"] for message in messages[1:]):
        task += f"\nContext:\n{before}"
    return task


finder = AssistantAgent(
    "finder",
    description="collects facts",
    system_message="""You collect what is known about a question, in at most four \
points, each with how sure you are.""",
    llm_config=llm_config,
)

doubter = AssistantAgent(
    "doubter",
    description="crosses out what is not sure",
    system_message="""You go through the points and say which can stay and which \
must be told as a guess.""",
    llm_config=llm_config,
)

author = AssistantAgent(
    "author",
    description="writes",
    system_message="""You write short articles for curious readers. When the \
reader answers, write the whole text again.""",
    llm_config=llm_config,
)

reader = AssistantAgent(
    "reader",
    description="asks what is unclear",
    system_message="""You read as a curious person. Ask the one thing that stays \
unclear.""",
    llm_config=llm_config,
)

headliner = AssistantAgent(
    "headliner",
    description="finds headlines",
    system_message="""You find headlines that promise no more than the article \
keeps.""",
    llm_config=llm_config,
)

user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

research_chat = GroupChat(
    [finder, doubter], messages=[], max_round=3, speaker_selection_method="round_robin"
)
research_manager = GroupChatManager(
    research_chat, name="research_manager", llm_config=llm_config
)

research = ConversableAgent("research", llm_config=False, human_input_mode="NEVER")

research.register_nested_chats(
    [
        {
            "recipient": research_manager,
            "max_turns": 1,
            "summary_method": "reflection_with_llm",
            "message": research_task,
            "summary_args": {
                "summary_prompt": """Summarise the takeaway of the conversation. Add no \
introduction and name no speakers unless it matters who said it."""
            },
        }
    ],
    trigger=lambda sender: True,
)

draft_chat = GroupChat(
    [author, reader], messages=[], max_round=4, speaker_selection_method="round_robin"
)
draft_manager = GroupChatManager(draft_chat, name="draft_manager")

draft = ConversableAgent("draft", llm_config=False, human_input_mode="NEVER")

draft.register_nested_chats(
    [
        {
            "recipient": draft_manager,
            "max_turns": 1,
            "summary_method": last_said,
            "message": draft_task,
        }
    ],
    trigger=lambda sender: True,
)


def title_chat_next(last_speaker: Agent, group_chat: GroupChat) -> Agent | str | None:
    """Everybody in turn."""
    return headliner


title_chat = GroupChat(
    [headliner], messages=[], max_round=2, speaker_selection_method=title_chat_next
)
title_manager = GroupChatManager(title_chat, name="title_manager")

title = ConversableAgent("title", llm_config=False, human_input_mode="NEVER")

title.register_nested_chats(
    [
        {
            "recipient": title_manager,
            "max_turns": 1,
            "summary_method": last_said,
            "message": title_task,
        }
    ],
    trigger=lambda sender: True,
)

group_chat = GroupChat(
    [research, draft, title],
    messages=[],
    max_round=4,
    speaker_selection_method="round_robin",
)
manager = GroupChatManager(group_chat)

if __name__ == "__main__":
    user.initiate_chat(manager, message=" ".join(sys.argv[1:]) or input("Task: "))
