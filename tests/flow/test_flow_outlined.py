"""The drawing of an outline: it can run, it ends, nothing lies on anything else, and nothing in it does more than a person allowed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outlines import agent, arrow, outline

from studio.engine.outlines.outline import Outline
from studio.engine.outlines.reading import read_outline
from studio.engine.teams.graph import Graph
from studio.engine.teams.model_choice import ModelChoice
from studio.flow.checks import check
from studio.flow.document import FlowDocument
from studio.flow.outlined import TEAM, ModelWanted, draw_outline
from studio.flow.resolve import resolve
from studio.flow.sizes import box_of
from studio.flow.upgrade import read_document
from studio.flow.wellformed import check_wellformed
from studio.flow.wires import Drawing

MODEL = ModelWanted("openai", "test-model")


def read(data: Any) -> Outline:
    reading = read_outline(data)
    assert reading.outline is not None
    return reading.outline


def drawn(*agents: dict[str, Any], **more: Any) -> FlowDocument:
    return draw_outline(read(outline(*agents, **more)), MODEL).document


def test_agents_stand_in_a_team_with_a_model_tools_and_an_end() -> None:
    document = drawn(agent("searcher", tools=["web_search"]), agent("keeper", tools=["web_search", "files"]))
    team = resolve(document)
    assert [member.name for member in team.participants] == ["searcher", "keeper"]
    assert team.model is not None
    assert team.model.model_dump()["model"] == "test-model"
    assert [[tool.kind for tool in member.tools] for member in team.participants] == [["web_search"], ["web_search", "files"]]  # type: ignore[attr-defined]
    assert [node.kind for node in document.nodes].count("web_search") == 1
    assert team.stop is not None
    assert {stop["kind"] for stop in team.stop.model_dump()["conditions"]} == {"text_mention", "max_turns"}
    assert document.sample_tasks == ("Write a haiku about rain.", "Write a motto for a bakery.")
    assert (document.name, document.description) == ("Short texts", "Writes short texts and makes them better.")


def test_who_ends_the_conversation_is_told_the_word_once() -> None:
    document = drawn()
    told = {node.name: node.config["system_message"] for node in document.nodes if node.kind == "assistant"}
    assert told["critic"].count("APPROVED") == 1
    assert "APPROVED" not in told["writer"]
    knows = drawn(agent("writer"), agent("critic", system_message="Say APPROVED when it is good."))
    assert next(node for node in knows.nodes if node.name == "critic").config["system_message"] == "Say APPROVED when it is good."


def test_code_runs_in_docker_only_and_the_report_says_so() -> None:
    imported = draw_outline(read(outline(agent("coder"), agent("runner", "code_runner"))), MODEL)
    (runner,) = (node for node in imported.document.nodes if node.kind == "code_runner")
    assert runner.config["executor"] == {"kind": "docker"}
    assert "outline_code" in {finding.code for finding in imported.report.of("decision")}
    kinds = {node.kind for node in imported.document.nodes}
    assert kinds == {"team", "assistant", "code_runner", "text_mention", "max_turns", "openai"}


def test_a_graph_goes_back_at_a_word_and_on_otherwise() -> None:
    arrows = [arrow("coder", "tester"), arrow("tester", "coder", "FAILED"), arrow("tester", "writer")]
    document = drawn(agent("coder"), agent("tester"), agent("writer"), speaking="graph", arrows=arrows)
    team = resolve(document)
    assert isinstance(team.selection, Graph)
    back, on = (
        next(edge for edge in team.selection.edges if edge.source == "tester" and edge.target == end) for end in ("coder", "writer")
    )
    assert (back.condition, back.how) == ("FAILED", "contains")
    assert on.how == "otherwise"
    told = next(node for node in document.nodes if node.name == "tester").config["system_message"]
    assert "FAILED" in told
    assert [problem.code for problem in check(document) if problem.level != "hint"] == []


def test_a_model_that_chooses_is_told_how_and_goes_along_the_arrows() -> None:
    document = drawn(speaking="model_choice", how_to_choose="The critic last.", arrows=[arrow("writer", "critic")])
    team = resolve(document)
    assert isinstance(team.selection, ModelChoice)
    assert team.selection.instruction == "The critic last."
    assert team.transitions == {"writer": ("critic",)}


def test_the_report_tells_everybody_what_was_changed_and_when_it_ends() -> None:
    reading = read_outline(outline(agent("the writer"), agent("critic")))
    assert reading.outline is not None
    report = draw_outline(reading.outline, MODEL, reading.changes, "a description, drawn by x").report
    said = [finding.text for finding in report.findings]
    assert "“the writer” is called the_writer here." in said
    assert "the_writer, an assistant: the writer at work" in said
    assert "It ends when critic says APPROVED, or after 12 turns." in said
    assert report.format == "a description, drawn by x"


names = st.sampled_from(["ann", "bob", "Ann", "编辑", "../x", "<b>x</b>", "you", ""])
members = st.fixed_dictionaries(
    {
        "name": names,
        "role": st.sampled_from(["assistant", "assistant", "human", "code_runner", "wizard"]),
        "system_message": st.sampled_from(["", "You work.", "Say DONE.", "{x} <script>"]),
        "description": st.sampled_from(["", "works", "x" * 300]),
        "tools": st.lists(st.sampled_from(["web_search", "web_page", "files", "shell"]), max_size=4),
    }
)
outlines = st.builds(
    lambda agents, more: outline(*[agent("first"), *agents], **more),
    st.lists(members, max_size=13),
    st.fixed_dictionaries(
        {
            "speaking": st.sampled_from(["round_robin", "model_choice", "graph"]),
            "arrows": st.lists(st.builds(arrow, names, names | st.just("first"), st.sampled_from(["", "", "YES", "NO"])), max_size=20),
            "stop_word": st.sampled_from(["", "DONE", "`DONE`.", "x" * 100]),
            "ends": names,
            "turns": st.integers(-5, 1_000),
        }
    ),
)


@settings(max_examples=60, deadline=None)
@given(outlines)
def test_any_outline_becomes_a_flow_that_runs_ends_and_has_nobody_on_top_of_another(data: dict[str, Any]) -> None:
    imported = draw_outline(read(data), MODEL)
    document = imported.document
    check_wellformed(document)
    assert read_document(document.model_dump_json().encode()) == document
    assert [problem for problem in check(document) if problem.level == "error"] == []
    team = resolve(document)
    assert team.stop is not None
    drawing = Drawing(document)
    for siblings in (drawing.inside(drawing.by_id[TEAM]), [node for node in document.nodes if node.parent is None]):
        boxes = [box_of(node, drawing) for node in siblings]
        assert not any(one.overlaps(other) for at, one in enumerate(boxes) for other in boxes[at + 1 :])
    assert all(node.config["executor"] == {"kind": "docker"} for node in document.nodes if node.kind == "code_runner")


@pytest.mark.parametrize("speaking", ["round_robin", "model_choice", "graph"])
def test_the_same_outline_is_always_drawn_the_same(speaking: str) -> None:
    arrows = [arrow("writer", "critic"), arrow("critic", "writer", "AGAIN")]
    assert drawn(speaking=speaking, arrows=arrows) == drawn(speaking=speaking, arrows=arrows)
