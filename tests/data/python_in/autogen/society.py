"""An inner team that speaks as one, and a translator after it."""

import asyncio

from autogen_agentchat.agents import AssistantAgent, SocietyOfMindAgent
from autogen_agentchat.conditions import MaxMessageTermination, TextMentionTermination
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_agentchat.ui import Console
from autogen_core.model_context import BufferedChatCompletionContext
from autogen_ext.models.openai import OpenAIChatCompletionClient


async def main() -> None:
    model_client = OpenAIChatCompletionClient(model="gpt-4o")
    agent1 = AssistantAgent("assistant1", model_client=model_client, system_message="You are a writer, write well.")
    agent2 = AssistantAgent(
        "assistant2",
        model_client=model_client,
        system_message="You are an editor, provide critical feedback. Respond with 'APPROVE' if the text addresses all feedbacks.",
        model_context=BufferedChatCompletionContext(buffer_size=5),
    )
    inner_team = RoundRobinGroupChat([agent1, agent2], termination_condition=TextMentionTermination("APPROVE") & MaxMessageTermination(3))
    society_of_mind_agent = SocietyOfMindAgent("society_of_mind", team=inner_team, model_client=model_client)
    agent3 = AssistantAgent("assistant3", model_client=model_client, system_message="Translate the text to Spanish.")
    team = RoundRobinGroupChat([society_of_mind_agent, agent3], max_turns=2)
    stream = team.run_stream(task="Write a short story with a surprising ending.")
    await Console(stream)


asyncio.run(main())
