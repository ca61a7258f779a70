"""Article in three chats.

Three chats follow one another: collect facts, write the draft, find the headline. Each
gets a summary of those before it, not their whole talk.
"""

import asyncio
import sys

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.base import TaskResult
from autogen_agentchat.messages import BaseChatMessage
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_agentchat.ui import Console
from autogen_core.models import ChatCompletionClient, UserMessage
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


async def summed_up(model: ChatCompletionClient, result: TaskResult, how: str) -> str:
    """What a model says came of a chat."""
    said = [
        each.to_model_message()
        for each in result.messages
        if isinstance(each, BaseChatMessage)
    ]
    answer = await model.create([*said, UserMessage(content=how, source="user")])
    return str(answer.content)


def with_context(task: str, before: list[str]) -> str:
    """A task, and below it what came of the chats before."""
    return "\n".join([task, "Context:", *before]) if before else task


finder = AssistantAgent(
    "finder",
    model_client=practice,
    description="collects facts",
    system_message="""You collect what is known about a question, in at most four \
points, each with how sure you are.""",
)

doubter = AssistantAgent(
    "doubter",
    model_client=practice,
    description="crosses out what is not sure",
    system_message="""You go through the points and say which can stay and which \
must be told as a guess.""",
)

research = RoundRobinGroupChat([finder, doubter], name="research", max_turns=2)

author = AssistantAgent(
    "author",
    model_client=practice,
    description="writes",
    system_message="""You write short articles for curious readers. When the \
reader answers, write the whole text again.""",
)

reader = AssistantAgent(
    "reader",
    model_client=practice,
    description="asks what is unclear",
    system_message="""You read as a curious person. Ask the one thing that stays \
unclear.""",
)

draft = RoundRobinGroupChat([author, reader], name="draft", max_turns=3)

headliner = AssistantAgent(
    "headliner",
    model_client=practice,
    description="finds headlines",
    system_message="""You find headlines that promise no more than the article \
keeps.""",
)

title = RoundRobinGroupChat([headliner], name="title", max_turns=1)


async def main(task: str) -> None:
    result = await Console(research.run_stream(task=task))
    research_summary = await summed_up(
        practice,
        result,
        """Summarise the takeaway of the conversation. Add no \
introduction and name no speakers unless it matters who said it.""",
    )
    draft_task = with_context(
        """Write an article of five sentences for curious readers from \
these facts.""",
        [research_summary],
    )
    result = await Console(draft.run_stream(task=draft_task))
    draft_summary = [
        each.to_text() for each in result.messages if isinstance(each, BaseChatMessage)
    ][-1]
    title_task = with_context(
        """Find a headline of at most eight words for this article, and \
say nothing else.""",
        [research_summary, draft_summary],
    )
    await Console(title.run_stream(task=title_task))


if __name__ == "__main__":
    asyncio.run(main(" ".join(sys.argv[1:]) or "Why do cats knead with their paws?"))
