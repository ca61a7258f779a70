"""Code of scripts that agents call, however it is written: it comes in with all that it uses, and runs."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from studio.engine.tools.schema import schema_of_source
from studio.formats.recognise import read_bytes

TEAM = """
import json
from functools import partial
from autogen_agentchat.agents import AssistantAgent
from autogen_ext.models.openai import OpenAIChatCompletionClient
from autogen_core.tools import FunctionTool

LIMIT = 2
model = OpenAIChatCompletionClient(model="gpt-5-mini")


class Box:
    def __init__(self, base: str) -> None:
        self.base = base

    def look(self, what: str, times: int = LIMIT) -> str:
        "Look."
        return self.base + what * times

    @staticmethod
    def plain(what: str) -> str:
        "Look."
        return "plain " + what


def look(base: str, what: str, *, end: str = ".") -> str:
    "Look."
    return base + what + end


def made(base: str):
    def look(what: str) -> str:
        "Look."
        return base + what
    return look


box = Box("box ")
"""

WITHIN = """
def main():
    import math
    END = "!"
    def helper(what):
        return what + str(math.floor(2.5)) + END
    def look(what: str) -> str:
        "Look."
        return json.dumps(helper(what) * LIMIT)
    agent = AssistantAgent("one", model, tools=[look])
    agent.run(task="Go")

main()
"""


def tool_in(script: str) -> str:
    """The source of the one tool that a script has."""
    (imported,) = read_bytes(script.encode(), "tools").flows
    (node,) = (node for node in imported.document.nodes if node.kind == "python_tool")
    return str(node.config["source"])


def called(source: str, what: str) -> Any:
    names: dict[str, Any] = {"__name__": "tool"}
    exec(source, names)
    return inspect.unwrap(names[schema_of_source(source).name])(what)


@pytest.mark.parametrize(
    ("tool", "gives"),
    [
        ("box.look", "box xx"),
        ('Box("own ").look', "own xx"),
        ("Box.plain", "plain x"),
        ('FunctionTool(partial(look, "half "), description="Look.", name="look")', "half x."),
        ('FunctionTool(partial(look, "half ", end="?"), description="Look.", name="half_look")', "half x?"),
        ('made("made ")', "made x"),
    ],
)
def test_a_tool_that_is_a_method_a_partial_or_made_by_a_function_runs(tool: str, gives: str) -> None:
    source = tool_in(f'{TEAM}\nagent = AssistantAgent("one", model, tools=[{tool}])\nagent.run(task="Go")\n')
    assert next(iter(schema_of_source(source).parameters["properties"])) == "what"
    assert called(source, "x") == gives


def test_a_function_within_another_one_brings_the_names_around_it_along() -> None:
    assert called(tool_in(TEAM + WITHIN), "x") == '"x2!x2!"'
