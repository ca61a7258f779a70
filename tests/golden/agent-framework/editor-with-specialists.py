"""Editor with specialists.

An editor writes, and calls two specialists like any other tool: a researcher who
remembers what it found before, and a fact checker who judges every claim afresh.
"""

import asyncio
import sys

from agent_framework import AgentExecutorResponse, Message, Workflow, tool
from agent_framework.openai import OpenAIChatCompletionClient
from agent_framework.orchestrations import GroupChatBuilder

client = OpenAIChatCompletionClient(model="test-model")


async def ask_researcher(task: str) -> str:
    """Finds facts, and knows what it found for you before."""
    async with researcher_asked:
        answer = await researcher.run(
            [Message("user", [task])], session=researcher_session
        )
    return answer.messages[-1].text


researcher = client.as_agent(
    name="researcher",
    description="Finds facts, and knows what it found for you before.",
    instructions="""You find facts for an editor: short, one a line, without \
opinions. Do not repeat what you said before.""",
)

researcher_session = researcher.create_session()
researcher_asked = asyncio.Lock()

fact_checker = client.as_agent(
    name="fact_checker",
    description="""Says of each claim whether it holds. Give it the claims, \
word for word.""",
    instructions="""You check claims. Say of each whether it holds, and correct \
what does not.""",
)

editor = client.as_agent(
    name="editor",
    description="writes, and asks the specialists",
    instructions="""You write short texts for a travel page. Ask the researcher \
for facts, let the fact checker check what you want to print, and correct it. Then say \
the text with a title, and end with PUBLISHED.""",
    tools=[
        tool(
            ask_researcher,
            name="researcher",
            description="Finds facts, and knows what it found for you before.",
        ),
        fact_checker.as_tool(
            name="fact_checker",
            description="""Says of each claim whether it holds. Give it the claims, \
word for word.""",
        ),
    ],
)

workflow = GroupChatBuilder(
    participants=[editor],
    selection_func=lambda state: "editor",
    termination_condition=lambda conversation: (
        conversation[-1].author_name == "editor"
        and "PUBLISHED" in conversation[-1].text
    ),
    max_rounds=4,
).build()


async def talk(workflow: Workflow, task: str) -> None:
    async for event in workflow.run(task, stream=True):
        match event.type, event.data:
            case "executor_completed", [AgentExecutorResponse(agent_response=said), *_]:
                print(f"\n{event.executor_id}: {said.text}")


if __name__ == "__main__":
    asyncio.run(talk(workflow, " ".join(sys.argv[1:]) or input("Task: ")))
