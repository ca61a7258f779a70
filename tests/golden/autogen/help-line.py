"""Help line with hand-offs.

A reception listens and hands over to a technician or to billing, and they hand over to
each other until the customer has to decide.
"""

import asyncio
import sys

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.base import Handoff
from autogen_agentchat.conditions import HandoffTermination
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

reception = AssistantAgent(
    "reception",
    model_client=practice,
    description="listens and hands over",
    system_message="""You answer the phone of an internet provider. Say in one \
sentence what you understood, then hand over: connections and devices to the \
technician, money and contracts to billing. Solve nothing yourself.""",
    handoffs=[
        Handoff(target="technician", message="reception hands over to technician."),
        Handoff(target="billing", message="reception hands over to billing."),
    ],
    max_tool_iterations=10,
)

technician = AssistantAgent(
    "technician",
    model_client=practice,
    description="knows boxes and lines",
    system_message="""You repair connections. Give the next one or two steps in \
plain words. If something about money is still open, hand over to billing; otherwise \
hand over to user, so that the customer can try it.""",
    handoffs=[
        Handoff(target="billing", message="technician hands over to billing."),
        Handoff(target="user", message="technician hands over to user."),
    ],
    max_tool_iterations=10,
)

billing = AssistantAgent(
    "billing",
    model_client=practice,
    description="knows invoices and contracts",
    system_message="""You answer questions about invoices. Say what you will do \
and by when, and promise nothing that you cannot do. If something technical is still \
open, hand over to the technician; otherwise hand over to user for a decision.""",
    handoffs=[
        Handoff(target="technician", message="billing hands over to technician."),
        Handoff(target="user", message="billing hands over to user."),
    ],
    max_tool_iterations=10,
)

team = RoundRobinGroupChat(
    [reception, technician, billing],
    name="Help line",
    termination_condition=HandoffTermination("user"),
    max_turns=8,
)

if __name__ == "__main__":
    task = " ".join(sys.argv[1:]) or input("Task: ")
    asyncio.run(Console(team.run_stream(task=task)))
