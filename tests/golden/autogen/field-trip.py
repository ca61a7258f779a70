"""Field trip with a planner.

A planner writes down facts and a plan, follows the progress before every turn, says who
does what, and gives the answer at the end.
"""

import asyncio
import sys

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.teams import MagenticOneGroupChat
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

routes = AssistantAgent(
    "routes",
    model_client=practice,
    description="finds trains and times",
    system_message="""You find connections. Give times, changes and the price for \
the group. Say when you assume something.""",
)

budget = AssistantAgent(
    "budget",
    model_client=practice,
    description="adds up what it costs",
    system_message="""You add up costs for a group and for each person, and \
compare them with the limit. Show the sum.""",
)

writer = AssistantAgent(
    "writer",
    model_client=practice,
    description="writes the plan of the day",
    system_message="""You write the plan of a day from what the others found: \
time, place, what to bring. At most ten lines.""",
)

team = MagenticOneGroupChat(
    [routes, budget, writer],
    name="Trip office",
    max_turns=12,
    model_client=practice,
    final_answer_prompt="""The work is over. Write the final answer to the task for the \
person who gave it, from what was found out. Only the answer.""",
)

if __name__ == "__main__":
    task = " ".join(sys.argv[1:]) or input("Task: ")
    asyncio.run(Console(team.run_stream(task=task)))
