"""Experts on call.

One assistant talks to you and calls a team of experts when it needs them, like any
other tool: it gives them a task and gets their answer.
"""

import asyncio
import sys

from agent_framework import AgentExecutorResponse, Message, Workflow
from agent_framework.openai import OpenAIChatCompletionClient
from agent_framework.orchestrations import GroupChatBuilder

client = OpenAIChatCompletionClient(model="test-model")

RATES = {"USD": 1.09, "GBP": 0.85, "CHF": 0.96}


def convert(amount: float, currency: str) -> str:
    """Convert an amount in EUR into another currency: USD, GBP or CHF."""
    rate = RATES.get(currency.strip().upper())
    return (
        f"{amount * rate:.2f} {currency.upper()}"
        if rate
        else f"There is no rate for {currency}."
    )


async def experts(task: str) -> str:
    """They know taxes and insurance for people who work across borders. Give them the whole case."""
    said = await talk(experts_talk(), task)
    return said[-1].text if said else ""


tax_expert = client.as_agent(
    name="tax_expert",
    description="knows where taxes are due",
    instructions="""You know taxes across borders. Say in two sentences where \
they are due and what must be filed by when.""",
)

insurance_expert = client.as_agent(
    name="insurance_expert",
    description="knows insurance, and sums up",
    instructions="""You know insurance across borders. Add what must be insured \
by when, and sum up what both of you said in a list.""",
)

guide = client.as_agent(
    name="guide",
    description="talks to you",
    instructions="""You advise people who move abroad. Ask the experts for what \
must be right and convert amounts with the tool. Answer in at most six sentences and \
end with ANSWERED.""",
    tools=[experts, convert],
)


def experts_talk() -> Workflow:
    """How experts talk among themselves."""
    return GroupChatBuilder(
        participants=[tax_expert, insurance_expert],
        selection_func=lambda state: list(state.participants)[
            state.current_round % len(state.participants)
        ],
        max_rounds=2,
    ).build()


workflow = GroupChatBuilder(
    participants=[guide],
    selection_func=lambda state: "guide",
    termination_condition=lambda conversation: (
        conversation[-1].author_name == "guide" and "ANSWERED" in conversation[-1].text
    ),
    max_rounds=6,
).build()


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
