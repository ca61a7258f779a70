"""A graph of agents, with a tool, a client of another kind and an executor of its own."""

import asyncio
import os

from agent_framework import ChatAgent, Executor, WorkflowBuilder, WorkflowContext, ai_function, handler
from agent_framework.azure import AzureOpenAIChatClient
from agent_framework.openai import OpenAIChatClient
from azure.identity import AzureCliCredential


@ai_function
def weather(city: str) -> str:
    """The weather of a city."""
    return f"It is sunny in {city}."


class Shout(Executor):
    @handler
    async def shout(self, text: str, ctx: WorkflowContext[str]) -> None:
        await ctx.send_message(text.upper())


async def main() -> None:
    client = OpenAIChatClient(model_id="gpt-4o", api_key=os.environ["OPENAI_API_KEY"])
    writer = client.create_agent(instructions="You write slogans.", name="Writer", tools=[weather], temperature=0.3)
    reviewer = ChatAgent(
        chat_client=AzureOpenAIChatClient(credential=AzureCliCredential(), deployment_name="gpt-4.1"),
        instructions="You review slogans.",
        name="Reviewer",
    )
    shout = Shout(id="shout")
    workflow = (
        WorkflowBuilder(start_executor=writer)
        .add_edge(writer, reviewer)
        .add_edge(reviewer, writer, condition=lambda message: "again" in message.text)
        .add_edge(reviewer, shout, condition=lambda message: len(message.text) < 80)
        .build()
    )
    result = await workflow.run("Create a slogan for a bike.")
    print(result.get_outputs())


asyncio.run(main())
