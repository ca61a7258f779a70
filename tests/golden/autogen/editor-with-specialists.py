"""Editor with specialists.

An editor writes, and calls two specialists like any other tool: a researcher who
remembers what it found before, and a fact checker who judges every claim afresh.
"""

import asyncio
import sys

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import TextMentionTermination
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_agentchat.tools import AgentTool
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

researcher = AssistantAgent(
    "researcher",
    model_client=practice,
    description="Finds facts, and knows what it found for you before.",
    system_message="""You find facts for an editor: short, one a line, without \
opinions. Do not repeat what you said before.""",
)

fact_checker = AssistantAgent(
    "fact_checker",
    model_client=practice,
    description="""Says of each claim whether it holds. Give it the claims, \
word for word.""",
    system_message="""You check claims. Say of each whether it holds, and correct \
what does not.""",
)

editor = AssistantAgent(
    "editor",
    model_client=practice,
    description="writes, and asks the specialists",
    system_message="""You write short texts for a travel page. Ask the researcher \
for facts, let the fact checker check what you want to print, and correct it. Then say \
the text with a title, and end with PUBLISHED.""",
    tools=[
        AgentTool(researcher, return_value_as_last_message=True),
        AgentTool(fact_checker, return_value_as_last_message=True),
    ],
    reflect_on_tool_use=True,
    max_tool_iterations=10,
)

termination = TextMentionTermination("PUBLISHED", sources=["editor"])
team = RoundRobinGroupChat(
    [editor], name="Desk", termination_condition=termination, max_turns=4
)

if __name__ == "__main__":
    task = " ".join(sys.argv[1:]) or input("Task: ")
    asyncio.run(Console(team.run_stream(task=task)))
