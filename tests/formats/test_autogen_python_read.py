"""Scripts for AutoGen 0.4 to 0.7 come in as flows, and nothing of them is run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.flow.checks import check
from studio.flow.document import FlowDocument
from studio.flow.findings import Finding, ForeignFileError, Imported
from studio.formats.recognise import read_bytes

SCRIPTS = Path(__file__).parent.parent / "data" / "python_in" / "autogen"


def brought(source: str) -> Imported:
    (imported,) = read_bytes(source.encode(), "script").flows
    return imported


def sample(name: str) -> Imported:
    (imported,) = read_bytes((SCRIPTS / f"{name}.py").read_bytes(), name).flows
    return imported


def kinds(document: FlowDocument) -> list[str]:
    return [node.kind for node in document.nodes]


def said(imported: Imported, code: str) -> list[Finding]:
    return [finding for finding in imported.report.findings if finding.code == code]


def test_a_helper_a_loop_and_a_text_put_together_become_agents() -> None:
    imported = sample("reflection")
    agents = [node for node in imported.document.nodes if node.kind == "assistant"]
    assert [node.name for node in agents] == ["primary", "critic"]
    assert agents[0].config["system_message"] == "You write short poems.\nAnswer as primary."
    assert imported.document.sample_tasks == ("Write a short poem about the fall season.", "将这首诗用中文唐诗风格写一遍。")
    (stop,) = [node for node in imported.document.nodes if node.kind == "text_mention"]
    assert stop.config["sources"] == ["critic"]
    assert [finding.place.line for finding in said(imported, "key_missing")] == [31]
    (default,) = said(imported, "setting_default")
    assert "MODEL" in default.text
    assert "gpt-4o-mini" in default.text


def test_a_selector_function_is_kept_with_the_agents_that_it_names() -> None:
    imported = sample("selector")
    selection = imported.document.nodes[0].config["selection"]
    assert selection["kind"] == "function_choice"
    assert 'planning_agent = SimpleNamespace(name="PlanningAgent")'.replace('"', "'") in selection["source"]
    assert "messages[-1].source != planning_agent.name" in selection["source"]
    tools = [node.config["source"] for node in imported.document.nodes if node.kind == "python_tool"]
    assert tools[0].startswith("SEASONS = {")
    assert "def round_up" in tools[1]
    assert '"""The change in percent."""' in tools[1]
    assert "sk-not-a-real-key" not in imported.document.model_dump_json()


def test_a_graph_keeps_its_arrows_with_their_conditions() -> None:
    document = sample("graph").document
    names = {node.id: node.name for node in document.nodes}
    arrows = [(names[edge.source], names[edge.target], edge.config) for edge in document.edges if edge.kind == "speaks"]
    assert arrows == [
        ("generator", "reviewer", {}),
        ("reviewer", "generator", {"condition": '"APPROVE" not in last', "how": "expression"}),
        ("reviewer", "editor_grammar", {"condition": "APPROVE"}),
        ("reviewer", "editor_style", {"condition": "APPROVE"}),
        ("editor_grammar", "summary", {}),
        ("editor_style", "summary", {}),
    ]
    assert [name for name in names.values() if name][:2] == ["team", "generator"]


def test_handoffs_come_from_names_records_and_attributes() -> None:
    agents = [node for node in sample("swarm").document.nodes if node.kind == "assistant"]
    assert [node.config["handoffs"] for node in agents] == [["flights_refunder", "user"], ["travel_agent", "user"]]


@pytest.mark.parametrize("name", [path.stem for path in sorted(SCRIPTS.glob("*.py"))])
def test_samples_come_in_without_a_mistake_and_every_finding_has_its_line(name: str) -> None:
    for imported in read_bytes((SCRIPTS / f"{name}.py").read_bytes(), name).flows:
        assert imported.report.findings
        assert all(finding.place.line for finding in imported.report.findings)
        wrong = [problem for problem in check(imported.document) if problem.level == "error"]
        assert not [problem.text for problem in wrong if problem.code not in ("unknown_kind", "kept_source", "arrow_condition")]


def test_a_script_without_agents_is_refused() -> None:
    with pytest.raises(ForeignFileError):
        read_bytes(b"import autogen_agentchat\n")
    with pytest.raises(ForeignFileError):
        read_bytes(b"import os\nprint(os.getcwd())\n")


def test_rules_and_choices_ask_for_classes_of_messages_that_have_stand_ins() -> None:
    imported = brought(
        "from autogen_agentchat.agents import AssistantAgent\n"
        "from autogen_agentchat.conditions import FunctionalTermination\n"
        "from autogen_agentchat.messages import StopMessage, TextMessage\n"
        "from autogen_agentchat.teams import SelectorGroupChat\n"
        "from autogen_ext.models.openai import OpenAIChatCompletionClient\n"
        "client = OpenAIChatCompletionClient(model='gpt-4o')\n"
        "ann, bob = [AssistantAgent(name, client) for name in ('ann', 'bob')]\n"
        "def over(messages):\n    return isinstance(messages[-1], StopMessage) or 'END' in messages[-1].content\n"
        "def choose(messages):\n    return 'bob' if isinstance(messages[-1], TextMessage) and messages[-1].source == ann.name else None\n"
        "team = SelectorGroupChat([ann, bob], client, selector_func=choose, termination_condition=FunctionalTermination(over))\n"
    )
    assert not said(imported, "names_missing")
    space: dict[str, Any] = {}
    (rule,) = [node for node in imported.document.nodes if node.kind == "function_rule"]
    exec(compile(rule.config["source"], "function", "exec"), space)  # the function that the flow would ask, here in the test
    assert [space["is_over"]([{"source": "ann", "text": text}]) for text in ("Go on.", "END")] == [False, True]
    exec(compile(imported.document.nodes[0].config["selection"]["source"], "function", "exec"), space)
    assert [space["next_speaker"]([{"source": name, "text": ""}], ["ann", "bob"]) for name in ("ann", "bob", "user")] == [
        "bob",
        "ann",
        "ann",
    ]
