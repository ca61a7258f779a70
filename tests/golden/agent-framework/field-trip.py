"""Field trip with a planner.

A planner writes down facts and a plan, follows the progress before every turn, says who
does what, and gives the answer at the end.
"""

import asyncio
import sys

from agent_framework import AgentResponseUpdate, Workflow
from agent_framework.openai import OpenAIChatCompletionClient
from agent_framework.orchestrations import MagenticBuilder

client = OpenAIChatCompletionClient(model="test-model")

routes = client.as_agent(
    name="routes",
    description="finds trains and times",
    instructions="""You find connections. Give times, changes and the price for \
the group. Say when you assume something.""",
)

budget = client.as_agent(
    name="budget",
    description="adds up what it costs",
    instructions="""You add up costs for a group and for each person, and \
compare them with the limit. Show the sum.""",
)

writer = client.as_agent(
    name="writer",
    description="writes the plan of the day",
    instructions="""You write the plan of a day from what the others found: \
time, place, what to bring. At most ten lines.""",
)

manager = client.as_agent(name="Trip_office")

workflow = MagenticBuilder(
    participants=[routes, budget, writer],
    manager_agent=manager,
    max_round_count=12,
    max_stall_count=3,
    max_reset_count=5,
    intermediate_output_from="all_other",
).build()


async def work(workflow: Workflow, task: str) -> None:
    """Let the team work on a task, and show what is said and the answer."""
    speaker = ""
    async for event in workflow.run(task, stream=True):
        if event.type in ("intermediate", "output") and isinstance(
            event.data, AgentResponseUpdate
        ):
            if event.data.text and event.executor_id != speaker:
                speaker = str(event.executor_id)
                print(f"\n\n{speaker}: ", end="")
            print(event.data.text, end="", flush=True)
    print()


if __name__ == "__main__":
    asyncio.run(work(workflow, " ".join(sys.argv[1:]) or input("Task: ")))
