"""Agents that a script makes where nothing leads to: they are gone through all the same, or a line tells of them."""

from __future__ import annotations

import json
import textwrap

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.flow.findings import ForeignFileError, Imported
from studio.formats.recognise import read_bytes

FAMILIES = {
    "classic": ("import os\nfrom autogen import AssistantAgent\n\nfirst = AssistantAgent('first')\n", "AssistantAgent('{name}')"),
    "agentchat": (
        "import os\nfrom autogen_agentchat.agents import AssistantAgent\nfrom autogen_ext.models.openai import OpenAIChatCompletionClient\n\n"
        "client = OpenAIChatCompletionClient(model='gpt-5-mini')\nfirst = AssistantAgent('first', client)\n",
        "AssistantAgent('{name}', client)",
    ),
    "framework": (
        "import os\nfrom agent_framework import Agent\nfrom agent_framework.openai import OpenAIChatClient\n\n"
        "client = OpenAIChatClient()\nfirst = Agent(client=client, name='first')\n",
        "Agent(client=client, name='{name}')",
    ),
}
AROUND = {
    "plain": "{0}",
    "never": "if False:\n    {0}",
    "otherwise": "if True:\n    pass\nelse:\n    {0}",
    "perhaps": "if os.getenv('MODE') == 'x':\n    {0}",
    "after an error": "try:\n    pass\nexcept ValueError:\n    {0}",
    "in the end": "try:\n    pass\nfinally:\n    {0}",
    "never again": "while False:\n    {0}",
    "for nobody": "for each in []:\n    {0}",
    "for somebody": "for each in unknown():\n    {0}",
    "by case": "match os.getenv('MODE'):\n    case 'x':\n        {0}\n    case _:\n        pass",
    "with": "with unknown() as opened:\n    {0}",
    "called": "def build_{1}():\n    {0}\nbuild_{1}()",
    "left before": "def build_{1}():\n    return 1\n    {0}\nbuild_{1}()",
    "handed on": "def build_{1}():\n    {0}\nserve(build_{1})",
    "in a list": "def build_{1}():\n    {0}\nbuilders_{1} = [build_{1}]",
    "called by nobody": "def build_{1}():\n    {0}",
    "called by who is not": "def build_{1}():\n    {0}\ndef ask_{1}():\n    build_{1}()\nserve(ask_{1})",
    "hidden": "def _build_{1}():\n    {0}",
    "method": "class Maker{1}:\n    def build(self):\n        {0}",
    "method that is called": "class Maker{1}:\n    def build(self):\n        {0}\ncreate().build()",
    "constructor": "class Maker{1}(unknown.Base):\n    def __init__(self):\n        super().__init__()\n        {0}",
}


def told(script: str, name: str, lines: range) -> bool:
    """Whether an agent stands in a flow, or a line of the report leads to where it is made."""
    try:
        flows: tuple[Imported, ...] = read_bytes(script.encode()).flows
    except ForeignFileError as refused:
        return any(f"line {line}" in str(refused) for line in lines)
    drawn = any(name in json.dumps(flow.document.model_dump(mode="json")) for flow in flows)
    findings = [each for flow in flows for each in flow.report.findings if each.code != "exact"]
    return drawn or any(each.place.line in lines or name in each.text for each in findings)


def written(family: str, around: list[str]) -> tuple[str, range]:
    """A script that makes an agent called `hidden` within constructions, and the lines of these."""
    head, made = FAMILIES[family]
    piece = "made = " + made.format(name="hidden")
    for at, each in enumerate(around):
        indented = AROUND[each].index("{0}") - AROUND[each].rfind("\n", 0, AROUND[each].index("{0}")) - 1
        piece = AROUND[each].format(textwrap.indent(piece, " " * indented).lstrip(), at)
    first = head.count("\n") + 1
    return f"{head}{piece}\n", range(first, first + piece.count("\n") + 1)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(sorted(FAMILIES)), st.lists(st.sampled_from(sorted(AROUND)), min_size=1, max_size=3))
def test_an_agent_is_drawn_or_told_wherever_it_is_made(family: str, around: list[str]) -> None:
    script, lines = written(family, around)
    assert told(script, "hidden", lines), script


@pytest.mark.parametrize("family", sorted(FAMILIES))
@pytest.mark.parametrize("around", sorted(AROUND))
def test_an_agent_is_drawn_or_told_in_each_of_these_places(family: str, around: str) -> None:
    script, lines = written(family, [around])
    assert told(script, "hidden", lines), script
