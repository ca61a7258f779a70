"""Press release with two critics.

A writer drafts, two critics read at the same time, an editor waits for both and sends
it back until it is good: a graph with a join and a loop.
"""

import asyncio
import sys

from autogen_agentchat.agents import AssistantAgent, UserProxyAgent
from autogen_agentchat.teams import DiGraphBuilder, GraphFlow
from autogen_agentchat.ui import Console
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

writer = AssistantAgent(
    "writer",
    model_client=practice,
    description="writes and rewrites",
    system_message="""You write press releases of at most five sentences. When the \
editor asks for a revision, write the whole text again with every point mended.""",
)

fact_checker = AssistantAgent(
    "fact_checker",
    model_client=practice,
    description="looks for what is missing or wrong",
    system_message="""You check press releases for facts: who, what, when, where, \
whom to ask. Name at most two points that are missing or wrong, or say that nothing \
is.""",
)

tone_reader = AssistantAgent(
    "tone_reader",
    model_client=practice,
    description="reads it like the public",
    system_message="""You read press releases like somebody who does not care yet. \
Name the one sentence that should be cut or made plainer, or say that none is.""",
)

editor = AssistantAgent(
    "editor",
    model_client=practice,
    description="decides",
    system_message="""You decide from both critics' points. While something must \
change, begin with REVISE and list it. When it is good, give the final text and \
nothing else.""",
)

nobody = UserProxyAgent(
    "nobody", description="Never speaks: a graph wants a node that nothing follows."
)

graph = DiGraphBuilder()
graph.add_node(writer)
graph.add_node(fact_checker)
graph.add_node(tone_reader)
graph.add_node(editor)
graph.add_node(nobody)
graph.add_edge(writer, fact_checker)
graph.add_edge(writer, tone_reader)
graph.add_edge(fact_checker, editor, activation_group="critics")
graph.add_edge(tone_reader, editor, activation_group="critics")
graph.add_edge(editor, writer, condition="REVISE")
graph.set_entry_point(writer)

team = GraphFlow(
    participants=graph.get_participants(),
    graph=graph.build(),
    name="Press office",
    max_turns=16,
)

if __name__ == "__main__":
    task = " ".join(sys.argv[1:]) or input("Task: ")
    asyncio.run(Console(team.run_stream(task=task)))
