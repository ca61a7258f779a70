"""The inspector's forms of wires, and laying nodes into teams without a mouse."""

from __future__ import annotations

from typing import Any

from studio.flow.copies import copy_of
from studio.flow.document import Edge, FlowDocument, Node, Size
from studio.flow.edits import apply_edit
from studio.flow.laying import laid_into
from studio.flow.wires import Drawing
from studio.ui.editor.forms import NOTHING, node_form, wire_form


def node(key: str, kind: str, parent: str | None = None, **config: Any) -> Node:
    return Node(id=key, kind=kind, name=key, parent=parent, config=config, size=Size(width=320, height=200) if kind == "team" else None)


def arrow(source: str, target: str, **config: Any) -> Edge:
    return Edge(id=f"e_{source}_{target}", kind="speaks", source=source, target=target, config=config)


def graph(*edges: Edge, selection: str = "graph") -> FlowDocument:
    nodes = (
        node("top", "team", selection={"kind": selection}),
        node("ann", "assistant", "top"),
        node("bob", "assistant", "top"),
        node("inner", "team", "top"),
        node("eve", "assistant", "inner"),
        node("m", "practice"),
    )
    return FlowDocument(nodes=nodes, edges=(Edge(id="e_m", kind="model", source="m", target="top"), *edges))


def fields_of(document: FlowDocument, edge: str) -> dict[str, Any]:
    return {str(row["name"]): row for row in wire_form(document, edge)["fields"]}


def test_an_arrow_of_a_graph_has_a_form_of_its_own() -> None:
    document = graph(arrow("ann", "bob", condition="yes"))
    form = wire_form(document, "e_ann_bob")
    assert (form["id"], form["wire"], form["name"]) == ("e_ann_bob", True, "ann → bob")
    assert set(fields_of(document, "e_ann_bob")) == {"condition", "how"}
    assert [row["node"] for row in form["wires"]] == ["ann", "bob"]


def test_where_arrows_meet_their_form_asks_how_they_are_joined() -> None:
    document = graph(arrow("ann", "bob"), arrow("inner", "bob", join="any"))
    assert set(fields_of(document, "e_ann_bob")) == {"condition", "how", "join", "group"}
    assert fields_of(document, "e_inner_bob")["join"]["value"] == "any"


def test_a_condition_that_cannot_be_read_is_said_at_its_field() -> None:
    document = graph(arrow("ann", "bob", condition="visits >", how="expression"), arrow("bob", "ann", condition="(", how="regex"))
    assert "cannot be read" not in str(fields_of(document, "e_ann_bob")["how"]["error"])
    assert "visits >" in str(fields_of(document, "e_ann_bob")["condition"]["error"])
    assert "regular expression" in str(fields_of(document, "e_bob_ann")["condition"]["error"])


def test_other_wires_say_their_ends_and_ask_nothing() -> None:
    document = graph(arrow("ann", "bob"), selection="round_robin")
    assert wire_form(document, "e_ann_bob")["fields"] == []
    assert wire_form(document, "e_m")["name"] == "m → top"
    assert wire_form(document, "gone") == NOTHING


def test_a_node_can_be_laid_into_every_team_but_those_within_itself() -> None:
    document = graph()
    assert [each["value"] for each in node_form(document, "ann", ())["parents"]] == ["", "top", "inner"]
    assert [each["value"] for each in node_form(document, "inner", ())["parents"]] == ["", "top"]
    assert node_form(document, "top", ())["parents"] == []


def test_laying_a_node_into_an_inner_team_makes_room_all_the_way_out() -> None:
    document = graph()
    edit = laid_into(document, "ann", "inner")
    assert edit is not None
    after = apply_edit(document, edit)
    drawing = Drawing(after.document)
    ann = drawing.by_id["ann"]
    assert ann.parent == "inner"
    assert apply_edit(after.document, after.inverse).document == document
    assert laid_into(after.document, "ann", "inner") is None


def test_a_node_that_is_laid_onto_the_canvas_leaves_its_teams() -> None:
    document = graph()
    edit = laid_into(document, "eve", None)
    assert edit is not None
    after = apply_edit(document, edit).document
    eve = after.node("eve")
    assert eve is not None
    assert eve.parent is None
    assert eve.position.y >= 200


def test_a_copy_of_a_team_brings_all_that_lies_in_it_however_deep() -> None:
    copied = copy_of(graph(), "top")
    assert [each["kind"] for each in copied["nodes"]] == ["team", "assistant", "assistant", "team", "assistant"]
    ids = {each["name"]: each["id"] for each in copied["nodes"]}
    assert {each["name"]: each["parent"] for each in copied["nodes"]}["eve"] == ids["inner"]


def test_a_crossed_out_arrow_says_at_both_ends_who_may_not_speak() -> None:
    document = graph(arrow("ann", "bob"), selection="manual")
    team = document.nodes[0].model_copy(update={"config": {**document.nodes[0].config, "transitions_type": "disallowed"}})
    document = document.model_copy(update={"nodes": (team, *document.nodes[1:])})
    assert wire_form(document, "e_ann_bob")["title"] == "Crossed-out arrow"
    said = {row["node"]: row["words"] for each in document.nodes[1:3] for row in node_form(document, each.id, ())["wires"]}
    assert said == {"bob": "is not followed by", "ann": "may not speak after"}
