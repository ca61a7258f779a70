"""Research with tools.

A researcher looks things up with Python tools, a writer turns the notes into a short
report, and a checker compares every figure with its source.
"""

import asyncio
import math
import sys
from collections.abc import Awaitable, Callable

from agent_framework import (
    AgentContext,
    AgentExecutorResponse,
    AgentResponse,
    Message,
    Workflow,
    agent_middleware,
)
from agent_framework.openai import OpenAIChatCompletionClient
from agent_framework.orchestrations import GroupChatBuilder

client = OpenAIChatCompletionClient(model="test-model")

NOTES = {
    "Moon": "gravity no air sunlight ice in polar craters day night travel days",
    "Mars": "gravity thin air carbon dioxide dust storms ice day travel months",
    "Titan": "gravity thick air nitrogen methane lakes cold day travel years",
}


def search_notes(words: str) -> str:
    """List the notes that mention any of the words, best match first. Use read_note to read one."""
    wanted = set(words.lower().split())
    found = {
        title: len(wanted & {title.lower(), *text.split()})
        for title, text in NOTES.items()
    }
    titles = [
        title
        for title, hits in sorted(found.items(), key=lambda pair: -pair[1])
        if hits
    ]
    return ", ".join(titles) or "No note mentions these words."


FACTS = {
    "moon": "Moon. Gravity 1.62 m/s2. No air. About -130 C at night and 120 C by day at the equator. "
    "One day lasts 29.5 Earth days. Travel: about 3 days. Water ice in craters at the poles.",
    "mars": "Mars. Gravity 3.71 m/s2. Carbon dioxide at about 0.6 % of Earth's pressure. About -60 C on average. "
    "One day lasts 24.7 hours. Travel: 6 to 9 months. Ice below the surface.",
    "titan": "Titan. Gravity 1.35 m/s2. Nitrogen and methane at 1.5 times Earth's pressure. About -180 C. "
    "One day lasts 15.9 Earth days. Travel: about 7 years. Lakes of methane.",
}


def read_note(title: str) -> str:
    """Read the whole note with this title."""
    return FACTS.get(title.strip().lower(), f"There is no note called {title}.")


def weight_on(gravity: float, kilograms: float) -> str:
    """Say how many kilograms a mass seems to weigh where gravity is given in m/s2."""
    if not math.isfinite(gravity) or gravity < 0:
        raise ValueError("gravity must be a positive number")
    return f"{kilograms:g} kg feel like {kilograms * gravity / 9.81:.1f} kg on Earth."


used_tokens: dict[str, int] = {}


@agent_middleware
async def count_tokens(
    context: AgentContext, call_next: Callable[[], Awaitable[None]]
) -> None:
    """Add up the tokens that all agents use."""

    def add(response: AgentResponse) -> None:
        for kind, count in (response.usage_details or {}).items():
            if isinstance(count, int):
                used_tokens[kind] = used_tokens.get(kind, 0) + count

    context.stream_result_hooks.append(add)
    await call_next()


researcher = client.as_agent(
    name="researcher",
    description="looks things up, quotes notes",
    instructions="""You collect facts with your tools. Search first, read every \
note that matters, calculate instead of guessing. Then list what you found, one line a \
fact, with the title of the note in brackets. Say openly what the notes do not tell.""",
    tools=[search_notes, read_note, weight_on],
    middleware=[count_tokens],
)

writer = client.as_agent(
    name="writer",
    description="writes the short report",
    instructions="""You write short reports from the researcher's facts: the \
answer in the first sentence, then a small table, then one sentence on what is \
uncertain. Use no fact that the researcher did not list.""",
    middleware=[count_tokens],
)

checker = client.as_agent(
    name="checker",
    description="compares figures with sources",
    instructions="""You check reports. Read the notes again with your tool and \
compare every figure. List what is wrong. If nothing is wrong, say what you compared \
and end with the word CHECKED.""",
    tools=[read_note],
    middleware=[count_tokens],
)


def is_over(conversation: list[Message]) -> bool:
    """Whether the conversation has come to its end."""
    last = conversation[-1]
    if last.author_name == "checker" and "CHECKED" in last.text:
        return True
    return used_tokens.get("total_token_count", 0) >= 50_000


workflow = GroupChatBuilder(
    participants=[researcher, writer, checker],
    selection_func=lambda state: list(state.participants)[
        state.current_round % len(state.participants)
    ],
    termination_condition=is_over,
    max_rounds=9,
).build()


async def talk(workflow: Workflow, task: str) -> None:
    async for event in workflow.run(task, stream=True):
        match event.type, event.data:
            case "executor_completed", [AgentExecutorResponse(agent_response=said), *_]:
                print(f"\n{event.executor_id}: {said.text}")


if __name__ == "__main__":
    asyncio.run(talk(workflow, " ".join(sys.argv[1:]) or input("Task: ")))
