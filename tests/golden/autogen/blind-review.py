"""Blind review.

Two reviewers read a paper without hearing each other, each behind a filter; then the
chair, who hears both, decides.
"""

import asyncio
import sys

from autogen_agentchat.agents import (
    AssistantAgent,
    MessageFilterAgent,
    MessageFilterConfig,
    PerSourceFilter,
)
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

author = AssistantAgent(
    "author",
    model_client=practice,
    description="sums up the paper",
    system_message="""You sum up a paper for reviewers: the claim, the method, the \
numbers, the limits. Four sentences.""",
)

method_reviewer = AssistantAgent(
    "method_reviewer",
    model_client=practice,
    description="looks at the method",
    system_message="""You review methods. Give a mark from 1 to 5 and the one \
reason that weighs most.""",
)

first_desk = MessageFilterAgent(
    name="first_desk",
    wrapped_agent=method_reviewer,
    filter=MessageFilterConfig(
        per_source=[PerSourceFilter(source="author", position="last", count=1)]
    ),
)

use_reviewer = AssistantAgent(
    "use_reviewer",
    model_client=practice,
    description="asks what it is good for",
    system_message="""You review what a result is good for. Give a mark from 1 to \
5 and the one reason that weighs most.""",
)

second_desk = MessageFilterAgent(
    name="second_desk",
    wrapped_agent=use_reviewer,
    filter=MessageFilterConfig(
        per_source=[PerSourceFilter(source="author", position="last", count=1)]
    ),
)

chair = AssistantAgent(
    "chair",
    model_client=practice,
    description="decides",
    system_message="""You decide from both reviews: accept, revise or reject, with \
what the author must do. At most four sentences.""",
)

team = RoundRobinGroupChat(
    [author, first_desk, second_desk, chair], name="Programme committee", max_turns=4
)

if __name__ == "__main__":
    task = " ".join(sys.argv[1:]) or input("Task: ")
    asyncio.run(Console(team.run_stream(task=task)))
