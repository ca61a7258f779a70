"""A planner with a ledger, a coder that is kept, and one who runs code."""

import asyncio
from pathlib import Path

from autogen_agentchat.agents import AssistantAgent, CodeExecutorAgent
from autogen_agentchat.teams import MagenticOneGroupChat
from autogen_agentchat.ui import Console
from autogen_ext.agents.web_surfer import MultimodalWebSurfer
from autogen_ext.code_executors.docker import DockerCommandLineCodeExecutor
from autogen_ext.models.openai import AzureOpenAIChatCompletionClient

work_dir = Path("coding")


async def main() -> None:
    client = AzureOpenAIChatCompletionClient(
        azure_deployment="my-gpt-4o",
        model="gpt-4o",
        api_version="2024-06-01",
        azure_endpoint="https://me.openai.azure.com/",
    )
    surfer = MultimodalWebSurfer("WebSurfer", model_client=client)
    async with DockerCommandLineCodeExecutor(work_dir=work_dir, timeout=120) as executor:
        terminal = CodeExecutorAgent("ComputerTerminal", code_executor=executor)
        assistant = AssistantAgent("Assistant", client, system_message="You write code.")
        team = MagenticOneGroupChat([surfer, terminal, assistant], model_client=client, max_stalls=2)
        await Console(team.run_stream(task="Provide a different proof for Fermat's Last Theorem"))


if __name__ == "__main__":
    asyncio.run(main())
