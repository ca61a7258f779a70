"""Article in three chats.

Three chats follow one another: collect facts, write the draft, find the headline. Each
gets a summary of those before it, not their whole talk.
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


async def research_answer(messages: list[Message]) -> str:
    """What research says."""
    task = messages[-1].text
    if before := "\n".join(each.text for each in messages[1:-1]):
        task += f"\nContext:\n{before}"
    said = await talk(research_talk(), task)
    question = """Summarise the takeaway of the conversation. Add no \
introduction and name no speakers unless it matters who said it."""
    answer = await research_sums_up.run([*said, Message("user", [question])])
    return answer.text


async def draft_answer(messages: list[Message]) -> str:
    """What draft comes to."""
    task = """Write an article of five sentences for curious readers from \
these facts."""
    if before := "\n".join(each.text for each in messages[1:]):
        task += f"\nContext:\n{before}"
    said = await talk(draft_talk(), task)
    return said[-1].text if said else ""


async def title_answer(messages: list[Message]) -> str:
    """What title comes to."""
    task = """Find a headline of at most eight words for this article, and \
say nothing else."""
    if before := "\n".join(each.text for each in messages[1:]):
        task += f"\nContext:\n{before}"
    said = await talk(title_talk(), task)
    return said[-1].text if said else ""


finder = client.as_agent(
    name="finder",
    description="collects facts",
    instructions="""You collect what is known about a question, in at most four \
points, each with how sure you are.""",
)

doubter = client.as_agent(
    name="doubter",
    description="crosses out what is not sure",
    instructions="""You go through the points and say which can stay and which \
must be told as a guess.""",
)

research_sums_up = client.as_agent(name="research_sums_up")
research = Speaker("research", "", research_answer)

author = client.as_agent(
    name="author",
    description="writes",
    instructions="""You write short articles for curious readers. When the \
reader answers, write the whole text again.""",
)

reader = client.as_agent(
    name="reader",
    description="asks what is unclear",
    instructions="""You read as a curious person. Ask the one thing that stays \
unclear.""",
)

draft = Speaker("draft", "", draft_answer)

headliner = client.as_agent(
    name="headliner",
    description="finds headlines",
    instructions="""You find headlines that promise no more than the article \
keeps.""",
)

title = Speaker("title", "", title_answer)


def research_talk() -> Workflow:
    """How research talk among themselves."""
    return GroupChatBuilder(
        participants=[finder, doubter],
        selection_func=lambda state: ["finder", "doubter"][state.current_round % 2],
        max_rounds=2,
    ).build()


def draft_talk() -> Workflow:
    """How draft talk among themselves."""
    return GroupChatBuilder(
        participants=[author, reader],
        selection_func=lambda state: ["author", "reader"][state.current_round % 2],
        max_rounds=3,
    ).build()


def title_talk() -> Workflow:
    """How title talk among themselves."""
    return GroupChatBuilder(
        participants=[headliner], selection_func=lambda state: "headliner", max_rounds=1
    ).build()


workflow = SequentialBuilder(participants=[research, draft, title]).build()


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
