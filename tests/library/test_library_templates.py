"""Templates: each is complete, drawn well, and its practice conversation is one that can really happen."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.engine.agents.agent import Agent
from studio.engine.agents.assistant import Assistant
from studio.engine.models.practice import PracticeModel
from studio.engine.teams.chat import Chat
from studio.engine.teams.model_choice import ModelChoice
from studio.engine.teams.planner import Planner
from studio.engine.teams.society import Society
from studio.engine.teams.team import Team
from studio.engine.tools.team_tool import TalkingTool
from studio.flow import words
from studio.flow.checks import check
from studio.flow.document import FlowDocument
from studio.flow.resolve import resolve
from studio.flow.sizes import AGENT, GRID, PADDING, TEAM_HEADER, Box, box_of
from studio.flow.wires import Drawing
from studio.library.templates import Template, template, template_of, templates

ALL = [pytest.param(each, id=each.id) for each in templates()]
FIXED = {
    "coder-and-executor",
    "engineering-team",
    "writing-room",
    "debate",
    "research-with-tools",
    "support-desk",
    "translation-check",
    "data-question",
}
"""What scripts and tutorials name; these ids never change."""


def everybody(team: Team) -> Iterator[Agent]:
    """A team, its members, those of the teams among them, and those of the teams that they may call."""
    yield team
    for agent in team.participants:
        if isinstance(agent, Team):
            yield from everybody(agent)
        else:
            yield agent
        for tool in getattr(agent, "tools", ()):
            if isinstance(tool, TalkingTool):
                yield from everybody(tool.spoken_to)


def practice_of(document: FlowDocument) -> PracticeModel:
    (node,) = (node for node in document.nodes if node.kind == "practice")
    return PracticeModel(**node.config)


def test_the_names_that_others_rely_on_are_there() -> None:
    assert {each.id for each in templates()} >= FIXED
    assert templates()[0].id == "coder-and-executor"


def test_a_template_is_found_by_its_id() -> None:
    found = template("debate")
    assert found is not None
    assert found.title == found.document.name == "Debate with a judge"
    assert template("nothing") is None
    assert template("../secret") is None


def test_templates_are_read_once_and_the_list_can_be_changed() -> None:
    first = templates()
    first.clear()
    assert templates()
    assert template("debate") is template("debate")


@pytest.mark.parametrize("found", ALL)
def test_a_template_says_what_it_is_for(found: Template) -> None:
    document = found.document
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", found.id)
    assert 40 <= len(found.description) <= 200
    assert 2 <= len(document.sample_tasks) <= 3
    (note,) = (node for node in document.nodes if node.kind == "note")
    assert len(note.config["text"]) > 150


@pytest.mark.parametrize("found", ALL)
def test_a_template_has_no_problem_but_what_practice_and_code_must_say(found: Template) -> None:
    assert {problem.code for problem in check(found.document)} <= {"practice_model", "unsafe_code"}


@pytest.mark.parametrize("found", ALL)
def test_everything_lies_on_the_grid_and_nothing_overlaps(found: Template) -> None:
    drawing = Drawing(found.document)
    for parent in {node.parent for node in drawing.nodes}:
        boxes = [box_of(node, drawing) for node in drawing.nodes if node.parent == parent]
        assert all(box.x % GRID == box.y % GRID == 0 for box in boxes)
        assert not any(one.overlaps(other) for at, one in enumerate(boxes) for other in boxes[at + 1 :])
        team = drawing.by_id[parent] if parent else None
        if team is not None:
            around = box_of(team, drawing)
            assert all(box.x >= PADDING / 2 and box.right <= around.width - PADDING / 2 for box in boxes)
            assert all(box.y >= TEAM_HEADER and box.bottom <= around.height - PADDING / 2 for box in boxes)


SPOKEN = 28.0
"""How much taller the two lines that an agent says make it than the second line of what it is for, which gives way to them."""


@pytest.mark.parametrize("found", ALL)
def test_nobody_covers_anything_while_speaking(found: Template) -> None:
    drawing = Drawing(found.document)
    for speaker in (node for node in drawing.nodes if drawing.categories[node.id] == "agent"):
        idle = box_of(speaker, drawing)
        grown = Box(idle.x, idle.y, idle.width, AGENT[1] + SPOKEN - 25.0 * (not words.chips(speaker, drawing)))
        others = [node for node in drawing.nodes if node.parent == speaker.parent and node.id != speaker.id]
        assert [node.name for node in others if grown.overlaps(box_of(node, drawing))] == [], speaker.name


@pytest.mark.parametrize("found", ALL)
def test_everybody_who_speaks_by_a_model_has_a_script(found: Template) -> None:
    agents = list(everybody(resolve(found.document)))
    speakers = {agent.name for agent in agents if isinstance(agent, Assistant | Society)}
    speakers |= {agent.name for agent in agents if isinstance(agent, Chat) and agent.summarised == "model"}
    speakers |= {agent.name for agent in agents if isinstance(agent, Team) and isinstance(agent.selection, ModelChoice | Planner)}
    assert practice_of(found.document).replies.keys() == speakers


@pytest.mark.parametrize("found", ALL)
def test_a_scripted_tool_call_names_a_tool_of_its_agent(found: Template) -> None:
    script = practice_of(found.document).replies
    for agent in everybody(resolve(found.document)):
        tools = {schema.name: schema for tool in getattr(agent, "tools", ()) for schema in tool.schemas({})}
        replies = [part for reply in script.get(agent.name, ()) for part in (reply if isinstance(reply, list | tuple) else (reply,))]
        for reply in replies:
            if isinstance(reply, dict) and reply["tool"].startswith("transfer_to_"):
                assert reply["tool"].removeprefix("transfer_to_") in agent.handoffs  # type: ignore[attr-defined]
            elif isinstance(reply, dict):
                assert reply["arguments"].keys() <= tools[reply["tool"]].parameters["properties"].keys()


def code_in(found: Template) -> list[str]:
    replies = [reply for said in practice_of(found.document).replies.values() for reply in said if isinstance(reply, str)]
    return [code for reply in replies for code in re.findall(r"```python\n(.*?)\n```", reply, re.DOTALL)]


def run_all(found: Template, folder: Path) -> list[subprocess.CompletedProcess[str]]:
    return [
        subprocess.run([sys.executable, "-I", "-c", code], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
        for code in code_in(found)
    ]


def test_the_coder_fails_once_and_then_passes(tmp_path: Path) -> None:
    first, second = run_all(next(each for each in templates() if each.id == "coder-and-executor"), tmp_path)
    assert (first.returncode, second.returncode) == (1, 0)
    assert "3 of 4 checks failed" in first.stderr
    assert [line.split()[2] for line in second.stdout.splitlines()[:4]] == ["2026", "49", "994", "4"]


def test_the_engineers_turn_red_tests_green(tmp_path: Path) -> None:
    runs = run_all(next(each for each in templates() if each.id == "engineering-team"), tmp_path)
    assert [run.returncode for run in runs] == [1, 0, 0]
    assert [run.stdout.splitlines()[-1] for run in runs] == ["2 passed, 1 failed", "3 passed, 0 failed", "5 passed, 0 failed"]


def test_the_reviewers_example_is_what_the_code_gave(tmp_path: Path) -> None:
    code = code_in(next(each for each in templates() if each.id == "engineering-team"))[1].partition("CASES")[0]
    done = subprocess.run(
        [sys.executable, "-c", code + 'print(slugify("Crème brûlée"))'], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "cr-me-br-l-e"


def test_the_answer_about_the_data_quotes_what_was_calculated(tmp_path: Path) -> None:
    found = next(each for each in templates() if each.id == "data-question")
    runs = run_all(found, tmp_path)
    assert all(run.returncode == 0 for run in runs), runs
    printed, answer = " ".join(run.stdout for run in runs), practice_of(found.document).replies["analyst"][-1]
    figures = re.findall(r"\d+(?:\.\d+)?", answer)
    assert figures
    assert all(figure in printed for figure in figures)


def test_the_researcher_lists_what_the_tools_said() -> None:
    found = next(each for each in templates() if each.id == "research-with-tools")
    namespace: dict[str, object] = {}
    for node in found.document.nodes:
        if node.kind == "python_tool":
            exec(node.config["source"], namespace)
    replies = practice_of(found.document).replies["researcher"]
    said = " ".join(str(namespace[reply["tool"]](**reply["arguments"])) for reply in replies if isinstance(reply, dict))  # type: ignore[operator]
    figures = set(re.findall(r"\d+(?:\.\d+)?", replies[-1]))
    assert {"16.5", "37.8", "13.8", "1.62", "0.6", "180"} <= figures
    assert all(figure in said for figure in figures), figures


def test_the_catalogue_may_call_a_template_otherwise_than_its_flow() -> None:
    own = templates()[0]
    told = template_of(own.id, own.document, {f"template.{own.id}.title": "Код и проверка"})
    assert (told.title, told.description, told.document.name) == ("Код и проверка", own.document.description, own.document.name)
