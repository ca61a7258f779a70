"""A model, or a function before it, chooses who searches, who computes and who plans."""

import asyncio
from typing import Sequence

from autogen_agentchat.agents import AssistantAgent, UserProxyAgent
from autogen_agentchat.conditions import MaxMessageTermination, TextMentionTermination
from autogen_agentchat.messages import BaseAgentEvent, BaseChatMessage
from autogen_agentchat.teams import SelectorGroupChat
from autogen_agentchat.ui import Console
from autogen_core.tools import FunctionTool
from autogen_ext.models.openai import OpenAIChatCompletionClient

SEASONS = {"2006-2007": 1397, "2007-2008": 1361}


def search_web_tool(query: str) -> str:
    """Looks something up."""
    return "\n".join(f"{season}: {points}" for season, points in SEASONS.items())


def percentage_change_tool(start: float, end: float) -> float:
    return round_up((end - start) / start * 100)


def round_up(value: float) -> float:
    return round(value, 2)


model_client = OpenAIChatCompletionClient(model="gpt-4o", base_url="https://models.example/v1", api_key="sk-not-a-real-key")

planning_agent = AssistantAgent(
    "PlanningAgent",
    description="An agent for planning tasks, the first to be asked.",
    model_client=model_client,
    system_message="""
    You are a planning agent. Break the task down and delegate.
    When all tasks are complete, summarize and end with "TERMINATE".
    """,
)
web_search_agent = AssistantAgent(
    "WebSearchAgent",
    description="An agent for searching information on the web.",
    tools=[search_web_tool],
    model_client=model_client,
    system_message="You are a web search agent.",
)
data_analyst_agent = AssistantAgent(
    "DataAnalystAgent",
    description="An agent for performing calculations.",
    model_client=model_client,
    tools=[FunctionTool(percentage_change_tool, description="The change in percent.", name="percentage_change_tool")],
    system_message="You are a data analyst.",
)
user_proxy = UserProxyAgent("user_proxy", description="Approves.", input_func=input)

selector_prompt = """Select an agent to perform the task.

{roles}

Current conversation context:
{history}

Read the above conversation, then select an agent from {participants} to perform the next task.
Make sure the planner agent has assigned tasks before other agents start working.
"""


def selector_func(messages: Sequence[BaseAgentEvent | BaseChatMessage]) -> str | None:
    if messages[-1].source != planning_agent.name:
        return planning_agent.name
    return None


team = SelectorGroupChat(
    [planning_agent, web_search_agent, data_analyst_agent, user_proxy],
    model_client=model_client,
    termination_condition=TextMentionTermination("TERMINATE") | MaxMessageTermination(max_messages=25),
    selector_prompt=selector_prompt,
    allow_repeated_speaker=True,
    selector_func=selector_func,
)

task = "Who was the Miami Heat player with the highest points in 2006-2007?"

if __name__ == "__main__":
    asyncio.run(Console(team.run_stream(task=task)))
