"""Board of advisers.

Three advisers debate among themselves and answer as one voice; then a clerk writes the
memo. What they said inside can be read, but only their answer counts outside.
"""

import asyncio
import sys

from autogen_agentchat.agents import AssistantAgent, SocietyOfMindAgent
from autogen_agentchat.teams import RoundRobinGroupChat
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

optimist = AssistantAgent(
    "optimist",
    model_client=practice,
    description="sees what could go well",
    system_message="You see chances. Name the strongest one in two sentences.",
)

sceptic = AssistantAgent(
    "sceptic",
    model_client=practice,
    description="sees what could fail",
    system_message="""You see risks. Name the one that would hurt most in two \
sentences.""",
)

accountant = AssistantAgent(
    "accountant",
    model_client=practice,
    description="asks what it costs",
    system_message="""You count. Say in two sentences what it costs, what it \
brings, and what you would try first.""",
)

advisers_team = RoundRobinGroupChat(
    [optimist, sceptic, accountant], name="advisers_team", description="", max_turns=3
)

advisers = SocietyOfMindAgent(
    name="advisers",
    team=advisers_team,
    model_client=practice,
    instruction="""Other people have been working on a request that was made to \
you. This is what they said.""",
    response_prompt="""Answer the original request now, from what was said. Speak \
for yourself and do not mention the discussion.""",
)

clerk = AssistantAgent(
    "clerk",
    model_client=practice,
    description="writes the memo",
    system_message="""You write the memo: one line with the decision, three lines \
with the reasons, one line with the next step and its date.""",
)

team = RoundRobinGroupChat([advisers, clerk], name="Board", max_turns=2)

if __name__ == "__main__":
    task = " ".join(sys.argv[1:]) or "Should our bakery deliver bread by bicycle?"
    asyncio.run(Console(team.run_stream(task=task)))
