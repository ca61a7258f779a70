"""Brainstorming.

Three very different thinkers collect ideas in random order, as people do. Good before a
workshop, or when you are stuck.
"""

import asyncio
import random
import sys
from collections.abc import Sequence

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import MaxMessageTermination, TimeoutTermination
from autogen_agentchat.messages import BaseAgentEvent, BaseChatMessage
from autogen_agentchat.teams import SelectorGroupChat
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

NAMES = ["dreamer", "builder", "guest"]


def draw_lots(thread: Sequence[BaseAgentEvent | BaseChatMessage]) -> str:
    """Somebody, by lot, but nobody twice in a row."""
    spoken = [
        each.source
        for each in thread
        if isinstance(each, BaseChatMessage) and each.source in NAMES
    ]
    drawn = [name for name in NAMES if not spoken or name != spoken[-1]]
    return random.Random(f"8:{len(spoken)}").choice(drawn)


dreamer = AssistantAgent(
    "dreamer",
    model_client=practice,
    description="bold, costs nothing to think",
    system_message="""You have bold ideas and do not care yet what they cost. Give \
one idea in two or three sentences, and build on what was said before. Never \
criticise.""",
)

builder = AssistantAgent(
    "builder",
    model_client=practice,
    description="makes it doable by Monday",
    system_message="""You turn ideas into something that can be tried next week \
with what is there. Pick one idea of the others and say the smallest first step, in \
two or three sentences. Never criticise.""",
)

guest = AssistantAgent(
    "guest",
    model_client=practice,
    description="speaks for those it is made for",
    system_message="""You speak as one of the people for whom the idea is made. \
Say in two or three sentences what you would love, what would embarrass you, and what \
you would tell your friends.""",
)

team = SelectorGroupChat(
    [dreamer, builder, guest],
    name="Round table",
    termination_condition=MaxMessageTermination(8) | TimeoutTermination(600),
    max_turns=50,
    model_client=practice,
    selector_func=draw_lots,
)

if __name__ == "__main__":
    task = " ".join(sys.argv[1:]) or input("Task: ")
    asyncio.run(Console(team.run_stream(task=task)))
