"""Press release with two critics.

A writer drafts, two critics read at the same time, an editor waits for both and sends
it back until it is good: a graph with a join and a loop.
"""

import asyncio
import sys
from collections.abc import Callable

from agent_framework import AgentExecutorResponse, Message, Workflow
from agent_framework.openai import OpenAIChatCompletionClient
from agent_framework.orchestrations import GroupChatBuilder, GroupChatState

client = OpenAIChatCompletionClient(model="test-model")

writer = client.as_agent(
    name="writer",
    description="writes and rewrites",
    instructions="""You write press releases of at most five sentences. When the \
editor asks for a revision, write the whole text again with every point mended.""",
)

fact_checker = client.as_agent(
    name="fact_checker",
    description="looks for what is missing or wrong",
    instructions="""You check press releases for facts: who, what, when, where, \
whom to ask. Name at most two points that are missing or wrong, or say that nothing \
is.""",
)

tone_reader = client.as_agent(
    name="tone_reader",
    description="reads it like the public",
    instructions="""You read press releases like somebody who does not care yet. \
Name the one sentence that should be cut or made plainer, or say that none is.""",
)

editor = client.as_agent(
    name="editor",
    description="decides",
    instructions="""You decide from both critics' points. While something must \
change, begin with REVISE and list it. When it is good, give the final text and \
nothing else.""",
)

# Who comes after whom, who must have spoken before, and what the message must be.
arrows: dict[str, list[tuple[str, list[str], Callable[[str], bool]]]] = {
    "writer": [
        ("fact_checker", ["writer"], lambda text: True),
        ("tone_reader", ["writer"], lambda text: True),
    ],
    "fact_checker": [("editor", ["fact_checker", "tone_reader"], lambda text: True)],
    "tone_reader": [("editor", ["fact_checker", "tone_reader"], lambda text: True)],
    "editor": [("writer", ["editor"], lambda text: "REVISE" in text)],
}

ready: list[str] = ["writer"]
arrived: dict[str, list[str]] = {}


def next_speaker(state: GroupChatState) -> str:
    """Along the arrows of the graph, one branch after the other."""
    return ready.pop(0)


def is_over(conversation: list[Message]) -> bool:
    """Whether the conversation has come to its end."""
    last = conversation[-1]
    for target, awaited, holds in arrows.get(last.author_name or "", []):
        if holds(last.text):
            arrived.setdefault(target, []).append(last.author_name or "")
            if all(name in arrived[target] for name in awaited):
                arrived[target] = []
                ready.append(target)
    return not ready


workflow = GroupChatBuilder(
    participants=[writer, fact_checker, tone_reader, editor],
    selection_func=next_speaker,
    termination_condition=is_over,
    max_rounds=16,
).build()


async def talk(workflow: Workflow, task: str) -> None:
    async for event in workflow.run(task, stream=True):
        match event.type, event.data:
            case "executor_completed", [AgentExecutorResponse(agent_response=said), *_]:
                print(f"\n{event.executor_id}: {said.text}")


if __name__ == "__main__":
    asyncio.run(talk(workflow, " ".join(sys.argv[1:]) or input("Task: ")))
