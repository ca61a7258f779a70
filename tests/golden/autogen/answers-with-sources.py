"""Answers with sources. A guide cites documents, a checker looks them up again."""

import asyncio
import sys

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import TextMentionTermination
from autogen_agentchat.teams import RoundRobinGroupChat
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

guide = AssistantAgent(
    "guide",
    model_client=practice,
    description="answers from the documents",
    system_message="""You answer guests of a boat hire from its documents, in \
three or four short sentences. Say only what the passages hold, with their numbers in \
brackets, such as [1]. Say so when they do not hold an answer.""",
)

checker = AssistantAgent(
    "checker",
    model_client=practice,
    description="reads the sources again",
    system_message="""You check the guide's answer against the passages. Say in \
one or two sentences whether each figure is right, and cite the passage. End with the \
word CHECKED when all of it is right; otherwise say what must be changed.""",
)

termination = TextMentionTermination("CHECKED", sources=["checker"])
team = RoundRobinGroupChat(
    [guide, checker], name="Boat hire", termination_condition=termination, max_turns=6
)

if __name__ == "__main__":
    task = " ".join(sys.argv[1:]) or input("Task: ")
    asyncio.run(Console(team.run_stream(task=task)))
