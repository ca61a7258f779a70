"""AutoGen's JSON comes in: every shape, every loss told with its node and its line, nothing run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from autogen_samples import NAMES, assistant, component, function_tool, model, sample, team, termination, workbench, written

from studio.engine.tools.team_tool import AgentTool
from studio.flow.document import Node
from studio.flow.findings import Finding, ForeignFileError, Imported
from studio.flow.resolve import resolve
from studio.flow.upgrade import read_document
from studio.formats.autogen_json.read import from_autogen
from studio.formats.flow_json.write import to_json


def read(value: Any) -> Imported:
    (imported,) = from_autogen(value if isinstance(value, bytes) else written(value))
    return imported


def nodes(imported: Imported, kind: str) -> list[Node]:
    return [node for node in imported.document.nodes if node.kind == kind]


def said(imported: Imported, code: str) -> list[Finding]:
    return [finding for finding in imported.report.findings if finding.code == code]


@pytest.mark.parametrize("name", NAMES)
def test_every_shape_becomes_a_flow_that_can_be_stored(name: str) -> None:
    imported = read(sample(name))
    assert imported.document.nodes
    assert read_document(to_json(imported.document)) == imported.document
    ids = {node.id for node in imported.document.nodes}
    for finding in imported.report.findings:
        assert set(finding.nodes) <= ids
        assert finding.place.line is not None
    about = {node for finding in imported.report.findings for node in finding.nodes}
    assert about == ids, "something is said about every node"


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("v0.1-workflow-two_agent.json", "an AutoGen Studio 0.1 workflow"),
        ("old-ags-0.4.0-team.json", "AutoGen Studio 0.4.0"),
        ("py-0.5.4-selector.json", "AutoGen 0.4.4–0.5.4"),
        ("ui-export-roundrobin-team.json", "AutoGen 0.5.5–0.5.7"),
        ("head-0.6.4-selector-team.json", "AutoGen 0.6–0.7.5"),
    ],
)
def test_the_report_says_which_autogen_wrote_the_file(name: str, form: str) -> None:
    assert read(sample(name)).report.format == form


def test_a_team_comes_over_and_can_run() -> None:
    stop = termination(
        "OrTerminationCondition",
        conditions=[termination("TextMentionTermination", text="DONE"), termination("MaxMessageTermination", max_messages=7)],
    )
    imported = read(team(assistant("writer"), assistant("critic"), termination_condition=stop, max_turns=9))
    made = resolve(imported.document)
    assert [agent.name for agent in made.participants] == ["writer", "critic"]
    assert [agent.system_message for agent in made.participants] == ["You are writer.", "You are critic."]  # type: ignore[attr-defined]
    assert made.max_turns == 9
    assert made.selection.kind == "round_robin"
    rules = made.stop.model_dump()["conditions"]  # type: ignore[union-attr]
    assert [rule["kind"] for rule in rules] == ["text_mention", "max_messages"]
    assert all(rule["include_task"] for rule in rules), "AutoGen counts the task"
    assert made.description == "A crew."


def test_a_model_that_all_share_is_one_node_at_the_team() -> None:
    imported = read(team(assistant("a"), assistant("b"), kind="SelectorGroupChat", model_client=model(), selector_prompt=""))
    (shared,) = nodes(imported, "openai")
    (crew,) = nodes(imported, "team")
    assert [(edge.source, edge.target) for edge in imported.document.edges if edge.kind == "model"] == [(shared.id, crew.id)]


def test_models_that_differ_stay_with_their_agents() -> None:
    imported = read(team(assistant("a"), assistant("b", model_client=model("gpt-4.1"))))
    names = {node.id: node.name or node.config.get("model") for node in imported.document.nodes}
    wires = {(names[edge.source], names[edge.target]) for edge in imported.document.edges if edge.kind == "model"}
    assert wires == {("gpt-4o-mini", "a"), ("gpt-4.1", "b")}


def test_a_blanked_key_is_missing_and_a_plain_one_is_not_taken_over() -> None:
    blanked = read(team(assistant("a", model_client=model(api_key="**********")), assistant("b")))
    assert said(blanked, "key_blanked")[0].subject == "openai"
    assert said(blanked, "key_blanked")[0].place.pointer.endswith("/api_key")
    plain = read(assistant("a", model_client=model(api_key="sk-very-secret-1")))
    assert said(plain, "key_in_file")
    assert "sk-very-secret-1" not in to_json(plain.document) + json.dumps(plain.report.to_dict())


def test_models_that_are_gone_and_places_of_ones_own_want_a_decision() -> None:
    imported = read(assistant("a", model_client=model("gpt-4-32k", base_url="http://10.0.0.7:9000/v1")))
    assert said(imported, "model_gone")[0].subject == "gpt-4-32k"
    assert said(imported, "account_missing")[0].subject == "10.0.0.7"
    known = read(assistant("a", model_client=model("llama3.2", base_url="http://localhost:11434/v1")))
    assert nodes(known, "openai")[0].config["account"] == "ollama"
    assert not said(known, "account_missing")


def test_a_tool_keeps_its_source_and_is_never_run(tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    source = f"def add(a: int, b: int) -> int:\n    return a + b\n\nopen({str(trace)!r}, 'w').close()\n"
    tools = workbench(function_tool(source, "add", "Adds two numbers.", ["os", {"module": "typing", "imports": ["Any", "List"]}]))
    imported = read(assistant("a", workbench=tools))
    (tool,) = nodes(imported, "python_tool")
    assert tool.config["source"].startswith("import os\nfrom typing import Any, List\n")
    assert '"""Adds two numbers."""' in tool.config["source"]
    assert "return a + b" in tool.config["source"]
    assert said(imported, "code_runs")[0].nodes == (tool.id,)
    assert not trace.exists()


def test_imports_that_are_no_names_never_become_code() -> None:
    tools = workbench(function_tool("def f() -> str:\n    return ''\n", "f", "", ["os; print(1)", {"module": "a\nb", "imports": ["c"]}]))
    (tool,) = nodes(read(assistant("a", workbench=tools)), "python_tool")
    assert tool.config["source"].startswith("def f()")


def test_a_function_that_cannot_be_called_is_kept_and_told() -> None:
    imported = read(assistant("a", workbench=workbench(function_tool("def broken(:\n", "broken"))))
    assert nodes(imported, "python_tool")[0].config["source"].startswith("def broken(:")
    assert said(imported, "tool_unusable")


def test_an_unknown_class_is_kept_byte_for_byte() -> None:
    text = '{"provider":"mine.Robot",  "component_type":"agent", "config": {"name": "robbie", "speed": 1.50, "big": 12345678901234567890}}'
    whole = written(team(assistant("a"), {"REPLACE": 1})).replace(b'{\n        "REPLACE": 1\n      }', text.encode())
    imported = read(whole)
    (kept,) = nodes(imported, "autogen:Robot")
    assert kept.config["original"] == text
    assert kept.name == "robbie"
    assert kept.parent == nodes(imported, "team")[0].id
    assert said(imported, "unknown")[0].nodes == (kept.id,)


def test_somebody_elses_class_of_a_known_name_is_not_taken_for_autogens() -> None:
    imported = read(component("evil.AssistantAgent", "agent", {"name": "x"}))
    assert [node.kind for node in imported.document.nodes] == ["autogen:AssistantAgent"]


def test_secrets_in_what_is_kept_are_told() -> None:
    imported = read(component("mine.Model", "model", {"headers": [{"x_api_key": "abc"}]}))
    assert said(imported, "secret_kept")
    assert not said(read(component("mine.Model", "model", {"api_key": "****"})), "secret_kept")


def test_what_a_database_puts_around_a_team_does_not_matter() -> None:
    row = {"id": 3, "user_id": "guest", "created_at": "2025-01-01", "version": "0.0.1", "component": team(assistant("a"), assistant("b"))}
    imported = read(row)
    assert nodes(imported, "team")
    assert said(imported, "exact")[0].place.pointer.startswith("/component")


def test_a_gallery_gives_a_flow_a_team_and_a_shelf_of_the_rest() -> None:
    components = {"teams": [team(assistant("a"), assistant("b")), team(assistant("c"), name="other")], "agents": [assistant("d")]}
    gallery = {
        "id": "g",
        "name": "My gallery",
        "metadata": {"author": "x", "version": "1"},
        "components": {**components, "models": [model()]},
    }
    flows = from_autogen(written(gallery))
    assert [flow.document.name for flow in flows] == ["crew", "other", "My gallery: components"]
    assert {node.kind for node in flows[2].document.nodes} == {"assistant", "openai"}
    assert len(from_autogen(written({"id": 1, "config": gallery}))) == 3


def test_single_components_come_in_alone() -> None:
    assert nodes(read(model()), "openai")
    assert nodes(read(termination("TimeoutTermination", timeout_seconds=5)), "time_limit")[0].config["seconds"] == 5
    assert nodes(read(function_tool("def f() -> str:\n    return ''\n", "f")), "python_tool")
    tokens = nodes(read(termination("TokenUsageTermination", max_prompt_token=9)), "token_limit")[0]
    assert tokens.config == {"total": None, "prompt": 9}


def test_a_value_that_is_not_possible_is_told_with_its_field() -> None:
    imported = read(termination("MaxMessageTermination", max_messages="many"))
    assert nodes(imported, "max_messages")[0].config == {"include_task": True}
    (finding,) = said(imported, "value_refused")
    assert finding.place.pointer == "/config/max_messages"


def test_a_field_without_a_counterpart_is_told() -> None:
    imported = read(termination("MaxMessageTermination", max_messages=3, include_agent_event=True))
    assert said(imported, "field_lost")[0].place.pointer == "/config/include_agent_event"


def test_a_team_that_would_never_end_gets_an_end_and_says_so() -> None:
    imported = read(team(assistant("a"), assistant("b")))
    assert nodes(imported, "team")[0].config.get("max_turns", 50) == 50
    assert said(imported, "no_end")


def test_names_that_no_agent_may_bear_are_changed_and_told() -> None:
    imported = read(team(assistant("a/b"), assistant("a_b"), assistant("")))
    names = [node.name for node in nodes(imported, "assistant")]
    assert len(set(names)) == 3
    assert resolve(imported.document.model_copy()).participants
    assert len(said(imported, "renamed")) == 3


def test_a_workflow_of_the_first_studio_becomes_a_person_and_an_assistant() -> None:
    imported = read(sample("v0.1-workflow-two_agent.json"))
    made = resolve(imported.document)
    assert [(agent.name, agent.kind) for agent in made.participants] == [("default_assistant", "assistant"), ("user_proxy", "human")]
    assert imported.document.sample_tasks[1].startswith("Plot the stock price")
    assert said(imported, "runs_here")


def test_the_agents_of_a_sequence_are_told_what_to_do_with_the_work_before_them() -> None:
    agents = [
        {"agent": {"type": "assistant", "config": {"name": name, "system_message": "Help."}, "task_instruction": f"As {name}."}}
        for name in ("first", "second")
    ]
    made = resolve(read({"name": "Chain", "type": "sequential", "agents": agents}).document)
    assert [agent.system_message for agent in made.participants] == ["Help.", "Help.\n\nAs second."]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"", "line 1"),
        (b'{"provider": ', "line 1"),
        (b"\xff\xfe\xff", "byte"),
        (b'{"a": NaN}', "/"),
        (b"[" * 100_000, "/"),
        (b'{"hello": "world"}', "/"),
        (b"3", "/"),
        (b"[]", "/"),
        (b'{"provider": "x", "config": {"a": "\\ud800"}}', "config"),
    ],
)
def test_what_is_no_autogen_file_says_so_and_where(data: bytes, where: str) -> None:
    with pytest.raises(ForeignFileError) as caught:
        from_autogen(data)
    assert where in caught.value.where
    assert caught.value.sentence


def test_a_file_in_utf_16_is_read_too() -> None:
    assert from_autogen(json.dumps(model()).encode("utf-16"))


def test_a_graph_keeps_its_arrows_conditions_and_joins() -> None:
    imported = read(sample("py-0.7.5-graphflow.json"))
    made: Any = resolve(imported.document).selection
    assert made.kind == "graph"
    assert made.start == ("drafter",)
    assert [(edge.source, edge.target, edge.condition, edge.join) for edge in made.edges] == [
        ("drafter", "reviewer", "", "all"),
        ("reviewer", "drafter", "REVISE", "all"),
        ("reviewer", "final", "APPROVE", "all"),
    ]


def test_a_society_within_a_team_is_drawn_within_it_and_can_run() -> None:
    imported = read(sample("py-0.7.5-nested-society-of-mind.json"))
    made: Any = resolve(imported.document)
    som, reviewer = made.participants
    assert (som.kind, som.name, [agent.name for agent in som.participants]) == ("society", "som", ["editor"])
    assert som.instruction.startswith("Earlier you were asked")
    assert som.stop.max_messages == 2
    assert reviewer.name == "reviewer"


def test_teams_in_teams_filters_and_memories_are_drawn() -> None:
    memory = component(
        "autogen_core.memory.ListMemory", "memory", {"name": "m", "memory_contents": [{"content": "It rains.", "mime_type": "text/plain"}]}
    )
    chroma = component("autogen_ext.memory.chromadb.ChromaDBVectorMemory", "memory", {"config": {}})
    quiet = component(
        "autogen_agentchat.agents.MessageFilterAgent",
        "agent",
        {
            "name": "quiet",
            "wrapped_agent": assistant("quiet"),
            "filter": {
                "per_source": [{"source": "user", "position": "first", "count": 1}, {"source": "ann", "position": "last", "count": 2}]
            },
        },
    )
    imported = read(team(team(assistant("ann", memory=[memory, chroma]), assistant("bob"), name="inner", max_turns=2), quiet, max_turns=4))
    made: Any = resolve(
        imported.document.model_copy(update={"nodes": tuple(n for n in imported.document.nodes if not n.kind.startswith("autogen:"))})
    )
    inner, filtered = made.participants
    assert (inner.kind, inner.name, inner.max_turns) == ("team", "inner", 2)
    assert inner.participants[0].memory[0].facts == ("It rains.",)
    assert (filtered.kind, filtered.hears_task, filtered.hears[0].source, filtered.hears[0].count) == ("filter", True, "ann", 2)
    assert filtered.participants[0].name == "quiet_2"
    assert said(imported, "renamed")
    (kept,) = nodes(imported, "autogen:ChromaDBVectorMemory")
    assert ("memory", kept.id) in {(edge.kind, edge.source) for edge in imported.document.edges}


def test_a_team_as_a_tool_is_a_team_that_is_wired_as_one() -> None:
    config = {"name": "ask_crew", "description": "Asks.", "team": team(assistant("x"), max_turns=1), "return_value_as_last_message": True}
    tool = component("autogen_agentchat.tools.TeamTool", "tool", config)
    other = component("autogen_agentchat.tools.AgentTool", "tool", {"agent": assistant("helper")})
    made: Any = resolve(read(team(assistant("boss", workbench=workbench(tool, other)), max_turns=3)).document)
    first, second = made.participants[0].tools
    assert (first.team.name, first.team.description, first.team.heard) == ("ask_crew", "Asks.", "last")
    assert isinstance(second, AgentTool)
    assert (second.agent.name, second.heard, second.remembers) == ("helper", "all", True)


def test_an_agent_as_a_tool_of_several_is_drawn_once_and_a_person_as_a_tool_is_a_team_of_one() -> None:
    helper = {"agent": assistant("helper"), "return_value_as_last_message": True}
    asks = component("autogen_agentchat.tools.AgentTool", "tool", helper)
    person = component("autogen_agentchat.agents.UserProxyAgent", "agent", {"name": "you", "description": "A person.", "input_func": None})
    call_me = component("autogen_agentchat.tools.AgentTool", "tool", {"agent": person})
    crew = team(assistant("boss", workbench=workbench(asks, call_me)), assistant("clerk", workbench=workbench(asks)), max_turns=3)
    imported = read(crew)
    assert [node.name for node in imported.document.nodes if node.name.startswith("helper")] == ["helper"]
    made: Any = resolve(imported.document)
    boss, clerk = made.participants
    assert boss.tools[0].agent is clerk.tools[0].agent
    assert (boss.tools[0].heard, boss.tools[1].team.name) == ("last", "you")


def test_a_server_of_tools_comes_without_its_secrets() -> None:
    params = {
        "type": "StdioServerParams",
        "command": "uvx",
        "args": ["mcp-server-fetch"],
        "env": {"API_KEY": "sk-hidden"},
        "read_timeout_seconds": 7,
    }
    server = component("autogen_ext.tools.mcp.McpWorkbench", "workbench", {"server_params": params, "tool_overrides": {}})
    imported = read(assistant("a", workbench=[server]))
    (node,) = nodes(imported, "mcp")
    assert node.config == {
        "transport": {"kind": "stdio", "command": "uvx", "args": ["mcp-server-fetch"], "environment": {"API_KEY": ""}},
        "timeout": 7,
    }
    assert said(imported, "server_starts")
    assert said(imported, "values_withheld")
    assert "sk-hidden" not in to_json(imported.document)


def test_what_several_agents_share_is_spoken_of_once() -> None:
    client = model(model_info={"vision": False, "family": "unknown"})
    tool = function_tool("def add(a: int) -> int:\n    return a + 1\n")
    imported = read(team(*(assistant(name, workbench=workbench(tool), model_client=client) for name in ("one", "two", "three"))))
    assert len(nodes(imported, "python_tool")) == len(nodes(imported, "openai")) == 1
    for code in ("code_runs", "field_lost"):
        (finding,) = said(imported, code)
        assert finding.place.pointer.startswith("/config/participants/0/")


def test_a_finding_about_the_only_component_of_a_file_leads_to_its_node() -> None:
    executor = {"provider": "own.Executor", "config": {}}
    imported = read(component("autogen_agentchat.agents.CodeExecutorAgent", "agent", {"name": "runner", "code_executor": executor}))
    (finding,) = said(imported, "executor_unknown")
    assert finding.nodes == (imported.document.nodes[0].id,)


def test_ollama_at_its_usual_address_wants_no_address_of_its_own() -> None:
    client = {"provider": "autogen_ext.models.ollama.OllamaChatCompletionClient", "component_type": "model"}
    usual = read(client | {"config": {"model": "llama3.2", "base_url": "http://localhost:11434/v1"}})
    assert not said(usual, "account_missing")
    assert not said(usual, "field_lost")
    other = read(client | {"config": {"model": "llama3.2", "host": "http://cellar.example:11434"}})
    assert "cellar.example" in said(other, "account_missing")[0].text


def test_a_value_that_is_not_possible_is_told_with_what_stands_instead() -> None:
    imported = read(team(assistant("a"), termination_condition=termination("TextMentionTermination", text="")))
    (finding,) = said(imported, "value_refused")
    assert "TERMINATE" in finding.text


def test_rules_that_end_a_team_at_another_moment_are_told() -> None:
    rules = [termination("MaxMessageTermination", max_messages=7), termination("FunctionCallTermination", function_name="add")]
    swarm = read(team(assistant("a"), kind="Swarm", termination_condition=termination("OrTerminationCondition", conditions=rules)))
    others = read(team(assistant("a"), termination_condition=rules[0]))
    assert [finding.nodes for finding in said(swarm, "swarm")] == [(node.id,) for node in nodes(swarm, "max_messages")]
    assert [finding.nodes for finding in said(swarm, "tool_used")] == [(node.id,) for node in nodes(swarm, "tool_used")]
    assert not said(others, "swarm")
