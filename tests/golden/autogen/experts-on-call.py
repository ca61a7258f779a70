"""Experts on call.

One assistant talks to you and calls a team of experts when it needs them, like any
other tool: it gives them a task and gets their answer.
"""

import asyncio
import sys

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import TextMentionTermination
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_agentchat.tools import TeamTool
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

RATES = {"USD": 1.09, "GBP": 0.85, "CHF": 0.96}


def convert(amount: float, currency: str) -> str:
    """Convert an amount in EUR into another currency: USD, GBP or CHF."""
    rate = RATES.get(currency.strip().upper())
    return (
        f"{amount * rate:.2f} {currency.upper()}"
        if rate
        else f"There is no rate for {currency}."
    )


tax_expert = AssistantAgent(
    "tax_expert",
    model_client=practice,
    description="knows where taxes are due",
    system_message="""You know taxes across borders. Say in two sentences where \
they are due and what must be filed by when.""",
)

insurance_expert = AssistantAgent(
    "insurance_expert",
    model_client=practice,
    description="knows insurance, and sums up",
    system_message="""You know insurance across borders. Add what must be insured \
by when, and sum up what both of you said in a list.""",
)

experts = RoundRobinGroupChat(
    [tax_expert, insurance_expert],
    name="experts",
    description="""They know taxes and insurance for people who work across \
borders. Give them the whole case.""",
    max_turns=2,
)

guide = AssistantAgent(
    "guide",
    model_client=practice,
    description="talks to you",
    system_message="""You advise people who move abroad. Ask the experts for what \
must be right and convert amounts with the tool. Answer in at most six sentences and \
end with ANSWERED.""",
    tools=[
        TeamTool(
            name="experts",
            description="""They know taxes and insurance for people who work across \
borders. Give them the whole case.""",
            team=experts,
            return_value_as_last_message=True,
        ),
        convert,
    ],
    reflect_on_tool_use=True,
    max_tool_iterations=10,
)

termination = TextMentionTermination("ANSWERED", sources=["guide"])
team = RoundRobinGroupChat(
    [guide], name="Front desk", termination_condition=termination, max_turns=6
)

if __name__ == "__main__":
    task = " ".join(sys.argv[1:]) or input("Task: ")
    asyncio.run(Console(team.run_stream(task=task)))
