"""Writing room.

A planner decides what a text must do, a writer drafts it, and a critic sends it back
until it is good.
"""

import asyncio
import sys

from agent_framework import AgentExecutorResponse, Workflow
from agent_framework.openai import OpenAIChatCompletionClient
from agent_framework.orchestrations import GroupChatBuilder, GroupChatState

client = OpenAIChatCompletionClient(model="test-model")

planner = client.as_agent(
    name="planner",
    description="says what the text must do",
    instructions="""You plan short texts. Name the reader, the one thing the \
text must achieve, what it must contain, its tone and its length. Use a short list. Do \
not write the text.""",
)

writer = client.as_agent(
    name="writer",
    description="drafts and rewrites",
    instructions="""You write clear, warm prose in short sentences. Follow the \
plan. When the critic asks for changes, answer with the whole new text and nothing \
else.""",
)

critic = client.as_agent(
    name="critic",
    description="says what is not good enough",
    instructions="""You are a demanding but kind editor. Compare the draft with \
the plan. Name at most three things that must change, each with a reason. When the \
text does what the plan asks for, say what makes it work and end with the word \
APPROVED.""",
)

AFTER = {"planner": ["writer"], "writer": ["critic"], "critic": ["writer"]}


def next_speaker(state: GroupChatState) -> str:
    """Along the arrows."""
    last = state.conversation[-1].author_name or ""
    names = AFTER.get(last, ["planner"])
    return names[0]


workflow = GroupChatBuilder(
    participants=[planner, writer, critic],
    selection_func=next_speaker,
    termination_condition=lambda conversation: (
        conversation[-1].author_name == "critic" and "APPROVED" in conversation[-1].text
    ),
    max_rounds=9,
).build()


async def talk(workflow: Workflow, task: str) -> None:
    async for event in workflow.run(task, stream=True):
        match event.type, event.data:
            case "executor_completed", [AgentExecutorResponse(agent_response=said), *_]:
                print(f"\n{event.executor_id}: {said.text}")


if __name__ == "__main__":
    asyncio.run(talk(workflow, " ".join(sys.argv[1:]) or input("Task: ")))
