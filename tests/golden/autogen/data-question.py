"""Question to the data. An analyst quotes only figures that a runner has calculated."""

import asyncio
import sys

from autogen_agentchat.agents import AssistantAgent, CodeExecutorAgent
from autogen_agentchat.conditions import TextMentionTermination
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_agentchat.ui import Console
from autogen_ext.code_executors import create_default_code_executor
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

code_executor = create_default_code_executor(work_dir="work")

analyst = AssistantAgent(
    "analyst",
    model_client=practice,
    description="asks the data with Python",
    system_message="""You answer questions about data with Python that somebody else runs for you.
First write the data into a CSV file and print how many rows were read back. Then calculate, and print every figure that you are going to use. One ```python block a message, standard library only; files stay there between blocks. State only figures that were printed. Begin the final answer with the word ANSWER: and use one or two sentences.""",
)

runner = CodeExecutorAgent(
    "runner", code_executor, description="runs the code", sources=["analyst"]
)

termination = TextMentionTermination("ANSWER:", sources=["analyst"])
team = RoundRobinGroupChat(
    [analyst, runner], name="Data desk", termination_condition=termination, max_turns=10
)


async def main(task: str) -> None:
    async with code_executor:
        await Console(team.run_stream(task=task))


if __name__ == "__main__":
    asyncio.run(main(" ".join(sys.argv[1:]) or input("Task: ")))
