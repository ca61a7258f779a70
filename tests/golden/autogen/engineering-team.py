"""Engineering team.

A planner, a coder, a tester who really runs the code, and a reviewer. A model chooses
who speaks next, along the arrows that you draw.
"""

import asyncio
import sys
from collections.abc import Sequence

from autogen_agentchat.agents import AssistantAgent, CodeExecutorAgent
from autogen_agentchat.conditions import TextMentionTermination
from autogen_agentchat.messages import BaseAgentEvent, BaseChatMessage
from autogen_agentchat.teams import SelectorGroupChat
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

NAMES = ["planner", "coder", "tester", "reviewer"]

AFTER = {
    "user": ["planner"],
    "planner": ["coder"],
    "coder": ["tester"],
    "tester": ["coder", "reviewer"],
    "reviewer": ["coder"],
}


def may_speak(thread: Sequence[BaseAgentEvent | BaseChatMessage]) -> list[str]:
    """Those who may speak after the last speaker."""
    spoken = [
        each.source
        for each in thread
        if isinstance(each, BaseChatMessage) and each.source in NAMES
    ]
    return AFTER[spoken[-1] if spoken else "user"]


planner = AssistantAgent(
    "planner",
    model_client=practice,
    description="breaks the task into steps",
    system_message="""You plan small pieces of software. Answer with at most five \
numbered steps: what is to be written, which cases must be tested, and what counts as \
done. Write no code.""",
)

coder = AssistantAgent(
    "coder",
    model_client=practice,
    description="writes the module and its tests",
    system_message="""You write clean, typed Python for the standard library.

Always send the whole program as one ```python block: the functions first, then the tests as plain asserts or printed checks. The program must exit with an error when a test fails. Before the block, say in one or two sentences what you changed and why.""",
)

tester = CodeExecutorAgent(
    "tester", code_executor, description="runs the tests", sources=["coder"]
)

reviewer = AssistantAgent(
    "reviewer",
    model_client=practice,
    description="reads for edge cases and names",
    system_message="""You review code that already passes its tests. Look for \
cases that the tests forgot, unclear names and needless complexity. Ask for the one \
change that matters most, with an example. When nothing important is left, say why it \
is good and end with the word APPROVED.""",
)

team = SelectorGroupChat(
    [planner, coder, tester, reviewer],
    name="Engineering",
    termination_condition=TextMentionTermination("APPROVED", sources=["reviewer"]),
    max_turns=16,
    model_client=practice,
    selector_prompt="""You follow a conversation and decide who speaks next. You never take part in it.

Who can speak:
{roles}

Failing code goes back to the coder, code that ran without an error to the reviewer.

The conversation so far:
{history}

Who speaks next? Answer with one of these names and nothing else: {participants}""",
    candidate_func=may_speak,
)


async def main(task: str) -> None:
    async with code_executor:
        await Console(team.run_stream(task=task))


if __name__ == "__main__":
    asyncio.run(main(" ".join(sys.argv[1:]) or input("Task: ")))
