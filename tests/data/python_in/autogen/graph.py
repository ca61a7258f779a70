"""A directed graph with a loop, a filter and two branches that meet."""

import asyncio

from autogen_agentchat.agents import AssistantAgent, MessageFilterAgent, MessageFilterConfig, PerSourceFilter
from autogen_agentchat.conditions import MaxMessageTermination
from autogen_agentchat.teams import DiGraphBuilder, GraphFlow
from autogen_agentchat.ui import Console
from autogen_ext.models.openai import OpenAIChatCompletionClient

client = OpenAIChatCompletionClient(model="gpt-4.1-nano")

generator = AssistantAgent("generator", model_client=client, system_message="Generate a list of creative ideas.")
reviewer = AssistantAgent("reviewer", model_client=client, system_message="Review. Say APPROVE or REVISE.")
grammar, style = (
    AssistantAgent(f"editor_{what}", model_client=client, system_message=f"Edit the draft for {what}.") for what in ("grammar", "style")
)
summarizer_core = AssistantAgent("summary_core", model_client=client, system_message="Summarize the approved ideas.")
summarizer = MessageFilterAgent(
    name="summary",
    wrapped_agent=summarizer_core,
    filter=MessageFilterConfig(
        per_source=[
            PerSourceFilter(source="user", position="first", count=1),
            PerSourceFilter(source="editor_grammar", position="last", count=1),
            PerSourceFilter(source="editor_style"),
        ]
    ),
)

builder = DiGraphBuilder()
for member in [generator, reviewer, grammar, style, summarizer]:
    builder.add_node(member)
builder.add_edge(generator, reviewer)
builder.add_edge(reviewer, generator, condition=lambda msg: "APPROVE" not in msg.to_model_text())
builder.add_edge(reviewer, grammar, condition=lambda msg: "APPROVE" in msg.to_model_text())
builder.add_edge(reviewer, style, condition="APPROVE")
builder.add_edge(grammar, summarizer).add_edge(style, summarizer)
builder.set_entry_point(generator)
graph = builder.build()

flow = GraphFlow(participants=builder.get_participants(), graph=graph, termination_condition=MaxMessageTermination(20))


async def main():
    stream = flow.run_stream(task="Brainstorm ways to reduce plastic waste.")
    async for event in stream:
        print(event)


asyncio.run(main())
