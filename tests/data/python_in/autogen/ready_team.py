"""The ready team, with a person and a look at the code before it runs."""

import asyncio

from autogen_agentchat.agents import ApprovalRequest, ApprovalResponse
from autogen_agentchat.ui import Console
from autogen_ext.code_executors.docker import DockerCommandLineCodeExecutor
from autogen_ext.models.openai import OpenAIChatCompletionClient
from autogen_ext.teams.magentic_one import MagenticOne


def ask(prompt: str) -> str:
    return input(prompt)


def look(request: ApprovalRequest) -> ApprovalResponse:
    print(request.code)
    return ApprovalResponse(approved=input("y/n") == "y", reason="asked")


async def main() -> None:
    client = OpenAIChatCompletionClient(model="gpt-4o")
    async with DockerCommandLineCodeExecutor(timeout=120) as executor:
        team = MagenticOne(client=client, hil_mode=True, input_func=ask, code_executor=executor, approval_func=look)
        await Console(team.run_stream(task="Write a program that reads an API."))


if __name__ == "__main__":
    asyncio.run(main())
