"""Answers with sources. A guide cites documents, a checker looks them up again."""

import asyncio
import sys

from agent_framework import AgentExecutorResponse, Workflow
from agent_framework.openai import OpenAIChatCompletionClient
from agent_framework.orchestrations import GroupChatBuilder

client = OpenAIChatCompletionClient(model="test-model")

guide = client.as_agent(
    name="guide",
    description="answers from the documents",
    instructions="""You answer guests of a boat hire from its documents, in \
three or four short sentences. Say only what the passages hold, with their numbers in \
brackets, such as [1]. Say so when they do not hold an answer.""",
)

checker = client.as_agent(
    name="checker",
    description="reads the sources again",
    instructions="""You check the guide's answer against the passages. Say in \
one or two sentences whether each figure is right, and cite the passage. End with the \
word CHECKED when all of it is right; otherwise say what must be changed.""",
)

workflow = GroupChatBuilder(
    participants=[guide, checker],
    selection_func=lambda state: ["guide", "checker"][state.current_round % 2],
    termination_condition=lambda conversation: (
        conversation[-1].author_name == "checker" and "CHECKED" in conversation[-1].text
    ),
    max_rounds=6,
).build()


async def talk(workflow: Workflow, task: str) -> None:
    async for event in workflow.run(task, stream=True):
        match event.type, event.data:
            case "executor_completed", [AgentExecutorResponse(agent_response=said), *_]:
                print(f"\n{event.executor_id}: {said.text}")


if __name__ == "__main__":
    asyncio.run(talk(workflow, " ".join(sys.argv[1:]) or input("Task: ")))
