"""A drawing changed by an outline: what is said otherwise changes, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outlines import agent, arrow, outline

from studio.engine.outlines.outline import Outline, OutlinedAgent, OutlinedArrow
from studio.engine.outlines.reading import read_outline
from studio.flow.checks import check
from studio.flow.document import FlowDocument, Node
from studio.flow.outlined import ModelWanted, draw_outline
from studio.flow.redrawn import Undescribable, described, redrawn
from studio.flow.resolve import resolve
from studio.flow.sizes import box_of
from studio.flow.wires import Drawing
from studio.library.templates import templates


def drawn(*agents: dict[str, object], **more: object) -> FlowDocument:
    reading = read_outline(outline(*agents, **more))  # type: ignore[arg-type]
    assert reading.outline is not None
    return draw_outline(reading.outline, ModelWanted("openai", "m")).document


def graph() -> FlowDocument:
    arrows = [arrow("coder", "tester"), arrow("tester", "coder", "FAILED"), arrow("tester", "writer")]
    return drawn(agent("coder", tools=["files"]), agent("tester"), agent("writer"), speaking="graph", arrows=arrows)


def named(document: FlowDocument, name: str) -> Node:
    return next(node for node in document.nodes if node.name == name)


def test_a_drawing_that_is_said_again_does_not_change() -> None:
    for document in (drawn(), graph(), *(each.document for each in templates())):
        try:
            was = described(document)
        except Undescribable:
            continue
        assert redrawn(document, was, was.outline) == document


def test_templates_in_one_team_can_be_described_and_others_say_why_not() -> None:
    for template in templates():
        if template.id in ("engineering-team", "debate", "press-release", "coder-and-executor", "data-question"):
            assert described(template.document).outline.agents
        elif template.id in ("customer-service", "field-trip", "board-of-advisers", "article-in-chats"):
            with pytest.raises(Undescribable, match="more to it"):
                described(template.document)


def test_a_new_agent_gets_a_free_place_a_model_and_its_arrows() -> None:
    document = graph()
    was = described(document)
    more = OutlinedAgent("reviewer", "assistant", "reads", "You read.", ("files", "web_search"))
    arrows = (*was.outline.arrows, OutlinedArrow("writer", "reviewer"))
    changed = redrawn(document, was, replace(was.outline, agents=(*was.outline.agents, more), arrows=arrows))
    assert [node for node in changed.nodes if node.id in {each.id for each in document.nodes} and node.kind != "team"] == [
        node for node in document.nodes if node.kind != "team"
    ]
    team = resolve(changed)
    assert [member.name for member in team.participants] == ["coder", "tester", "writer", "reviewer"]
    assert [node.kind for node in changed.nodes].count("files") == 1
    drawing = Drawing(changed)
    boxes = [box_of(node, drawing) for node in changed.nodes if node.parent == named(changed, "reviewer").parent]
    assert not any(one.overlaps(other) for at, one in enumerate(boxes) for other in boxes[at + 1 :])
    assert [tool.kind for tool in drawing.tools_of(named(changed, "reviewer"))] == ["files", "web_search"]


def test_somebody_who_is_gone_takes_wires_and_tools_along_and_everybody_else_stays() -> None:
    document = graph()
    was = described(document)
    left = tuple(each for each in was.outline.agents if each.name != "coder")
    changed = redrawn(document, was, replace(was.outline, agents=left, speaking="round_robin", arrows=()))
    assert [node.name for node in changed.nodes if node.kind == "assistant"] == ["tester", "writer"]
    assert [node.kind for node in changed.nodes].count("files") == 0
    assert [edge.kind for edge in changed.edges] == ["model"]
    assert changed.node("n_team").config["selection"] == {"kind": "round_robin"}  # type: ignore[union-attr]
    assert named(changed, "tester") == named(document, "tester")


def test_only_the_fields_that_are_said_otherwise_change() -> None:
    document = graph()
    coder = named(document, "coder")
    kept = coder.model_copy(update={"config": {**coder.config, "max_tool_rounds": 3}})
    document = document.model_copy(update={"nodes": tuple(kept if node.id == coder.id else node for node in document.nodes)})
    was = described(document)
    agents = tuple(replace(each, system_message="Be brief.") if each.name == "coder" else each for each in was.outline.agents)
    now = replace(was.outline, agents=agents, stop_word="READY", turns=30, description="Other words.", tasks=("Try it.",))
    changed = redrawn(document, was, now)
    assert named(changed, "coder").config == {**kept.config, "system_message": "Be brief."}
    assert "READY" in named(changed, "writer").config["system_message"]
    assert changed.node("n_word").config["text"] == "READY"  # type: ignore[union-attr]
    assert changed.node("n_turns").config == {"max_turns": 30}  # type: ignore[union-attr]
    assert (changed.name, changed.description, changed.sample_tasks) == (document.name, "Other words.", ("Try it.",))
    assert [node.position for node in changed.nodes] == [node.position for node in document.nodes]


def test_a_code_runner_that_comes_by_a_sentence_has_docker() -> None:
    document = drawn()
    was = described(document)
    critic = replace(was.outline.agents[1], role="code_runner", system_message="", tools=())
    changed = redrawn(document, was, replace(was.outline, agents=(was.outline.agents[0], critic), ends="writer"))
    assert named(changed, "critic").kind == "code_runner"
    assert named(changed, "critic").config["executor"] == {"kind": "docker"}
    assert named(changed, "critic").position == named(document, "critic").position


def test_names_that_an_outline_writes_otherwise_stay_as_they_are() -> None:
    document = drawn()
    nodes = tuple(node.model_copy(update={"name": "the writer"}) if node.name == "writer" else node for node in document.nodes)
    document = document.model_copy(update={"nodes": nodes})
    was = described(document)
    assert [each.name for each in was.outline.agents] == ["the_writer", "critic"]
    changed = redrawn(document, was, replace(was.outline, ends="the_writer"))
    assert named(changed, "the writer").id == was.ids["the_writer"]
    assert changed.node("n_word").config["sources"] == ["the writer"]  # type: ignore[union-attr]


names = st.sampled_from(["coder", "tester", "writer", "new", "other"])
outlines = st.builds(
    lambda members, more: outline(*members, **more),
    st.lists(st.builds(agent, names, st.sampled_from(["assistant", "assistant", "human", "code_runner"])), min_size=1, max_size=6),
    st.fixed_dictionaries(
        {
            "speaking": st.sampled_from(["round_robin", "model_choice", "graph"]),
            "arrows": st.lists(st.builds(arrow, names, names, st.sampled_from(["", "YES", "FAILED"])), max_size=10),
            "ends": names,
        }
    ),
)


@settings(max_examples=60, deadline=None)
@given(outlines)
def test_any_outline_changes_a_drawing_into_what_it_says(data: dict[str, object]) -> None:
    reading = read_outline(data)
    now: Outline | None = reading.outline
    if now is None:
        return
    document = graph()
    changed = redrawn(document, described(document), now)
    assert [problem for problem in check(changed) if problem.level == "error"] == []
    again = described(changed).outline
    assert [(each.name, each.role) for each in again.agents] == [(each.name, each.role) for each in now.agents]
    assert again.speaking == now.speaking
    assert {(each.source, each.target, each.when) for each in again.arrows} == {
        (each.source, each.target, each.when if now.speaking == "graph" else "") for each in now.arrows
    }


def test_what_cannot_be_described_is_refused() -> None:
    with pytest.raises(Undescribable):
        described(FlowDocument())
