"""Debate with a judge.

Two debaters take opposite sides of a question, a judge asks back and decides which
argument was better.
"""

import asyncio
import sys

from agent_framework import AgentExecutorResponse, Workflow
from agent_framework.openai import OpenAIChatCompletionClient
from agent_framework.orchestrations import GroupChatBuilder

client = OpenAIChatCompletionClient(model="test-model")

advocate = client.as_agent(
    name="advocate",
    description="argues for it",
    instructions="""You argue in favour of the proposal. Give your two strongest \
reasons with concrete examples, and answer what the other side said last. At most 100 \
words. Stay fair: invent no figures.""",
)

opponent = client.as_agent(
    name="opponent",
    description="argues against it",
    instructions="""You argue against the proposal. Give your two strongest \
reasons with concrete examples, and answer what the other side said last. At most 100 \
words. Stay fair: invent no figures.""",
)

judge = client.as_agent(
    name="judge",
    description="asks back, then decides",
    instructions="""You judge a debate. After the first round ask each side the \
one question that its argument has not answered. After the second round give your \
decision in a paragraph that begins with VERDICT: and says which argument decided it \
and under which condition you would decide otherwise.""",
)

workflow = GroupChatBuilder(
    participants=[advocate, opponent, judge],
    selection_func=lambda state: list(state.participants)[
        state.current_round % len(state.participants)
    ],
    termination_condition=lambda conversation: (
        conversation[-1].author_name == "judge" and "VERDICT:" in conversation[-1].text
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
