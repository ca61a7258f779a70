"""Changes of a drawing: what each does, what goes along with it, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from flow_drawings import changed, drawing, node, refusal, two_agents, wire

from studio.flow.document import MAX_NODES, FlowDocument, Node
from studio.flow.edits import EditRefused, apply_edit, parse_edit


def raw_node(node_id: str, kind: str, **facts: Any) -> dict[str, Any]:
    return {"id": node_id, "kind": kind, **facts}


def raw_edge(kind: str, source: str, target: str, edge_id: str = "e_new") -> dict[str, str]:
    return {"id": edge_id, "kind": kind, "source": source, "target": target}


def test_new_nodes_get_their_kinds_name_and_a_number_when_it_is_taken() -> None:
    document = changed(FlowDocument(), type="add", nodes=[raw_node("a", "assistant"), raw_node("b", "assistant"), raw_node("m", "openai")])
    document = changed(document, type="add", nodes=[raw_node("c", "assistant"), raw_node("d", "human", name="ASSISTANT")])
    assert [item.name for item in document.nodes] == ["assistant", "assistant_2", "model", "assistant_3", "ASSISTANT_4"]


def test_a_pasted_group_goes_on_naming_its_own_members() -> None:
    document = drawing(node("a", "assistant", "coder"), node("r", "code_runner", "runner", sources=["coder"]))
    pasted = [raw_node("a2", "assistant", name="coder"), raw_node("r2", "code_runner", name="runner", config={"sources": ["coder"]})]
    document = changed(document, type="add", nodes=pasted)
    assert document.nodes[2].name == "coder_2"
    assert document.nodes[3].config == {"sources": ["coder_2"]}
    assert document.nodes[1].config == {"sources": ["coder"]}


def test_an_id_that_is_taken_is_refused_by_name() -> None:
    assert refusal(two_agents(), type="add", nodes=[raw_node("a", "human")]).where == "a"
    assert refusal(two_agents(), type="connect", edge=raw_edge("tool", "m", "a", "e_model_m_t")).where == "e_model_m_t"


def test_a_team_holds_agents_and_teams_but_never_itself() -> None:
    nested = changed(two_agents(), type="add", nodes=[raw_node("t2", "team", parent="t"), raw_node("t3", "society", parent="t2")])
    assert [item.id for item in nested.members("t")][-1] == "t2"
    assert "lies in it" in str(refusal(nested, type="move", moves=[{"id": "t", "x": 1, "y": 1, "parent": "t3"}]))
    assert "lies in it" in str(refusal(nested, type="move", moves=[{"id": "t", "x": 1, "y": 1, "parent": "t"}]))
    assert "no team" in str(refusal(two_agents(), type="add", nodes=[raw_node("x", "human", parent="a")]))
    assert "no such team" in str(refusal(two_agents(), type="move", moves=[{"id": "a", "x": 1, "y": 1, "parent": "nowhere"}]))


def test_removing_a_team_takes_its_members_and_all_their_wires() -> None:
    document = changed(two_agents(), type="remove", nodes=["t"])
    assert [item.id for item in document.nodes] == ["m"]
    assert document.edges == ()


def test_an_undone_removal_puts_a_member_back_into_its_turn() -> None:
    before = two_agents()
    applied = apply_edit(before, parse_edit({"type": "remove", "nodes": ["a"]}))
    after = apply_edit(applied.document, parse_edit({"type": "rename", "id": "b", "name": "judge"})).document
    restored = apply_edit(after, applied.inverse).document
    assert [item.name for item in restored.members("t")] == ["coder", "judge", "stop"]


def test_removing_what_is_gone_already_says_so_and_changes_nothing() -> None:
    document = two_agents()
    assert "another window" in str(refusal(document, type="remove", nodes=["a", "gone"]))
    assert document == two_agents()


def test_an_arrow_goes_when_one_of_its_agents_leaves_the_team() -> None:
    document = changed(two_agents(), type="connect", edge=raw_edge("speaks", "a", "b"))
    inside = changed(document, type="move", moves=[{"id": "a", "x": 50, "y": 60}])
    assert inside.members("t")[0].position.x == 50
    assert len(inside.edges) == 2
    outside = changed(document, type="move", moves=[{"id": "a", "x": 5, "y": 6, "parent": None}])
    assert [edge.kind for edge in outside.edges] == ["model"]


def test_agents_who_leave_together_keep_their_arrow() -> None:
    document = changed(two_agents(), type="connect", edge=raw_edge("speaks", "a", "b"))
    moves = [{"id": key, "x": 5, "y": 6, "parent": None} for key in ("a", "b")]
    assert [edge.kind for edge in changed(document, type="move", moves=moves).edges] == ["model", "speaks"]


def test_only_teams_and_notes_have_a_size_of_their_own() -> None:
    document = changed(two_agents(), type="resize", id="t", x=1, y=2, width=640, height=480)
    assert document.nodes[0].size is not None
    assert document.nodes[0].size.width == 640
    assert "fixed size" in str(refusal(document, type="resize", id="a", x=1, y=2, width=640, height=480))


def test_the_order_of_turns_is_the_order_of_the_nodes() -> None:
    document = changed(two_agents(), type="reorder", id="b", before="a")
    assert [item.id for item in document.members("t")] == ["b", "a", "s"]
    assert [item.id for item in changed(document, type="reorder", id="b").nodes][-1] == "b"


@pytest.mark.parametrize(
    ("kind", "source", "target", "words"),
    [
        ("model", "a", "b", "is no model"),
        ("tool", "m", "a", "is no tool"),
        ("model", "m", "s", "does not use a model"),
        ("stop", "s", "a", "takes no stop rule"),
        ("stop", "s", "s", "takes no stop rule"),
        ("speaks", "a", "s", "does not speak"),
        ("speaks", "a", "t", "not in the same team"),
        ("speaks", "a", "loose", "not in the same team"),
        ("model", "m", "t", "already"),
        ("model", "m", "gone", "no node"),
        ("model", "odd", "a", "unknown kind"),
    ],
)
def test_a_wire_that_does_not_fit_is_refused_with_the_reason(kind: str, source: str, target: str, words: str) -> None:
    document = changed(two_agents(), type="add", nodes=[raw_node("loose", "assistant"), raw_node("odd", "martian")])
    error = refusal(document, type="connect", edge=raw_edge(kind, source, target))
    assert words in str(error)
    assert error.where in {source, target}


def test_a_second_model_takes_the_place_of_the_first() -> None:
    document = changed(two_agents(), type="add", nodes=[raw_node("m2", "practice")])
    document = changed(document, type="connect", edge=raw_edge("model", "m2", "t"))
    assert [(edge.source, edge.target) for edge in document.edges] == [("m2", "t")]


def test_a_stop_rule_cannot_become_a_part_of_itself() -> None:
    document = drawing(node("x", "any_of"), node("y", "all_of"), wire("stop", "x", "y"))
    assert "part of itself" in str(refusal(document, type="connect", edge=raw_edge("stop", "y", "x")))
    assert "wired to itself" in str(refusal(document, type="connect", edge=raw_edge("stop", "x", "x")))


def test_a_field_returns_to_its_default_with_null() -> None:
    document = changed(two_agents(), type="configure", id="a", values={"description": "writes", "max_tool_rounds": 3})
    assert document.nodes[1].config["description"] == "writes"
    document = changed(document, type="configure", id="a", values={"description": None})
    assert "description" not in document.nodes[1].config
    assert document.nodes[1].config["max_tool_rounds"] == 3


def test_a_field_of_a_nested_component_is_set_by_its_path() -> None:
    document = drawing(node("r", "code_runner", "runner"))
    document = changed(document, type="configure", id="r", values={"executor.timeout": 5})
    assert document.nodes[0].config == {"executor": {"kind": "auto", "timeout": 5}}
    document = changed(document, type="configure", id="r", values={"executor.kind": "docker", "executor.image": "python:3.13"})
    assert document.nodes[0].config == {"executor": {"kind": "docker", "timeout": 5, "image": "python:3.13"}}
    document = changed(document, type="configure", id="r", values={"executor.kind": "local"})
    assert document.nodes[0].config == {"executor": {"kind": "local", "timeout": 5}}
    assert "no field" in str(refusal(document, type="configure", id="r", values={"executor.image": "x"}))


def test_a_nested_component_that_may_be_none_is_taken_away_with_an_empty_kind() -> None:
    document = drawing(node("h", "human"))
    assert "Choose a kind" in str(refusal(document, type="configure", id="h", values={"executor.timeout": 5}))
    document = changed(document, type="configure", id="h", values={"executor.kind": "docker"})
    assert document.nodes[0].config == {"executor": {"kind": "docker"}}
    assert changed(document, type="configure", id="h", values={"executor.kind": ""}).nodes[0].config == {}


def test_an_emptied_number_means_none_where_none_is_a_value() -> None:
    document = drawing(node("k", "token_limit"), node("m", "openai", temperature=1.0))
    assert changed(document, type="configure", id="k", values={"total": ""}).nodes[0].config == {"total": None}
    assert changed(document, type="configure", id="m", values={"temperature": ""}).nodes[1].config == {}


def test_what_wires_and_membership_give_is_no_form_field() -> None:
    for field, words in [("model", "by a wire"), ("tools", "by a wire"), ("name", "renaming"), ("nonsense", "no field")]:
        assert words in str(refusal(two_agents(), type="configure", id="a", values={field: "x"}))
    assert "inside it" in str(refusal(two_agents(), type="configure", id="t", values={"participants": []}))
    assert "drawing" in str(refusal(two_agents(), type="configure", id="t", values={"transitions": {}}))


def test_an_invalid_value_is_kept_for_the_checks_to_name() -> None:
    document = changed(two_agents(), type="configure", id="a", values={"max_tool_rounds": "many"})
    assert document.nodes[1].config["max_tool_rounds"] == "many"


def test_fields_of_an_unknown_kind_are_set_as_they_come() -> None:
    document = drawing(node("x", "martian", legs=3))
    assert changed(document, type="configure", id="x", values={"legs": 4, "a.b": 1}).nodes[0].config == {"legs": 4, "a.b": 1}


def test_renaming_an_agent_renames_it_wherever_it_is_mentioned() -> None:
    document = drawing(
        node("a", "assistant", "coder", handoffs=["critic", "user"]),
        node("b", "assistant", "critic", handoffs=["coder"]),
        node("r", "code_runner", "runner", sources=["coder"]),
        node("s", "text_mention", "coder", sources=["critic", "coder"]),
        node("h", "hand_off", target="coder"),
        node("p", "practice", script={"critic": ["no"], "coder": ["yes"]}),
    )
    after = changed(document, type="rename", id="a", name=" builder ")
    assert [item.config for item in after.nodes] == [
        {"handoffs": ["critic", "user"]},
        {"handoffs": ["builder"]},
        {"sources": ["builder"]},
        {"sources": ["critic", "builder"]},
        {"target": "builder"},
        {"script": {"critic": ["no"], "builder": ["yes"]}},
    ]
    assert [item.name for item in after.nodes] == ["builder", "critic", "runner", "coder", "h", "p"]


def test_mentions_stay_while_another_agent_has_the_old_name() -> None:
    document = drawing(
        node("a", "assistant", "coder"), node("b", "assistant", "coder"), node("r", "code_runner", "runner", sources=["coder"])
    )
    assert changed(document, type="rename", id="b", name="coder_2").nodes[2].config == {"sources": ["coder"]}


def test_renaming_a_model_follows_nothing() -> None:
    document = drawing(node("m", "openai", "coder"), node("h", "hand_off", target="coder"))
    assert changed(document, type="rename", id="m", name="x").nodes[1].config == {"target": "coder"}


def test_another_kind_keeps_what_both_have_and_drops_the_wires_that_no_longer_fit() -> None:
    document = changed(two_agents(), type="connect", edge=raw_edge("model", "m", "a"))
    document = changed(document, type="configure", id="a", values={"description": "writes"})
    document = changed(document, type="connect", edge=raw_edge("speaks", "a", "b", "e_arrow"))
    after = changed(document, type="rekind", id="a", kind="human")
    assert after.nodes[1].kind == "human"
    assert after.nodes[1].config == {"description": "writes"}
    assert [edge.kind for edge in after.edges] == ["model", "speaks"]
    assert "another sort" in str(refusal(after, type="rekind", id="a", kind="openai"))
    assert "no kind" in str(refusal(after, type="rekind", id="a", kind="docker"))


def test_a_flow_is_described_in_parts() -> None:
    document = changed(two_agents(), type="describe", name="Desk", sample_tasks=["one", "two"])
    assert (document.name, document.description, document.sample_tasks) == ("Desk", "", ("one", "two"))


def test_several_changes_are_one_or_none() -> None:
    edits = [{"type": "rename", "id": "a", "name": "x"}, {"type": "remove", "nodes": ["b"]}]
    assert [item.name for item in changed(two_agents(), type="several", edits=edits).members("t")] == ["x", "stop"]
    assert refusal(two_agents(), type="several", edits=[*edits, {"type": "remove", "nodes": ["b"]}]).where == "b"


def test_a_document_takes_the_place_of_another_unless_its_ids_occur_twice() -> None:
    other = drawing(node("z", "human"))
    assert changed(two_agents(), type="replace", document=other.model_dump(mode="json")) == other
    twice = [raw_node("z", "human"), raw_node("z", "note")]
    assert refusal(two_agents(), type="replace", document={"nodes": twice}).where == "nodes[1].id"


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (None, "edit"),
        ({}, "edit"),
        ({"type": "explode"}, "edit"),
        ({"type": "move", "moves": [{"id": "a", "x": "left", "y": 0}]}, "edit.moves[0].x"),
        ({"type": "move", "moves": [{"id": "a", "x": float("inf"), "y": 0}]}, "edit.moves[0].x"),
        ({"type": "move", "moves": [{"id": "a", "x": 1e9, "y": 0}]}, "edit.moves[0].x"),
        ({"type": "add", "nodes": [{"id": "not an id", "kind": "note"}]}, "edit.nodes[0].id"),
        ({"type": "remove", "nodes": ["a"], "and": 1}, "edit.and"),
        ({"type": "several", "edits": [{"type": "rename", "id": "a"}]}, "edit.edits[0].name"),
        ({"type": "rename", "id": "a", "name": "\ud800"}, "edit.name"),
        ({"type": "rename", "id": "a", "name": "x" * 201}, "edit.name"),
        ({"type": "configure", "id": "a", "values": {"description": {1: 2}}}, "edit.values.description"),
        ({"type": "configure", "id": "a", "values": {"description": "x" * 6_000_000}}, "edit.values.description"),
    ],
)
def test_a_change_that_cannot_be_read_names_the_place(raw: Any, where: str) -> None:
    with pytest.raises(EditRefused) as caught:
        parse_edit(raw)
    assert caught.value.where == where


def test_json_that_never_ends_is_refused_before_it_is_read() -> None:
    deep: Any = 1
    for _ in range(3_000):
        deep = [deep]
    with pytest.raises(EditRefused, match="nested too deeply"):
        parse_edit({"type": "configure", "id": "a", "values": {"description": deep}})


def test_a_drawing_holds_no_more_than_it_can() -> None:
    full = FlowDocument(nodes=tuple(Node(id=f"n{number}", kind="note") for number in range(MAX_NODES)))
    assert str(MAX_NODES) in str(refusal(full, type="add", nodes=[raw_node("one_more", "note")]))
