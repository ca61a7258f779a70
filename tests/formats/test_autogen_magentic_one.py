"""AutoGen's ready team Magentic-One and its coder come in as what they consist of, and go out as that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from autogen_samples import component, model, team, written

from studio.engine.agents.planned_coder import CODER, CODER_DESCRIPTION
from studio.flow.document import FlowDocument
from studio.flow.findings import Imported
from studio.formats.autogen_json.read import from_autogen
from studio.formats.autogen_json.write import to_autogen
from studio.formats.autogen_python.write import to_autogen_python
from studio.formats.convene_python.read import from_python
from studio.formats.convene_python.write import to_python
from studio.formats.recognise import read_bytes

SAMPLE = Path(__file__).parent.parent / "data" / "python_in" / "autogen" / "ready_team.py"
BEGIN = """
from autogen_ext.agents.magentic_one import MagenticOneCoderAgent
from autogen_ext.code_executors.local import LocalCommandLineCodeExecutor
from autogen_ext.models.openai import OpenAIChatCompletionClient
from autogen_ext.teams.magentic_one import MagenticOne

client = OpenAIChatCompletionClient(model="gpt-4o")
"""
PARTS = [("assistant", "FileSurfer"), ("assistant", "WebSurfer"), ("assistant", "Coder"), ("code_runner", "ComputerTerminal")]


def script(source: str) -> Imported:
    (imported,) = read_bytes((BEGIN + source).encode(), "script.py").flows
    return imported


def members(document: FlowDocument) -> list[tuple[str, str]]:
    return [(each.kind, each.name) for each in document.nodes if each.parent is not None]


def executor(document: FlowDocument) -> Any:
    (runner,) = [each for each in document.nodes if each.kind == "code_runner"]
    return runner.config["executor"]


def told(imported: Imported, code: str) -> list[tuple[int | None, str]]:
    return [(each.place.line, each.text) for each in imported.report.findings if each.code == code]


def test_the_ready_team_is_drawn_as_the_agents_that_it_consists_of() -> None:
    (imported,) = read_bytes(SAMPLE.read_bytes(), "ready_team.py").flows
    document = imported.document
    assert members(document) == [*PARTS, ("human", "User")]
    (held,) = [each for each in document.nodes if each.kind == "team"]
    assert held.config == {"selection": {"kind": "planner"}, "max_turns": 20}
    assert [each.kind for each in document.nodes if each.parent is None] == [
        "team",
        "openai",
        "files",
        "web_browser",
        "python:ask",
        "python:look",
    ]
    assert executor(document) == {"kind": "docker", "timeout": 120}
    assert document.sample_tasks == ("Write a program that reads an API.",)
    coder = next(each for each in document.nodes if each.name == "Coder")
    assert (coder.config["system_message"], coder.config["description"]) == (CODER, CODER_DESCRIPTION)
    lost = told(imported, "function_lost")
    assert [line for line, _ in lost] == [24, 24]
    assert {word for word in ("approval_func", "input_func") for _, said in lost if word in said} == {"approval_func", "input_func"}
    assert told(imported, "coder_words")


def test_arguments_are_read_by_place_and_what_is_not_used_is_told() -> None:
    imported = script('team = MagenticOne(client, False, print, LocalCommandLineCodeExecutor(timeout=7))\nteam.run(task="Go.")\n')
    assert members(imported.document) == PARTS
    assert executor(imported.document) == {"kind": "local", "timeout": 7}
    assert [said for _, said in told(imported, "left_out") if "input_func" in said]
    assert told(imported, "runs_here")


def test_without_an_executor_code_runs_in_docker_and_never_here() -> None:
    assert executor(script("team = MagenticOne(client)\n").document) == {"kind": "docker"}


def test_whether_a_person_takes_part_is_told_where_only_a_run_would_know() -> None:
    imported = script("import sys\nteam = MagenticOne(client, hil_mode=sys.argv[1])\n")
    assert members(imported.document) == PARTS
    assert [said for _, said in told(imported, "value_unknown") if "hil_mode" in said]


def test_a_class_of_a_scripts_own_over_the_ready_team_is_that_team() -> None:
    imported = script("class Mine(MagenticOne):\n    pass\n\n\nteam = Mine(client, hil_mode=True)\n")
    assert members(imported.document) == [*PARTS, ("human", "User")]


def test_the_ready_team_goes_out_as_its_parts_and_comes_back() -> None:
    document = script('team = MagenticOne(client, hil_mode=True)\nteam.run(task="Go.")\n').document
    code = to_autogen_python(document)
    for line in (
        "from autogen_agentchat.teams import MagenticOneGroupChat",
        "from autogen_ext.agents.file_surfer import FileSurfer",
        "from autogen_ext.agents.web_surfer import MultimodalWebSurfer",
    ):
        assert line in code.splitlines()
    (again,) = read_bytes(code.encode(), "again.py").flows
    assert sorted(members(again.document)) == sorted(members(document))
    held = json.loads(to_autogen(document))
    assert held["provider"].endswith(".MagenticOneGroupChat")
    assert sorted(members(from_autogen(written(held))[0].document)) == sorted(members(document))
    assert from_python(to_python(document).text, document).document == document


@pytest.mark.parametrize("words", [{}, {"system_message": "Write code.", "description": "Codes."}])
def test_a_coder_in_json_is_an_assistant_with_the_words_that_stand_there_or_ours(words: dict[str, str]) -> None:
    config = {"name": "Coder", "model_client": model(), "metadata": {}, **words}
    coder = component("autogen_ext.agents.magentic_one.MagenticOneCoderAgent", "agent", config, 2)
    (imported,) = from_autogen(written(team(coder, kind="MagenticOneGroupChat", model_client=model())))
    (held,) = [each for each in imported.document.nodes if each.name == "Coder"]
    assert held.kind == "assistant"
    expected = words or {"system_message": CODER, "description": CODER_DESCRIPTION}
    assert held.config == {**expected, "max_tool_rounds": 1}
    assert not [each for each in imported.report.findings if each.level == "decision" and held.id in each.nodes]


def test_a_coder_in_a_script_has_its_words_and_what_autogen_does_not_use_is_told() -> None:
    imported = script('coder = MagenticOneCoderAgent("coder", client, system_message="Other.")\ncoder.run(task="Go.")\n')
    (held,) = [each for each in imported.document.nodes if each.kind == "assistant"]
    assert held.config["system_message"] == CODER
    assert [line for line, said in told(imported, "left_out") if "system_message" in said] == [8]
