"""Debate with a judge.

Two debaters take opposite sides of a question, a judge asks back and decides which
argument was better.
"""

import asyncio
import sys

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import TextMentionTermination
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

advocate = AssistantAgent(
    "advocate",
    model_client=practice,
    description="argues for it",
    system_message="""You argue in favour of the proposal. Give your two strongest \
reasons with concrete examples, and answer what the other side said last. At most 100 \
words. Stay fair: invent no figures.""",
)

opponent = AssistantAgent(
    "opponent",
    model_client=practice,
    description="argues against it",
    system_message="""You argue against the proposal. Give your two strongest \
reasons with concrete examples, and answer what the other side said last. At most 100 \
words. Stay fair: invent no figures.""",
)

judge = AssistantAgent(
    "judge",
    model_client=practice,
    description="asks back, then decides",
    system_message="""You judge a debate. After the first round ask each side the \
one question that its argument has not answered. After the second round give your \
decision in a paragraph that begins with VERDICT: and says which argument decided it \
and under which condition you would decide otherwise.""",
)

team = RoundRobinGroupChat(
    [advocate, opponent, judge],
    name="Debate",
    termination_condition=TextMentionTermination("VERDICT:", sources=["judge"]),
    max_turns=9,
)

if __name__ == "__main__":
    task = " ".join(sys.argv[1:]) or "Should our company move to a four-day week?"
    asyncio.run(Console(team.run_stream(task=task)))
