"""Files of AutoGen before 0.4: workflows of 0.0, agents, models and skills saved one by one, what fills a new database, built teams."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.flow.findings import Imported
from studio.formats.recognise import read_bytes

PERSON = {"type": "userproxy", "config": {"name": "asker", "human_input_mode": "NEVER", "max_consecutive_auto_reply": 4}}


def brought(value: Any) -> tuple[Imported, ...]:
    return read_bytes(json.dumps(value, indent=1).encode(), "the file").flows


def assistant(name: str) -> dict[str, Any]:
    settings = {"config_list": [{"model": "gpt-4o", "api_key": ""}], "temperature": 0.25}
    return {"type": "assistant", "config": {"name": name, "system_message": f"I am {name}.", "llm_config": settings}}


def kinds(flow: Imported) -> list[tuple[str, str]]:
    return [(node.kind, node.name) for node in flow.document.nodes]


def test_a_workflow_of_the_very_first_studio_opens_with_its_lines() -> None:
    receiver = assistant("helper") | {"skills": [{"title": "add", "content": "def add(a: int) -> int:\n    return a + 1\n"}]}
    workflow = {"name": "Two", "description": "They talk.", "type": "twoagents", "sender": PERSON, "receiver": receiver}
    (flow,) = brought(workflow)
    assert flow.document.name == "Two"
    assert kinds(flow) == [("team", "Two"), ("assistant", "helper"), ("openai", ""), ("python_tool", ""), ("human", "asker")]
    told = {finding.code: finding.place for finding in flow.report.findings}
    assert told["code_runs"].pointer == "/receiver/skills/0/content"
    assert told["code_runs"].line is not None
    assert '"content"' in json.dumps(workflow, indent=1).split("\n")[told["code_runs"].line - 1]


def test_the_members_of_a_group_of_the_very_first_studio_stand_where_they_are_written() -> None:
    group = {
        "type": "groupchat",
        "config": {"name": "manager", "system_message": "Keep order.", "llm_config": {"config_list": [{"model": "gpt-4o"}]}},
        "groupchat_config": {"max_round": 7, "speaker_selection_method": "round_robin", "agents": [assistant("one"), assistant("two")]},
    }
    (flow,) = brought({"name": "Group", "sender": PERSON, "receiver": group})
    team, *_ = flow.document.nodes
    assert team.config == {"selection": {"kind": "round_robin"}, "max_turns": 7}
    assert [name for kind, name in kinds(flow) if kind == "assistant"] == ["one", "two"]
    exact = {finding.place.pointer for finding in flow.report.findings if finding.level == "exact"}
    assert "/receiver/groupchat_config/agents/1" in exact
    lost = [finding for finding in flow.report.findings if finding.code == "field_lost"]
    assert [(finding.place.pointer, finding.nodes) for finding in lost] == [("/receiver/config/system_message", (team.id,))]


def test_what_a_model_and_who_runs_code_are_told_beside_is_passed_on_or_told() -> None:
    receiver = assistant("helper")
    receiver["config"]["llm_config"] |= {"top_p": 0.5, "price": [1, 2]}
    runner = {"type": "userproxy", "config": {**PERSON["config"], "code_execution_config": {"work_dir": "out", "timeout": 9}}}
    (flow,) = brought({"name": "Two", "sender": runner, "receiver": receiver})
    configs = {node.kind: node.config for node in flow.document.nodes}
    assert configs["openai"]["extra"] == {"top_p": 0.5}
    assert configs["human"]["executor"] == {"kind": "auto", "timeout": 9}
    lost = {finding.place.pointer for finding in flow.report.findings if finding.code == "field_lost"}
    assert lost == {"/receiver/config/llm_config/price", "/sender/config/code_execution_config/work_dir"}


def test_a_model_that_everybody_in_a_group_has_is_wired_to_the_group_once() -> None:
    own = {"llm_config": {"config_list": [{"model": "gpt-4o", "api_key": ""}], "temperature": 0.25}}
    group = {
        "type": "groupchat",
        "config": {"name": "manager", **own},
        "groupchat_config": {"agents": [assistant("one"), assistant("two")]},
    }
    (flow,) = brought({"name": "Group", "sender": PERSON, "receiver": group})
    (model,) = (node for node in flow.document.nodes if node.kind == "openai")
    wires = [(edge.source, edge.target) for edge in flow.document.edges if edge.kind == "model"]
    assert wires == [(model.id, flow.document.nodes[0].id)]


def test_models_and_skills_that_were_saved_alone_open() -> None:
    row = {"id": 3, "user_id": "guest@example.org", "version": "0.0.1"}
    (model,) = brought(row | {"model": "tiny", "base_url": "https://models.example.org/v1", "api_type": "open_ai", "description": "Small."})
    assert (model.document.name, kinds(model)) == ("tiny", [("openai", "")])
    assert {finding.code for finding in model.report.findings if finding.level != "exact"} == {"account_missing", "key_missing"}
    source = "def twice(x: int) -> int:\n    return 2 * x\n"
    (skill,) = brought(row | {"name": "twice", "content": source, "secrets": [], "libraries": ["numpy"]})
    assert (skill.document.name, kinds(skill)) == ("twice", [("python_tool", "")])
    assert "skill_libraries" in {finding.code for finding in skill.report.findings}


def test_a_list_of_model_configurations_becomes_models_without_its_keys() -> None:
    listed = [
        {"model": "gpt-4o", "api_key": "sk-never-taken"},
        {"model": "own", "base_url": "http://127.0.0.1:8000/v1", "price": [0.1, 0.2]},
    ]
    (flow,) = brought(listed)
    assert kinds(flow) == [("openai", ""), ("openai", "")]
    assert "sk-never-taken" not in flow.document.model_dump_json()
    told = {(finding.code, finding.place.pointer) for finding in flow.report.findings}
    assert {("key_in_file", "/0/api_key"), ("field_lost", "/1/price")} <= told


def test_what_fills_a_new_database_becomes_its_workflows_agents_and_the_rest() -> None:
    seeds = {
        "models": [{"model": "gpt-4o", "api_key": ""}],
        "agents": [assistant("spare")],
        "skills": [{"title": "nothing", "content": "def nothing() -> str:\n    return ''\n"}],
        "workflows": [{"name": "Pair", "type": "twoagents", "sender": PERSON, "receiver": assistant("helper")}],
    }
    assert [flow.document.name for flow in brought(seeds)] == ["Pair", "spare", "the file: components"]


def test_a_workflow_that_was_saved_without_its_agents_says_so() -> None:
    (flow,) = brought({"name": "Lonely", "type": "autonomous", "summary_method": "last", "sample_tasks": ["Begin."]})
    assert kinds(flow) == [("team", "Lonely"), ("text_mention", "")]
    assert flow.document.sample_tasks == ("Begin.",)
    (decision,) = (finding for finding in flow.report.findings if finding.level == "decision")
    assert (decision.code, decision.nodes) == ("workflow_empty", (flow.document.nodes[0].id,))
    assert decision.remedy


@pytest.mark.parametrize("strange", [7, "all", None, [7], [{"title": 7}], {"title": "x"}])
@pytest.mark.parametrize("field", ["skills", "models", "agents", "groupchat_config", "task_instruction"])
def test_fields_of_agents_that_are_something_else_end_no_import(field: str, strange: Any) -> None:
    for agent in (assistant("one"), {"type": "groupchat", "config": {"name": "manager"}}):
        assert brought(agent | {field: strange})
        assert brought({"sender": PERSON | {field: strange}, "receiver": agent | {field: strange}})


def test_the_answer_of_a_running_studio_opens_like_the_rows_in_it() -> None:
    team = {"provider": "autogen_agentchat.teams.RoundRobinGroupChat", "component_type": "team", "config": {"participants": []}}
    rows = [{"id": 1, "user_id": "guest", "component": team | {"label": "First"}}, {"id": 2, "component": team | {"label": "Second"}}]
    assert [flow.document.name for flow in brought({"status": True, "data": rows})] == ["First", "Second"]
    assert [flow.document.name for flow in brought({"status": True, "data": rows[1]})] == ["Second"]


def built(**fields: Any) -> dict[str, Any]:
    """A team as AgentBuilder saves it."""
    agents = [
        {"name": name, "model": ["gpt-4o"], "tags": [], "system_message": f"You are the {name}.", "description": f"The {name}."}
        for name in ("Chemist", "Data_Scientist")
    ]
    settings = {"temperature": 0.5}
    return {"building_task": "Find a solvent.", "agent_configs": agents, "coding": True, "default_llm_config": settings, **fields}


def test_a_team_that_agent_builder_saved_is_a_group_with_who_runs_its_code() -> None:
    saved = built(code_execution_config={"last_n_messages": 1, "work_dir": "groupchat", "use_docker": False, "timeout": 60})
    (flow,) = brought(saved)
    document = flow.document
    assert kinds(flow) == [
        ("team", "team"),
        ("assistant", "Chemist"),
        ("openai", ""),
        ("assistant", "Data_Scientist"),
        ("human", "Computer_terminal"),
        ("text_mention", ""),
    ]
    (team, chemist, model, _, terminal, _) = document.nodes
    assert team.config["selection"]["kind"] == "model_choice"
    assert chemist.config == {"description": "The Chemist.", "system_message": "You are the Chemist."}
    assert (model.config["model"], model.config["temperature"]) == ("gpt-4o", 0.5)
    assert (terminal.config["input_mode"], terminal.config["executor"]) == ("never", {"kind": "local", "timeout": 60})
    assert document.sample_tasks == ("Find a solvent.",)
    assert [(edge.source, edge.target) for edge in document.edges if edge.kind == "model"] == [(model.id, team.id)]
    told = {finding.code: finding for finding in flow.report.findings}
    assert {"key_missing", "runs_here", "built"} <= told.keys()
    assert "AgentBuilder" in told["built"].text
    # Every line of the report is one of the file, and of the node that it is about.
    written = json.dumps(saved, indent=1).split("\n")
    assert '"model"' in written[(told["key_missing"].place.line or 0) - 1]
    assert told["runs_here"].nodes == (terminal.id,)
    assert '"code_execution_config"' in written[(told["runs_here"].place.line or 0) - 1]
    lost = [(finding.place.pointer, finding.nodes) for finding in flow.report.findings if finding.code == "field_lost"]
    assert lost == [(f"/code_execution_config/{field}", (terminal.id,)) for field in ("last_n_messages", "work_dir")]
    exact = {finding.place.pointer: finding.place.line for finding in flow.report.findings if finding.level == "exact"}
    assert exact.keys() == {"", "/agent_configs/0", "/agent_configs/0/model", "/agent_configs/1"}
    assert '"name": "Data_Scientist"' in json.dumps(saved, indent=1).split("\n")[(exact["/agent_configs/1"] or 0)]


@pytest.mark.parametrize(
    "odd",
    [
        {"agent_configs": []},
        {"agent_configs": [7, None, {}, {"name": 3, "model": 4}], "default_llm_config": "x"},
        {"code_execution_config": False, "building_task": ["x"]},
        {"agent_configs": [{"name": "a", "model": ["m", 3, "n"], "model_path": "somebody/model"}], "coding": "yes"},
    ],
)
def test_odd_teams_of_agent_builder_open_too(odd: dict[str, Any]) -> None:
    (flow,) = brought(built(**odd))
    assert flow.document.nodes[0].kind == "team"
    lost = [finding.place.pointer for finding in flow.report.findings if finding.code == "field_lost"]
    assert lost == (["/agent_configs/0/model_path"] if "model_path" in str(odd) else [])
