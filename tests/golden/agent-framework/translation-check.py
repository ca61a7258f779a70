"""Translation with back-check.

A translator puts a text into German, a second one translates it back without looking at
the original, and a checker compares the two.
"""

import asyncio
import sys

from agent_framework import AgentExecutorResponse, Workflow
from agent_framework.openai import OpenAIChatCompletionClient
from agent_framework.orchestrations import GroupChatBuilder

client = OpenAIChatCompletionClient(model="test-model")

translator = client.as_agent(
    name="translator",
    description="English to German",
    instructions="""You translate from English into natural German for business \
readers. Answer with the translation only. When the checker names mistakes, answer \
with the whole corrected translation.""",
)

back_translator = client.as_agent(
    name="back_translator",
    description="German back to English",
    instructions="""You translate the last German text back into English, as \
literally as good English allows. Use nothing but the German text, even if you have \
seen the original. Answer with the translation only.""",
)

checker = client.as_agent(
    name="checker",
    description="compares meaning with meaning",
    instructions="""Compare the original with the back-translation, sentence by \
sentence. Differences in wording are fine, differences in meaning are not. Name each \
difference in meaning, the German word that caused it and a better one. If there is \
none, end with the word ACCEPTED.""",
)

workflow = GroupChatBuilder(
    participants=[translator, back_translator, checker],
    selection_func=lambda state: list(state.participants)[
        state.current_round % len(state.participants)
    ],
    termination_condition=lambda conversation: (
        conversation[-1].author_name == "checker"
        and "ACCEPTED" in conversation[-1].text
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
