"""Board of advisers.

Three advisers debate among themselves and answer as one voice; then a clerk writes the
memo. What they said inside can be read, but only their answer counts outside.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from agent_framework import (
    AgentExecutorResponse,
    AgentResponse,
    AgentResponseUpdate,
    BaseAgent,
    Content,
    Message,
    ResponseStream,
    Workflow,
)
from agent_framework.openai import OpenAIChatCompletionClient
from agent_framework.orchestrations import GroupChatBuilder, SequentialBuilder

client = OpenAIChatCompletionClient(model="test-model")


class Speaker(BaseAgent):
    """Somebody who answers by a function of what was said since the last answer."""

    def __init__(
        self,
        name: str,
        description: str,
        answer: Callable[[list[Message]], Awaitable[str]],
    ) -> None:
        super().__init__(name=name, description=description)
        self.answer = answer

    def run(self, messages: Any = None, *, stream: bool = False, **options: Any) -> Any:
        async def words() -> AsyncIterator[AgentResponseUpdate]:
            text = await self.answer(list(messages or ()))
            yield AgentResponseUpdate(
                contents=[Content.from_text(text)],
                role="assistant",
                author_name=self.name,
            )

        said = ResponseStream(words(), finalizer=AgentResponse.from_updates)
        return said if stream else said.get_final_response()


async def advisers_answer(messages: list[Message]) -> str:
    """What advisers says."""
    said = await talk(advisers_talk(), "\n\n".join(each.text for each in messages))
    question = """Answer the original request now, from what was said. Speak \
for yourself and do not mention the discussion."""
    answer = await advisers_sums_up.run([*said, Message("user", [question])])
    return answer.text


optimist = client.as_agent(
    name="optimist",
    description="sees what could go well",
    instructions="You see chances. Name the strongest one in two sentences.",
)

sceptic = client.as_agent(
    name="sceptic",
    description="sees what could fail",
    instructions="""You see risks. Name the one that would hurt most in two \
sentences.""",
)

accountant = client.as_agent(
    name="accountant",
    description="asks what it costs",
    instructions="""You count. Say in two sentences what it costs, what it \
brings, and what you would try first.""",
)

advisers_sums_up = client.as_agent(
    name="advisers_sums_up",
    instructions="""Other people have been working on a request that was made to \
you. This is what they said.""",
)

advisers = Speaker("advisers", "", advisers_answer)

clerk = client.as_agent(
    name="clerk",
    description="writes the memo",
    instructions="""You write the memo: one line with the decision, three lines \
with the reasons, one line with the next step and its date.""",
)


def advisers_talk() -> Workflow:
    """How advisers talk among themselves."""
    return GroupChatBuilder(
        participants=[optimist, sceptic, accountant],
        selection_func=lambda state: list(state.participants)[
            state.current_round % len(state.participants)
        ],
        max_rounds=3,
    ).build()


workflow = SequentialBuilder(participants=[advisers, clerk]).build()


async def talk(workflow: Workflow, task: str) -> list[Message]:
    """Let a team work on a task, show what is said, and return it."""
    conversation: list[Message] = []
    async for event in workflow.run(task, stream=True):
        match event.type, event.data:
            case "executor_completed", [AgentExecutorResponse(agent_response=said), *_]:
                print(f"\n{event.executor_id}: {said.text}")
                words = [each.text for each in said.messages[-1:]]
                conversation.append(
                    Message("assistant", words, author_name=event.executor_id)
                )
    return conversation


if __name__ == "__main__":
    asyncio.run(talk(workflow, " ".join(sys.argv[1:]) or input("Task: ")))
