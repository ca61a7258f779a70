"""What must hold for every drawing and every change, whatever it is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from flow_drawings import any_document, configs, raw_edits, tidy_document, wellformed_document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.engine.errors import FlowError
from studio.engine.teams.team import Team
from studio.flow.catalogue import fields, validate_config
from studio.flow.checks import Problem, check
from studio.flow.document import FlowDocument
from studio.flow.edits import Applied, EditRefused, apply_edit, parse_edit
from studio.flow.kinds import DRAWN, category
from studio.flow.layout import arrange
from studio.flow.resolve import resolve
from studio.flow.sizes import TEAM_HEADER, box_of
from studio.flow.upgrade import FlowFileError, read_document
from studio.flow.view import graph_view, patch
from studio.flow.wires import Drawing

T = TypeVar("T")
E = TypeVar("E", bound=Exception)

often = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def tried(action: Callable[[], T], refusal: type[E]) -> T | E:
    """What an action gives, or the one kind of error that it may end in."""
    try:
        return action()
    except refusal as error:
        return error


def edited(document: FlowDocument, raw: dict[str, Any]) -> Applied | EditRefused:
    return tried(lambda: apply_edit(document, parse_edit(raw)), EditRefused)


def written(document: FlowDocument) -> str:
    """The document with the order of everything, so that 1 and 1.0 and another order of keys differ."""
    return json.dumps(document.model_dump(mode="json"))


@often
@given(wellformed_document, st.lists(raw_edits, min_size=1, max_size=6))
def test_undoing_all_changes_brings_back_every_document_exactly(document: FlowDocument, edits: list[dict[str, Any]]) -> None:
    past = []
    for raw in edits:
        applied = edited(document, raw)
        if isinstance(applied, EditRefused):
            assert str(applied)
            continue
        past.append((document, applied.inverse))
        document = applied.document
        read_document(document.model_dump(mode="json"))
    for before, inverse in reversed(past):
        stored = json.loads(json.dumps(inverse.model_dump(mode="json")))
        again = apply_edit(document, parse_edit(stored))
        assert written(again.document) == written(before)
        assert written(apply_edit(again.document, again.inverse).document) == written(document)
        document = again.document


@often
@given(wellformed_document, raw_edits)
def test_a_change_touches_exactly_the_nodes_that_look_different(document: FlowDocument, raw: dict[str, Any]) -> None:
    applied = edited(document, raw)
    if isinstance(applied, EditRefused):
        return
    was, now = {node.id: node for node in document.nodes}, {node.id: node for node in applied.document.nodes}
    different = {key for key in was.keys() | now.keys() if was.get(key) != now.get(key)}
    ends = {end for edge in (*document.edges, *applied.document.edges) for end in (edge.source, edge.target)}
    assert different <= applied.touched <= different | ends


@often
@given(any_document)
def test_any_document_can_be_checked_and_drawn(document: FlowDocument) -> None:
    problems = check(document)
    assert json.dumps([problem.to_dict() for problem in problems])
    assert check(document) == problems
    view = graph_view(document, problems)
    json.dumps(view)
    known = {node["id"] for node in view["nodes"]}
    assert all(node["parent"] in known | {None} for node in view["nodes"])
    assert all({edge["source"], edge["target"]} <= known for edge in view["edges"])


def key(problem: Problem) -> tuple[object, ...]:
    return problem.code, problem.nodes, problem.field, problem.text


@often
@given(st.one_of(wellformed_document, tidy_document()))
def test_every_repair_can_be_applied_and_takes_its_problem_away(document: FlowDocument) -> None:
    problems = check(document)
    counted = Counter(key(problem) for problem in problems)
    for problem in problems:
        if problem.repair is not None:
            repaired = apply_edit(document, parse_edit(problem.repair.model_dump(mode="json"))).document
            left = Counter(key(other) for other in check(repaired))
            assert left[key(problem)] < counted[key(problem)], problem


@often
@given(st.one_of(any_document, tidy_document()))
def test_a_drawing_without_errors_resolves_and_any_other_says_why_not(document: FlowDocument) -> None:
    errors = [problem for problem in check(document) if problem.level == "error"]
    team = tried(lambda: resolve(document), FlowError)
    if isinstance(team, FlowError):
        assert errors, team
        assert team.where
    else:
        assert isinstance(team, Team)


@often
@given(any_document, any_document)
def test_a_patch_turns_one_picture_into_the_other(before: FlowDocument, after: FlowDocument) -> None:
    one, other = graph_view(before, check(before)), graph_view(after, check(after))
    changes = patch(one, other, 1, 2)
    for part in ("nodes", "edges"):
        items = {item["id"]: item for item in one[part]} | changes[part]
        assert {name: item for name, item in items.items() if item is not None} == {item["id"]: item for item in other[part]}


@often
@given(st.one_of(wellformed_document, tidy_document()))
def test_after_arranging_nothing_lies_on_anything_else(document: FlowDocument) -> None:
    arranged = apply_edit(document, arrange(document)).document
    drawing = Drawing(arranged)
    groups: dict[str | None, list[Any]] = {}
    for node in arranged.nodes:
        team = drawing.team_of(node)
        groups.setdefault(team.id if team else None, []).append(box_of(node, drawing))
    for holder, boxes in groups.items():
        assert not [(one, two) for index, one in enumerate(boxes) for two in boxes[:index] if one.overlaps(two)]
        if holder is not None:
            team_box = box_of(drawing.by_id[holder], drawing)
            assert all(
                box.x >= 0 and box.y >= TEAM_HEADER and box.right <= team_box.width and box.bottom <= team_box.height for box in boxes
            )
    assert apply_edit(arranged, arrange(arranged)).document == arranged


@often
@given(wellformed_document, st.sets(st.sampled_from([f"n{number}" for number in range(9)])))
def test_arranging_some_nodes_leaves_the_others_where_they_are(document: FlowDocument, chosen: set[str]) -> None:
    arranged = apply_edit(document, arrange(document, chosen)).document
    drawing = Drawing(arranged)
    teams = {node.id for node in document.nodes if node.id in chosen and category(node.kind) == "team"}
    moved = {node.id for node, before in zip(arranged.nodes, document.nodes, strict=True) if node.position != before.position}
    while more := {node.id for node in arranged.nodes if (team := drawing.team_of(node)) and team.id in teams} - teams:
        teams |= more
    assert moved <= chosen | teams


@often
@given(st.sampled_from([*(item.kind for item in DRAWN), "martian"]), configs)
def test_every_kind_has_a_form_whatever_its_fields_hold(kind: str, config: dict[str, Any]) -> None:
    specs = fields(kind, config)
    json.dumps([spec.to_dict() for spec in specs])
    names = [spec.name for spec in specs]
    assert len(names) == len(set(names))
    shown = {spec.name for spec in specs if spec.error}
    assert shown <= set(validate_config(kind, config)) | {name + ".kind" for name in validate_config(kind, config)}


@often
@given(
    st.one_of(
        st.text(max_size=60),
        st.binary(max_size=60),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        ).map(json.dumps),
    )
)
def test_no_file_is_read_as_a_flow_by_accident(data: str | bytes) -> None:
    with pytest.raises(FlowFileError) as caught:
        read_document(data)
    assert caught.value.where
    assert str(caught.value)


@often
@given(any_document)
def test_reading_what_was_written_gives_the_same_document_or_names_the_place(document: FlowDocument) -> None:
    text = document.model_dump_json()
    ids = [node.id for node in document.nodes], [edge.id for edge in document.edges]
    if all(len(some) == len(set(some)) for some in ids):
        assert written(read_document(text)) == written(document)
    else:
        with pytest.raises(FlowFileError) as caught:
            read_document(text)
        assert caught.value.where.endswith(".id")
