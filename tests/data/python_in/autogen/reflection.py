"""A writer and a critic in turns, made by a helper."""

import asyncio
import os
import textwrap

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import ExternalTermination, MaxMessageTermination, TextMentionTermination
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_agentchat.ui import Console
from autogen_ext.models.openai import OpenAIChatCompletionClient

MODEL = os.getenv("MODEL", "gpt-4o-mini")
ROLES = {
    "primary": "You write short poems.",
    "critic": "Give constructive feedback. Respond with 'APPROVE' when your feedback is addressed.",
}


def build(name: str, client: OpenAIChatCompletionClient, prompt: str = "You help.") -> AssistantAgent:
    about = textwrap.dedent(
        f"""
        {prompt}
        Answer as {name}.
        """
    ).strip()
    return AssistantAgent(name, model_client=client, system_message=about)


async def main() -> None:
    client = OpenAIChatCompletionClient(model=MODEL, api_key=os.environ["OPENAI_API_KEY"], temperature=0.7, seed=42)
    agents = [build(name, client, prompt=prompt) for name, prompt in ROLES.items()]
    stop = TextMentionTermination("APPROVE", sources=["critic"]) | MaxMessageTermination(12)
    team = RoundRobinGroupChat(agents, termination_condition=stop)
    await Console(team.run_stream(task="Write a short poem about the fall season."))
    await team.reset()
    await Console(team.run_stream(task="将这首诗用中文唐诗风格写一遍。"))
    await client.close()


asyncio.run(main())
