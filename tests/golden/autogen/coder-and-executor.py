"""Coder and executor. One agent writes Python, the other runs it until it works."""

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

coder = AssistantAgent(
    "coder",
    model_client=practice,
    description="writes Python and repairs it",
    system_message="""You solve tasks with Python that somebody else runs for you.
Send the whole program as one ```python block; use the standard library only and print what shows that the result is right.
Read the output: if it shows a mistake, say what was wrong and send the whole corrected program; when it proves that the task is solved, sum it up in two sentences and end with the word TERMINATE.""",
)

executor = CodeExecutorAgent("executor", code_executor, description="runs it")

termination = TextMentionTermination("TERMINATE", sources=["coder"])
team = RoundRobinGroupChat(
    [coder, executor], name="Workbench", termination_condition=termination, max_turns=12
)


async def main(task: str) -> None:
    async with code_executor:
        await Console(team.run_stream(task=task))


if __name__ == "__main__":
    asyncio.run(main(" ".join(sys.argv[1:]) or input("Task: ")))
