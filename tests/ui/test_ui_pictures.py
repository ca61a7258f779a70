"""Small pictures of flows, forms of nodes, copies, and the code's lines: what the pages make of a document."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.flow.checks import check
from studio.flow.copies import copy_of
from studio.flow.document import Edge, FlowDocument, Node, Position
from studio.flow.edits import apply_edit, parse_edit
from studio.flow.findings import Finding
from studio.flow.sizes import box_of
from studio.flow.wires import Drawing
from studio.formats.targets import TARGETS, offered
from studio.library.templates import template, templates
from studio.texts import text
from studio.ui.editor import code
from studio.ui.editor.drawing import drawn, patch_between
from studio.ui.editor.forms import flow_fields, names_for, node_form
from studio.ui.editor.problems import problem_rows
from studio.ui.shared.sketches import sketch

TEMPLATES = [each.id for each in templates()]


def document_of(template_id: str) -> FlowDocument:
    found = template(template_id)
    assert found is not None
    return found.document


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_sketch_shows_every_agent_inside_its_frame(name: str):
    document = document_of(name)
    picture = sketch(document)
    left, top, width, height = map(float, picture["view"].split())
    assert sum(box["look"] == "agent" for box in picture["boxes"]) == sum(
        node.kind in ("assistant", "human", "code_runner") for node in document.nodes
    )
    for box in picture["boxes"]:
        assert left <= box["x"]
        assert top <= box["y"]
        assert box["x"] + box["width"] <= left + width
        assert box["y"] + box["height"] <= top + height


def test_a_practice_model_offers_those_who_ask_it():
    document = document_of("coder-and-executor")
    (model,) = (node for node in document.nodes if node.kind == "practice")
    assert {node.kind for node in document.nodes} >= {"team", "human", "assistant"}
    assert names_for(document, model) == ["coder"]
    (team,) = (node for node in document.nodes if node.kind == "team")
    chosen = apply_edit(
        document, parse_edit({"type": "configure", "id": team.id, "values": {"selection": {"kind": "model_choice"}}})
    ).document
    assert names_for(chosen, model) == ["coder", team.name]


def test_a_model_of_a_model_offers_those_who_ask_the_outer_one():
    document = document_of("coder-and-executor")
    (model,) = (node for node in document.nodes if node.kind == "practice")
    outer = Node(id="n_outer", kind="fallback", name="either", parent=model.parent)
    wires = tuple(edge.model_copy(update={"source": "n_outer"}) if edge.source == model.id else edge for edge in document.edges)
    inner = Edge(id="e_inner", kind="model", source=model.id, target="n_outer")
    nested = document.model_copy(update={"nodes": (*document.nodes, outer), "edges": (*wires, inner)})
    assert names_for(nested, model) == ["coder"]


def test_a_sketch_of_nothing_is_empty():
    assert sketch(FlowDocument())["boxes"] == []


def test_a_sketch_of_a_huge_flow_stays_small():
    nodes = tuple(Node(id=f"n_{at}", kind="assistant", name=f"a{at}", position=Position(x=at * 200.0)) for at in range(500))
    assert len(sketch(FlowDocument(nodes=nodes))["boxes"]) <= 80


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_node_of_a_template_has_a_form(name: str):
    document = document_of(name)
    problems = check(document)
    for node in document.nodes:
        form = node_form(document, node.id, problems)
        assert form["id"] == node.id
        assert form["fields"], node.kind
        assert [row for row in form["fields"] if row["error"]] == []


def test_the_form_of_a_node_that_is_gone_is_empty():
    assert node_form(FlowDocument(), "n_gone", ())["id"] == ""


def test_an_unknown_kind_keeps_its_place_and_says_so():
    document = FlowDocument(nodes=(Node(id="n_new", kind="from_the_future", name="oracle", config={"power": 9}),))
    form = node_form(document, "n_new", check(document))
    assert form["title"] == "from_the_future"
    assert "does not know" in form["summary"]
    assert form["kinds"] == []


def test_a_value_that_does_not_fit_has_its_sentence_at_the_field():
    document = FlowDocument(nodes=(Node(id="n_turns", kind="max_turns", config={"max_turns": 0}),))
    (row,) = [row for row in node_form(document, "n_turns", ())["fields"] if row["name"] == "max_turns"]
    assert row["error"]
    assert row["value"] == 0


def test_wires_are_told_in_words_from_both_ends():
    document = FlowDocument(
        nodes=(Node(id="n_a", kind="assistant", name="ann"), Node(id="n_m", kind="practice", name="practice")),
        edges=(Edge(id="e_1", kind="model", source="n_m", target="n_a"),),
    )
    (at_agent,) = node_form(document, "n_a", ())["wires"]
    (at_model,) = node_form(document, "n_m", ())["wires"]
    assert (at_agent["words"], at_agent["name"]) == ("uses the model", "practice")
    assert (at_model["words"], at_model["name"]) == ("is the model of", "ann")


def test_a_flows_own_fields_are_never_taken_for_a_nodes():
    assert [row["name"] for row in flow_fields(FlowDocument())] == ["flow_name", "flow_description", "flow_sample_tasks"]


def test_a_copy_of_a_team_brings_its_members_and_their_wires_but_shares_the_model():
    document = document_of("engineering-team")
    team = next(node for node in document.nodes if node.kind == "team")
    after = apply_edit(document, parse_edit(copy_of(document, team.id))).document
    added = [node for node in after.nodes if document.node(node.id) is None]
    assert len(added) == 1 + len(document.members(team.id))
    (copied,) = [node for node in added if node.kind == "team"]
    assert {node.parent for node in added if node.kind != "team"} == {copied.id}
    names = [node.name for node in after.nodes if node.kind in ("assistant", "code_runner", "human")]
    assert len(names) == len(set(names))
    speaks = [edge for edge in document.edges if edge.kind == "speaks"]
    assert sum(edge.kind == "speaks" for edge in after.edges) == 2 * len(speaks)
    models = [node for node in after.nodes if node.kind == "practice"]
    assert len(models) == len([node for node in document.nodes if node.kind == "practice"])


def test_a_copy_of_a_team_lies_where_there_is_room_and_that_of_an_agent_a_little_beside_it():
    document = document_of("engineering-team")
    team = next(node for node in document.nodes if node.kind == "team")
    agent = next(node for node in document.nodes if node.kind == "assistant")
    after = apply_edit(document, parse_edit(copy_of(document, team.id))).document
    drawing = Drawing(after)
    (copied,) = [node for node in after.nodes if node.kind == "team" and node.id != team.id]
    others = [box_of(node, drawing) for node in after.nodes if node.parent is None and node.id != copied.id]
    assert not any(box_of(copied, drawing).overlaps(other) for other in others)
    (place,) = [each["position"] for each in copy_of(document, agent.id)["nodes"]]
    assert (place["x"] - agent.position.x, place["y"] - agent.position.y) == (32, 32)


def test_problems_stand_in_order_and_are_found_again_by_their_identity():
    document = FlowDocument(nodes=(Node(id="n_a", kind="assistant", name="ann"), Node(id="n_t", kind="team", name="Team")))
    problems = check(document)
    rows = problem_rows(document, problems)
    levels = [("error", "warning", "hint").index(row["level"]) for row in rows]
    assert levels == sorted(levels)
    assert len({row["id"] for row in rows}) == len(rows)
    assert {row["id"] for row in rows} == {each.identity for each in check(document)}


def test_what_changed_is_sent_as_a_patch_between_two_revisions():
    before = document_of("debate")
    node = next(node for node in before.nodes if node.kind == "assistant")
    after = apply_edit(before, parse_edit({"type": "rename", "id": node.id, "name": "Newname"})).document
    drawn("flow-patch", 1, before)
    drawn("flow-patch", 2, after)
    patch = patch_between("flow-patch", 1, 2, seq=7)
    assert patch is not None
    assert (patch["seq"], patch["rev"]) == (7, 2)
    assert patch["nodes"][node.id]["name"] == "Newname"
    assert patch_between("flow-patch", 99, 2, seq=8) is None


def test_a_line_of_code_leads_to_the_closest_node_and_back():
    lines = {"n_team": [(10, 30)], "n_coder": [(12, 18), (40, 41)]}
    assert code.node_at(lines, 13) == "n_coder"
    assert code.node_at(lines, 25) == "n_team"
    assert code.node_at(lines, 99) == ""
    assert code.marks(lines, "n_coder") == [[12, 18], [40, 41]]
    assert code.marks(lines, "n_gone") == []


def test_a_flow_that_cannot_be_written_says_why():
    written = code.written(FlowDocument())
    assert written.text == ""
    assert written.trouble


@pytest.fixture
def a_target_with_a_mistake(monkeypatch: pytest.MonkeyPatch) -> str:
    """Agent Framework, with a writer that trips over every flow."""

    def trips(document: FlowDocument) -> tuple[Finding, ...]:
        raise KeyError(document.name)

    monkeypatch.setitem(TARGETS, "agent-framework", replace(TARGETS["agent-framework"], losses=trips))
    return "agent-framework"


def test_a_mistake_in_one_target_leaves_the_counts_of_the_others(a_target_with_a_mistake: str):
    document = document_of("field-trip")
    counts = code.counts(document)
    assert counts.pop(a_target_with_a_mistake) == -1
    assert counts == {each.name: len(each.losses(document)) for each in offered() if each.name != a_target_with_a_mistake}


def test_a_mistake_in_one_target_is_told_in_its_pane(a_target_with_a_mistake: str):
    written = code.written(document_of("field-trip"), a_target_with_a_mistake)
    assert (written.text, written.losses) == ("", [])
    assert written.trouble == text("api.broken")


def test_the_code_of_a_template_names_the_lines_of_its_agents():
    document = document_of("coder-and-executor")
    written = code.written(document)
    source = written.text.splitlines()
    for node in document.nodes:
        if node.kind in ("assistant", "human"):
            assert any(f'name="{node.name}"' in "\n".join(source[first - 1 : last]) for first, last in written.lines[node.id])


def test_the_models_that_another_one_asks_are_listed_with_the_edits_that_move_them():
    nodes = tuple(Node(id=key, kind=kind, name=key) for key, kind in (("first", "practice"), ("second", "openai"), ("list", "fallback")))
    wires = tuple(Edge(id=f"e_{key}", kind="model", source=key, target="list") for key in ("second", "first"))
    document = FlowDocument(nodes=nodes, edges=wires)
    form = node_form(document, "list", ())
    assert form["asks_models"]
    assert [(row["place"], row["name"]) for row in form["turns"]] == [(1, "first"), (2, "second")]
    assert (form["turns"][0]["earlier"], form["turns"][1]["later"]) == ({}, {})
    after = apply_edit(document, parse_edit(form["turns"][0]["later"])).document
    assert [row["name"] for row in node_form(after, "list", ())["turns"]] == ["second", "first"]
    assert node_form(document, "first", ())["turns"] == []
