"""Support desk.

An assistant looks up the order and drafts an answer to a customer. Nothing goes out
before you have approved it.
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
from agent_framework.orchestrations import GroupChatBuilder

client = OpenAIChatCompletionClient(model="test-model")

ORDERS = {
    "1042": "Order 1042, Mira Olsen: 1 desk lamp, 39.90 EUR, delivered 3 days ago, paid by card.",
    "1043": "Order 1043, Jonas Weber: 1 office chair, 189.00 EUR, at the carrier since Friday.",
    "1044": "Order 1044, Ana Sousa: 2 desks, 2 x 249.00 EUR, delivered 9 days ago, paid by invoice.",
}


def look_up_order(number: str) -> str:
    """Find an order by its number: customer, goods, price, delivery and payment."""
    return ORDERS.get(number.strip(), f"There is no order {number}.")


POLICY = {
    "damage": "Damaged goods: refund or replacement, as the customer likes, within 30 days. Ask for a photo above 100 EUR.",
    "return": "Return: within 14 days after delivery, unused. The customer pays the way back.",
    "delay": "Delay: apologise, name the carrier's date, offer to cancel after 7 days.",
}


def read_policy(topic: str) -> str:
    """Read the shop's rule for a topic: damage, return or delay."""
    return POLICY.get(
        topic.strip().lower(), "There is no rule for this. Ask the supervisor."
    )


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


async def supervisor_answer(messages: list[Message]) -> str:
    """What supervisor says."""
    said = (
        await asyncio.to_thread(
            input, "May this answer go to the customer? (yes, or no and why) "
        )
    ).strip()
    return "Approved." if said.lower() in ("y", "yes") else f"Rejected. {said}"


clerk = client.as_agent(
    name="clerk",
    description="looks up, drafts, closes the case",
    instructions="""You answer customers of a small furniture shop.

1. Look up the order and the rule that applies. Never guess prices or dates.
2. Draft a short, friendly answer and say in one line what it costs us. Then wait for the supervisor.
3. If the supervisor rejects it, change the draft as the reason says. If it is approved, close the case with one sentence that ends with the word RESOLVED.""",
    tools=[look_up_order, read_policy],
)

supervisor = Speaker("supervisor", "approves what goes out", supervisor_answer)

workflow = GroupChatBuilder(
    participants=[clerk, supervisor],
    selection_func=lambda state: ["clerk", "supervisor"][state.current_round % 2],
    termination_condition=lambda conversation: (
        conversation[-1].author_name == "clerk" and "RESOLVED" in conversation[-1].text
    ),
    max_rounds=10,
).build()


async def talk(workflow: Workflow, task: str) -> None:
    async for event in workflow.run(task, stream=True):
        match event.type, event.data:
            case "executor_completed", [AgentExecutorResponse(agent_response=said), *_]:
                print(f"\n{event.executor_id}: {said.text}")


if __name__ == "__main__":
    asyncio.run(talk(workflow, " ".join(sys.argv[1:]) or input("Task: ")))
