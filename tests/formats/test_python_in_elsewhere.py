"""Scripts of a larger program: what another file makes is named, and what is chosen here is asked for once."""

from __future__ import annotations

import pytest

from studio.flow.findings import Imported
from studio.formats.recognise import read_bytes

AGENTCHAT = "from autogen_agentchat.agents import AssistantAgent\nfrom autogen_agentchat.teams import RoundRobinGroupChat\n"
PAIR = """
writer = AssistantAgent("writer", {model}, system_message="Write.")
critic = AssistantAgent("critic", {model}, system_message="Find fault.")
team = RoundRobinGroupChat([writer, critic], max_turns=2)
"""


def flow(script: str) -> Imported:
    (found,) = read_bytes(script.encode()).flows
    return found


def lines(imported: Imported, code: str) -> list[int | None]:
    return [each.place.line for each in imported.report.findings if each.code == code]


@pytest.mark.parametrize(
    ("imports", "model", "called"),
    [
        ("from settings.models import shared_client", "shared_client", "shared_client"),
        ("import settings", "settings.shared_client", "shared_client"),
        ("from settings.models import client_for", "client_for('big')", "client_for('big')"),
        ("from autogen_core.models import ChatCompletionClient", "ChatCompletionClient.load_component(open('m.json').read())", None),
    ],
)
def test_a_model_that_another_file_makes_is_one_model_to_choose(imports: str, model: str, called: str | None) -> None:
    imported = flow(f"{imports}\n{AGENTCHAT}{PAIR.format(model=model)}")
    (node,) = [each for each in imported.document.nodes if each.kind == "openai"]
    assert node.config == {}
    assert called is None or node.name == called
    assert not [each for each in imported.document.nodes if each.kind.startswith("python:")]
    assert lines(imported, "model_elsewhere") == [5]
    # Nothing is known of its account, and it did not come over as it was.
    codes = {each.code for each in imported.report.findings if node.id in each.nodes}
    assert codes == {"model_elsewhere"}


def test_a_tool_and_an_agent_of_another_file_keep_their_names_with_their_lines() -> None:
    imported = flow(f"""from toolbox import look_up
from people import guest
{AGENTCHAT}
from settings import client
helper = AssistantAgent(
    "helper",
    client,
    tools=[look_up],
)
team = RoundRobinGroupChat([helper, guest], max_turns=2)
""")
    kept = {each.name: each.config["original"] for each in imported.document.nodes if each.kind.startswith("python:")}
    assert kept == {"look_up": "look_up", "guest": "guest"}
    assert lines(imported, "kept_name") == [10, 12]


def test_a_server_that_the_scripts_own_python_starts_comes_in_and_an_unknown_one_is_called_so() -> None:
    imported = flow(f"""import sys
from autogen_ext.tools.mcp import McpWorkbench, StdioServerParams
{AGENTCHAT}
known = McpWorkbench(StdioServerParams(command=sys.executable, args=["tools.py"], env={{"KEY": "1"}}))
unknown = McpWorkbench(StdioServerParams(command=wanted, args=["tools.py"]))
helper = AssistantAgent("helper", None, workbench=[known, unknown])
team = RoundRobinGroupChat([helper], max_turns=2)
""")
    (server,) = [each for each in imported.document.nodes if each.kind == "mcp"]
    assert server.config["transport"] == {"kind": "stdio", "command": "python", "args": ["tools.py"], "environment": {"KEY": ""}}
    (kept,) = [each for each in imported.document.nodes if each.kind.startswith("python:")]
    assert "wanted" in kept.config["original"]
    assert lines(imported, "interpreter") == [6]
    assert lines(imported, "kept_server") == [7]
    # What is kept with its source is not left out.
    assert lines(imported, "field_lost") == []


def test_a_rule_that_nobody_uses_is_not_said_to_be_talked_to() -> None:
    imported = flow(f"""from autogen_agentchat.conditions import MaxMessageTermination
{AGENTCHAT}
rule = MaxMessageTermination(3)
team = RoundRobinGroupChat([AssistantAgent("helper", None)], max_turns=2)
""")
    assert lines(imported, "loose_part") == [5]


def test_what_is_asked_of_a_model_of_ollama_beside_its_options_comes_over() -> None:
    imported = flow("""import autogen
config = {"config_list": [{"model": "qwen3:8b", "api_type": "ollama"}], "temperature": 0, "max_tokens": 50}
helper = autogen.AssistantAgent("helper", llm_config=config)
""")
    (model,) = [each for each in imported.document.nodes if each.kind == "openai"]
    assert model.config == {"model": "qwen3:8b", "account": "ollama", "temperature": 0, "max_tokens": 50}
    assert lines(imported, "field_lost") == []


def test_no_key_is_asked_for_where_nothing_is_said_of_the_model() -> None:
    imported = flow("import autogen\nhelper = autogen.AssistantAgent('helper', llm_config=settings.of('helper'))\n")
    codes = {each.code for each in imported.report.findings}
    assert "model_unknown" in codes
    assert "key_missing" not in codes
