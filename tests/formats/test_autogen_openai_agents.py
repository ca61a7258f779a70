"""OpenAI's assistants and agents in AutoGen's JSON: assistants over the same model, with tools of this side."""

from __future__ import annotations

import json
from typing import Any

from studio.flow.document import FlowDocument
from studio.flow.findings import Imported
from studio.formats.recognise import read_bytes

OPENAI = "autogen_ext.agents.openai"


def read(name: str, **config: Any) -> Imported:
    agent = {"provider": f"{OPENAI}.{name}", "component_type": "agent", "config": {"name": "helper", "model": "gpt-4o", **config}}
    team = {
        "provider": "autogen_agentchat.teams.RoundRobinGroupChat",
        "component_type": "team",
        "config": {"participants": [agent], "max_turns": 2},
    }
    (flow,) = read_bytes(json.dumps(team).encode(), "team").flows
    return flow


def kinds(document: FlowDocument) -> set[str]:
    return {node.kind for node in document.nodes}


def test_an_assistant_has_its_model_and_tools_of_this_side() -> None:
    flow = read("OpenAIAssistantAgent", description="Helps.", instructions="You help.", tools=["code_interpreter", "file_search"])
    assert kinds(flow.document) == {"team", "assistant", "openai", "shell", "search_documents"}
    (helper,) = (node for node in flow.document.nodes if node.kind == "assistant")
    assert helper.config == {"description": "Helps.", "system_message": "You help."}
    told = {(each.level, each.code) for each in flow.report.findings}
    assert {("approximated", "openai_assistant"), ("decision", "hosted_files")} <= told


def test_code_of_such_an_agent_runs_in_docker_alone() -> None:
    flow = read("OpenAIAssistantAgent", instructions="", tools=["code_interpreter"])
    (shell,) = (node for node in flow.document.nodes if node.kind == "shell")
    assert shell.config["executor"] == {"kind": "docker"}


def test_an_agent_of_the_responses_api_keeps_what_its_model_is_told() -> None:
    tools = [{"type": "web_search_preview"}, {"type": "computer_use_preview", "display_width": 1}]
    flow = read("OpenAIAgent", instructions="You look.", tools=tools, temperature=0.5, max_output_tokens=70, json_mode=True)
    (model,) = (node for node in flow.document.nodes if node.kind == "openai")
    assert model.config["temperature"] == 0.5
    assert model.config["max_tokens"] == 70
    assert "web_search" in kinds(flow.document)
    assert any("computer_use_preview" in each.text for each in flow.report.findings)
