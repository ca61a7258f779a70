"""A graph that is written out, with branches, and an executor of code on the machine."""

import asyncio

from autogen_agentchat.agents import AssistantAgent, CodeExecutorAgent
from autogen_agentchat.conditions import SourceMatchTermination
from autogen_agentchat.teams import DiGraphBuilder, GraphFlow
from autogen_ext.code_executors.local import LocalCommandLineCodeExecutor
from autogen_ext.models.openai import OpenAIChatCompletionClient

client = OpenAIChatCompletionClient(model="gpt-4o")
NAMES = {"coder": "You write Python.", "tester": "Say PASS or FAIL.", "writer": "Write what was done."}
coder, tester, writer = [AssistantAgent(name, client, system_message=prompt) for name, prompt in NAMES.items()]
runner = CodeExecutorAgent("runner", LocalCommandLineCodeExecutor(work_dir="."), sources=["coder"])


def failed(message) -> bool:
    """Whether the test failed."""
    return "FAIL" in message.to_model_text()


builder = DiGraphBuilder()
builder.add_node(coder, activation="any").add_node(runner).add_node(tester).add_node(writer)
builder.add_edge(coder, runner)
builder.add_edge(runner, tester)
builder.add_edge(tester, coder, condition=failed)
builder.add_edge(tester, writer, condition=lambda message: message.source == "tester" and len(message.content) < 100)
builder.set_entry_point("coder")
team = GraphFlow([coder, runner, tester, writer], builder.build(), termination_condition=SourceMatchTermination(["writer"]), max_turns=30)
asyncio.run(team.run(task=[{"content": "Sort a list.", "source": "user"}]))
