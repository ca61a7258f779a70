"""Writing room.

A planner decides what a text must do, a writer drafts it, and a critic sends it back
until it is good.
"""

import asyncio
import sys
from collections.abc import Sequence

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import TextMentionTermination
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

NAMES = ["planner", "writer", "critic"]

AFTER = {
    "user": ["planner"],
    "planner": ["writer"],
    "writer": ["critic"],
    "critic": ["writer"],
}


def follow_arrows(thread: Sequence[BaseAgentEvent | BaseChatMessage]) -> str:
    """Whoever was silent longest among those who may speak after the last speaker."""
    spoken = [
        each.source
        for each in thread
        if isinstance(each, BaseChatMessage) and each.source in NAMES
    ]
    turns = {name: turn for turn, name in enumerate(spoken)}
    return min(
        AFTER[spoken[-1] if spoken else "user"], key=lambda name: turns.get(name, -1)
    )


planner = AssistantAgent(
    "planner",
    model_client=practice,
    description="says what the text must do",
    system_message="""You plan short texts. Name the reader, the one thing the \
text must achieve, what it must contain, its tone and its length. Use a short list. Do \
not write the text.""",
)

writer = AssistantAgent(
    "writer",
    model_client=practice,
    description="drafts and rewrites",
    system_message="""You write clear, warm prose in short sentences. Follow the \
plan. When the critic asks for changes, answer with the whole new text and nothing \
else.""",
)

critic = AssistantAgent(
    "critic",
    model_client=practice,
    description="says what is not good enough",
    system_message="""You are a demanding but kind editor. Compare the draft with \
the plan. Name at most three things that must change, each with a reason. When the \
text does what the plan asks for, say what makes it work and end with the word \
APPROVED.""",
)

team = SelectorGroupChat(
    [planner, writer, critic],
    name="Writing room",
    termination_condition=TextMentionTermination("APPROVED", sources=["critic"]),
    max_turns=9,
    model_client=practice,
    selector_func=follow_arrows,
)

if __name__ == "__main__":
    task = " ".join(sys.argv[1:]) or input("Task: ")
    asyncio.run(Console(team.run_stream(task=task)))
