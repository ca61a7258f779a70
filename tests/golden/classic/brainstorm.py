"""Brainstorming.

Three very different thinkers collect ideas in random order, as people do. Good before a
workshop, or when you are stuck.
"""

import random
import sys
import time

from autogen import Agent, AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent

llm_config = {"model": "test-model", "cache_seed": None}

dreamer = AssistantAgent(
    "dreamer",
    description="bold, costs nothing to think",
    system_message="""You have bold ideas and do not care yet what they cost. Give \
one idea in two or three sentences, and build on what was said before. Never \
criticise.""",
    llm_config=llm_config,
)

builder = AssistantAgent(
    "builder",
    description="makes it doable by Monday",
    system_message="""You turn ideas into something that can be tried next week \
with what is there. Pick one idea of the others and say the smallest first step, in \
two or three sentences. Never criticise.""",
    llm_config=llm_config,
)

guest = AssistantAgent(
    "guest",
    description="speaks for those it is made for",
    system_message="""You speak as one of the people for whom the idea is made. \
Say in two or three sentences what you would love, what would embarrass you, and what \
you would tell your friends.""",
    llm_config=llm_config,
)

user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

began = time.monotonic()


def next_speaker(last_speaker: Agent, group_chat: GroupChat) -> Agent | str | None:
    """Somebody, at random, in the same order every time."""
    agents = [agent for agent in group_chat.agents if agent is not last_speaker]
    spoke = [
        each
        for each in group_chat.messages[1:]
        if not (each.get("tool_calls") or each.get("tool_responses"))
    ]
    return random.Random(f"8:{len(spoke)}").choice(agents)


group_chat = GroupChat(
    [dreamer, builder, guest],
    messages=[],
    max_round=8,
    speaker_selection_method=next_speaker,
)
manager = GroupChatManager(
    group_chat, is_termination_msg=lambda message: time.monotonic() - began > 600
)

if __name__ == "__main__":
    user.initiate_chat(manager, message=" ".join(sys.argv[1:]) or input("Task: "))
