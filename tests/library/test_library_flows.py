"""Flows: autosave, undo that survives a reload, versions, and what changed in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from studio.flow.document import Edge, FlowDocument, Node, Position
from studio.flow.edits import EditRefused
from studio.library import flows as flows_module
from studio.library import undo as undo_module
from studio.library.errors import FlowAmbiguous, FlowMissing, FlowTooLarge, VersionMissing
from studio.library.flows import KEPT_DELETED, Flows
from studio.library.templates import templates
from studio.store.database import Database
from studio.store.tables import FlowEditRow, FlowRow, FlowVersionRow, RunRow, SessionRow


def drawing(name: str = "Pair") -> FlowDocument:
    return FlowDocument(
        name=name,
        nodes=(
            Node(id="n_team", kind="team", name="pair"),
            Node(id="n_a", kind="assistant", name="coder", config={"system_message": "Write."}, parent="n_team"),
            Node(id="n_h", kind="human", name="boss", parent="n_team"),
            Node(id="n_m", kind="practice", name="model"),
        ),
        edges=(Edge(id="e_1", kind="model", source="n_m", target="n_a"),),
    )


def typed(value: str) -> dict[str, Any]:
    return {"type": "configure", "id": "n_a", "values": {"system_message": value}}


def older(database: Database, by: timedelta) -> None:
    """As if everything had happened longer ago."""
    with database.writing() as session:
        for row in [*session.exec(select(FlowVersionRow)), *session.exec(select(FlowEditRow))]:
            row.at -= by


def test_every_edit_is_saved_as_it_is_made(database: Database, flows: Flows) -> None:
    flow = flows.create(drawing())
    opened = flows.edit(flow, typed("Write well."))
    assert opened.before == drawing()
    assert opened.rev == 2
    again = Flows(database).get(flow)
    assert again.document.node("n_a").config == {"system_message": "Write well."}  # type: ignore[union-attr]
    assert again.document == opened.document
    assert again.saved.tzinfo is not None


def test_an_edit_that_is_refused_changes_nothing(flows: Flows) -> None:
    flow = flows.create(drawing())
    for wrong in ({"type": "rename", "id": "nobody", "name": "x"}, {"type": "explode"}, {}):
        with pytest.raises(EditRefused):
            flows.edit(flow, wrong)
    assert flows.get(flow).rev == 1
    assert flows.get(flow).can_undo is False


def test_an_edit_that_changes_nothing_is_no_step(flows: Flows) -> None:
    flow = flows.create(drawing())
    assert flows.edit(flow, typed("Write.")).rev == 1
    assert flows.get(flow).can_undo is False


def test_undo_and_redo_survive_a_reload(database: Database, flows: Flows) -> None:
    flow = flows.create(drawing())
    removed = flows.edit(flow, {"type": "remove", "nodes": ["n_a"], "edges": []})
    flows.edit(flow, {"type": "rename", "id": "n_h", "name": "chief"})
    again = Flows(database)
    assert again.undo(flow).document == removed.document
    assert again.undo(flow).document == drawing()
    opened = again.get(flow)
    assert (opened.can_undo, opened.can_redo) == (False, True)
    assert again.undo(flow).document == drawing()
    assert Flows(database).redo(flow).document == removed.document
    last = Flows(database).redo(flow)
    assert last.document.node("n_h").name == "chief"  # type: ignore[union-attr]
    assert (last.can_undo, last.can_redo) == (True, False)


def test_an_edit_after_an_undo_ends_what_could_be_redone(flows: Flows) -> None:
    flow = flows.create(drawing())
    flows.edit(flow, typed("one"))
    flows.undo(flow)
    opened = flows.edit(flow, {"type": "rename", "id": "n_h", "name": "chief"})
    assert opened.can_redo is False
    assert flows.undo(flow).document == drawing()


def test_typing_in_one_field_is_one_step_of_undo(flows: Flows) -> None:
    flow = flows.create(drawing())
    for value in ("W", "Wr", "Wri", "Writ"):
        flows.edit(flow, typed(value))
    flows.edit(flow, {"type": "configure", "id": "n_a", "values": {"description": "d"}})
    assert flows.undo(flow).document.node("n_a").config == {"system_message": "Writ"}  # type: ignore[union-attr]
    assert flows.undo(flow).document == drawing()
    assert flows.redo(flow).document.node("n_a").config == {"system_message": "Writ"}  # type: ignore[union-attr]


def test_typing_again_after_a_pause_or_an_undo_is_a_step_of_its_own(database: Database, flows: Flows) -> None:
    flow = flows.create(drawing())
    flows.edit(flow, typed("one"))
    older(database, timedelta(seconds=3))
    flows.edit(flow, typed("two"))
    assert flows.undo(flow).document.node("n_a").config == {"system_message": "one"}  # type: ignore[union-attr]
    flows.redo(flow)
    flows.edit(flow, typed("three"))
    assert flows.undo(flow).document.node("n_a").config == {"system_message": "two"}  # type: ignore[union-attr]


def test_only_so_many_steps_are_kept(database: Database, flows: Flows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undo_module, "MAX_EDITS", 5)
    flow = flows.create(drawing())
    for number in range(12):
        flows.edit(flow, {"type": "move", "moves": [{"id": "n_a", "x": number + 1, "y": 0, "parent": "n_team"}]})
    with database.reading() as session:
        assert len(session.exec(select(FlowEditRow)).all()) == 5


def test_steps_that_take_much_room_are_forgotten_the_oldest_first(
    database: Database, flows: Flows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo_module, "MAX_EDIT_CHARACTERS", 10_000)
    flow = flows.create(drawing())
    for number in range(20):
        flows.edit(flow, {"type": "replace", "document": drawing(f"{number} " + "x" * 100).model_dump(mode="json")})
    with database.reading() as session:
        numbers = sorted(row.number for row in session.exec(select(FlowEditRow)))
    assert numbers[-1] == 20
    assert 1 not in numbers


def test_a_flow_that_is_too_large_is_refused_whole(flows: Flows, monkeypatch: pytest.MonkeyPatch) -> None:
    flow = flows.create(drawing())
    monkeypatch.setattr(flows_module, "MAX_DOCUMENT", 5_000)
    with pytest.raises(FlowTooLarge):
        flows.edit(flow, typed("x" * 5_000))
    assert flows.get(flow).document == drawing()


def test_a_sitting_begins_with_a_version_and_names_keep_one(database: Database, flows: Flows) -> None:
    flow = flows.create(drawing())
    flows.edit(flow, typed("one"))
    flows.edit(flow, typed("two"))
    assert [version.number for version in flows.versions(flow)] == [1]
    older(database, timedelta(minutes=6))
    flows.edit(flow, typed("three"))
    newest = flows.versions(flow)[0]
    assert newest.number == 2
    assert flows.version(flow, 2).node("n_a").config == {"system_message": "two"}  # type: ignore[union-attr]
    assert newest.summary == "Changed System message of coder from “Write.” to “two”."
    named = flows.name_version(flow, "  before   the demo ")
    assert (named.number, named.name) == (3, "before the demo")
    assert flows.name_version(flow, "again").number == 3
    assert [(version.number, version.name) for version in flows.versions(flow)] == [(3, "again"), (2, ""), (1, "")]


def test_restoring_keeps_what_was_there_and_can_be_undone(flows: Flows) -> None:
    flow = flows.create(drawing())
    changed = flows.edit(flow, typed("better")).document
    restored = flows.restore(flow, 1)
    assert restored.document == drawing()
    assert flows.version(flow, 2) == changed
    assert flows.undo(flow).document == changed
    with pytest.raises(VersionMissing):
        flows.restore(flow, 9)


def test_an_import_over_a_flow_keeps_what_was_there(flows: Flows) -> None:
    flow = flows.create(drawing())
    changed = flows.edit(flow, typed("mine")).document
    flows.edit(flow, {"type": "replace", "document": drawing("Other").model_dump(mode="json")})
    assert flows.version(flow, 2) == changed
    assert flows.list()[0].name == "Other"


def test_what_changed_is_said_in_sentences(flows: Flows) -> None:
    flow = flows.create(drawing())
    for edit in (
        {"type": "add", "nodes": [{"id": "n_x", "kind": "assistant", "name": "critic", "parent": "n_team"}], "edges": []},
        {"type": "rename", "id": "n_a", "name": "writer"},
        {"type": "configure", "id": "n_a", "values": {"max_tool_rounds": 3}},
        {"type": "configure", "id": "n_team", "values": {"selection": {"kind": "model_choice"}}},
        {"type": "connect", "edge": {"id": "e_2", "kind": "speaks", "source": "n_a", "target": "n_h"}},
        {"type": "remove", "nodes": [], "edges": ["e_1"]},
        {"type": "move", "moves": [{"id": "n_m", "x": 7, "y": 7, "parent": None}]},
        {"type": "describe", "name": "Trio"},
    ):
        flows.edit(flow, edit)
    assert flows.changes(flow, 1) == [
        "Renamed the flow from “Pair” to “Trio”.",
        "Added critic (Assistant).",
        "Changed Who speaks next of pair from Round robin to Model chooses.",
        "Renamed coder to writer.",
        "Changed Tool rounds of writer from 10 to 3.",
        "Let boss speak after writer.",
        "Took model away from coder.",
        "Moved one thing on the canvas.",
    ]
    assert flows.changes(flow, 1, 1) == []


def test_arrows_that_are_crossed_out_are_told_as_such(flows: Flows) -> None:
    flow = flows.create(drawing())
    flows.edit(flow, {"type": "configure", "id": "n_team", "values": {"transitions_type": "disallowed"}})
    flows.edit(flow, {"type": "connect", "edge": {"id": "e_2", "kind": "speaks", "source": "n_a", "target": "n_h"}})
    assert flows.changes(flow, 1) == [
        "Changed Arrows mean of pair from “allowed” to “disallowed”.",
        "No longer let boss speak after coder, by a crossed-out arrow.",
    ]


def test_a_removed_member_is_one_sentence(flows: Flows) -> None:
    flow = flows.create(drawing())
    flows.edit(flow, {"type": "remove", "nodes": ["n_a"], "edges": []})
    assert flows.changes(flow, 1) == ["Removed coder (Assistant)."]


def test_a_flow_is_found_by_id_and_by_name(flows: Flows) -> None:
    flow = flows.create(drawing("Coder pair"))
    assert flows.find(flow) == flow
    assert flows.find(" coder PAIR ") == flow
    other = flows.create(drawing("coder pair"))
    assert flows.find("coder pair") == other
    with pytest.raises(FlowAmbiguous, match=flow):
        flows.find("CODER PAIR")
    with pytest.raises(FlowMissing):
        flows.find("nobody")


def test_the_list_tells_agents_and_runs_and_the_newest_comes_first(database: Database, flows: Flows) -> None:
    first, second = flows.create(drawing("One")), flows.create(drawing("Two"))
    with database.writing() as session:
        session.add(SessionRow(id="s"))
        session.flush()
        for number in range(3):
            session.add(RunRow(id=f"r{number}", session_id="s", flow_id=first, status="done"))
    flows.edit(first, typed("newer"))
    assert [(flow.id, flow.name, flow.agents, flow.runs) for flow in flows.list()] == [(first, "One", 2, 3), (second, "Two", 2, 0)]


def test_a_copy_is_a_flow_of_its_own(flows: Flows) -> None:
    flow = flows.create(drawing())
    copy = flows.duplicate(flow)
    flows.edit(copy, typed("other"))
    assert flows.get(flow).document == drawing()
    assert flows.get(copy).document.name == "Pair copy"


def test_a_deleted_flow_is_gone_and_its_runs_stay(database: Database, flows: Flows) -> None:
    flow = flows.create(drawing())
    with database.writing() as session:
        session.add(SessionRow(id="s"))
        session.flush()
        session.add(RunRow(id="r", session_id="s", flow_id=flow, flow="Pair", status="done"))
    flows.delete(flow)
    for missing in (flows.get, flows.delete, flows.undo, flows.versions):
        with pytest.raises(FlowMissing):
            missing(flow)
    with pytest.raises(FlowMissing):
        flows.find("Pair")
    assert flows.list() == []
    flows.forget(flow)
    with database.reading() as session:
        run = session.get(RunRow, "r")
        assert run is not None
        assert run.flow_id is None


def test_a_deleted_flow_is_brought_back_with_its_versions_and_its_undo(flows: Flows) -> None:
    flow = flows.create(drawing())
    flows.edit(flow, typed("more"))
    flows.name_version(flow, "good")
    before = flows.get(flow)
    flows.delete(flow)
    assert [(each.id, each.name) for each in flows.deleted()] == [(flow, "Pair")]
    flows.bring_back(flow)
    assert flows.get(flow) == before
    assert [version.name for version in flows.versions(flow)] == ["good", ""]
    assert flows.undo(flow).document == drawing()
    assert flows.deleted() == []


def test_a_flow_is_forgotten_a_month_after_it_was_deleted(database: Database, flows: Flows) -> None:
    old, other, kept = (flows.create(drawing()) for _ in range(3))
    flows.delete(old)
    with database.writing() as session:
        row = session.get(FlowRow, old)
        assert row is not None
        assert row.deleted is not None
        row.deleted -= KEPT_DELETED
        session.add(row)
    assert flows.deleted() == []
    flows.delete(other)
    with pytest.raises(FlowMissing):
        flows.bring_back(old)
    assert [each.id for each in flows.deleted()] == [other]
    assert [each.id for each in flows.list()] == [kept]


def test_only_a_deleted_flow_is_forgotten(flows: Flows) -> None:
    flow = flows.create(drawing())
    with pytest.raises(FlowMissing):
        flows.forget(flow)
    assert flows.get(flow).document == drawing()


def test_an_edit_that_could_not_be_stored_is_not_remembered_either(database: Database, flows: Flows) -> None:
    flow = flows.create(drawing())
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TRIGGER full BEFORE INSERT ON flow_edit BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    with pytest.raises(IntegrityError):
        flows.edit(flow, typed("lost"))
    with database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER full")
    Flows(database).edit(flow, typed("kept"))
    assert flows.get(flow).document.node("n_a").config == {"system_message": "kept"}  # type: ignore[union-attr]


def test_two_tabs_edit_one_flow_and_lose_nothing(database: Database) -> None:
    one, other = Flows(database), Flows(database)
    flow = one.create(drawing())
    for number in range(5):
        one.edit(flow, {"type": "rename", "id": "n_a", "name": f"coder{number}"})
        other.edit(flow, {"type": "rename", "id": "n_h", "name": f"boss{number}"})
    document = one.get(flow).document
    assert [node.name for node in document.nodes] == ["pair", "coder4", "boss4", "model"]


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.id)
def test_every_template_can_be_kept_and_comes_back_as_it_was(flows: Flows, template: Any) -> None:
    flow = flows.create(template.document)
    flows._parsed.clear()
    assert flows.get(flow).document == template.document


actions = st.lists(
    st.one_of(
        st.just("undo"),
        st.just("redo"),
        st.builds(typed, st.sampled_from(["a", "b", "c"])),
        st.builds(lambda name: {"type": "rename", "id": "n_h", "name": name}, st.sampled_from(["x", "y"])),
        st.just({"type": "remove", "nodes": ["n_a"], "edges": []}),
        st.just({"type": "remove", "nodes": [], "edges": ["e_1"]}),
        st.builds(lambda x: {"type": "move", "moves": [{"id": "n_m", "x": x, "y": 0, "parent": None}]}, st.integers(0, 3)),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=actions)
def test_undoing_everything_brings_the_beginning_back_and_redoing_everything_the_end(database: Database, actions: list[Any]) -> None:
    flows = Flows(database)
    flow = flows.create(drawing())
    for action in actions:
        if action == "undo":
            flows.undo(flow)
        elif action == "redo":
            flows.redo(flow)
        else:
            try:
                flows.edit(flow, action)
            except EditRefused:
                continue
    while (opened := flows.get(flow)).can_redo:
        flows.redo(flow)
    end = opened.document
    while flows.get(flow).can_undo:
        flows.undo(flow)
    assert flows.get(flow).document == drawing()
    while flows.get(flow).can_redo:
        flows.redo(flow)
    assert flows.get(flow).document == end
    assert Position() == end.nodes[0].position
