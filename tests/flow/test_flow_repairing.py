"""All repairs at once: one change after which nothing is left to repair, and nobody's work is gone."""

from __future__ import annotations

import pytest
from flow_drawings import drawing, node, tidy_document, two_agents, wire
from hypothesis import given, settings

from studio.flow.checks import check
from studio.flow.checks.repairing import repair_of_all, repairable
from studio.flow.document import FlowDocument
from studio.flow.edits import apply_edit
from studio.flow.resolve import resolve


def repaired(document: FlowDocument) -> FlowDocument:
    edit = repair_of_all(document)
    return document if edit is None else apply_edit(document, edit).document


def test_agents_that_were_only_laid_down_run_after_it() -> None:
    loose = drawing(node("a", "assistant", "writer"), node("b", "assistant", "critic", x=300), node("c", "human", "you", y=200))
    after = repaired(loose)
    assert not [each for each in check(after) if each.level == "error"]
    assert [agent.name for agent in resolve(after).participants] == ["writer", "critic", "you"]


def test_one_repair_that_shows_the_next_problem_is_followed() -> None:
    twice = drawing(node("a", "assistant", "twin"), node("b", "assistant", "twin", x=300))
    assert len([each for each in check(twice) if repairable(each)]) < 4
    assert not [each for each in check(repaired(twice)) if repairable(each)]


def test_nothing_is_repaired_where_nothing_is_wrong() -> None:
    assert repair_of_all(two_agents()) is None


@pytest.mark.parametrize("kind", ["martian", "docker"])
def test_what_would_take_a_node_away_is_left_to_the_person(kind: str) -> None:
    strange = two_agents().model_copy(update={"nodes": (*two_agents().nodes, node("x", kind, "kept"))})
    assert any(each.repair is not None for each in check(strange) if "x" in each.nodes)
    assert "x" in {item.id for item in repaired(strange).nodes}


def test_it_is_one_step_to_undo() -> None:
    loose = drawing(node("a", "assistant", "writer"), node("b", "assistant", "critic", x=300), wire("speaks", "a", "b"))
    edit = repair_of_all(loose)
    assert edit is not None
    applied = apply_edit(loose, edit)
    assert apply_edit(applied.document, applied.inverse).document == loose


@settings(max_examples=60, deadline=None)
@given(tidy_document())
def test_whatever_is_drawn_it_keeps_every_node_and_makes_nothing_worse(document: FlowDocument) -> None:
    after = repaired(document)
    assert {item.id for item in document.nodes} <= {item.id for item in after.nodes}
    assert errors(after) <= errors(document)


def errors(document: FlowDocument) -> int:
    return len([each for each in check(document) if each.level == "error"])
