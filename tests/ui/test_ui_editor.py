"""The editor's state: thin handlers, patches instead of graphs, and nothing lost when the state is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.api.services import Services
from studio.flow.document import FlowDocument
from studio.library.templates import template
from studio.store.ids import new_id
from studio.store.tables import RunDocumentRow, RunRow, SessionRow
from studio.ui.editor.state import EditorState


def editor() -> EditorState:
    return EditorState(_reflex_internal_init=True)  # type: ignore[call-arg]


def ask(state: EditorState, flow: str, change: dict[str, Any]) -> Any:
    """Sends one change, as a tab does; returns what is told of it."""
    return state.change(flow, [{"id": new_id(), "change": change}])


def kept_run(opened: Services, flow: str, status: str = "running", person: str = "") -> str:
    """A run of a flow, somewhere in the same data directory; that of a guest takes notes about a person."""
    run = new_id()
    with opened.database.writing() as session:
        session.add(SessionRow(id=f"s_{run}"))
        session.flush()
        session.add(RunRow(id=run, session_id=f"s_{run}", flow_id=flow, status=status))
        session.flush()
        session.add(RunDocumentRow(run_id=run, document="{}", options=json.dumps({"person": person})))
    return run


def changed(state: EditorState) -> dict[str, Any]:
    """What would go down to the browser now, by the variable's own name."""
    delta = state.get_delta()
    state._clean()
    return {name.removesuffix("_rx_state_"): value for part in delta.values() for name, value in part.items()}


@pytest.fixture
def flow(studio_services: Services) -> str:
    found = template("engineering-team")
    assert found is not None
    return studio_services.flows.create(found.document)


@pytest.fixture
def opened(studio_services: Services, flow: str) -> EditorState:
    state = editor()
    state.flow = flow
    state._show_whole(studio_services.flows.get(flow))
    changed(state)
    return state


@pytest.mark.parametrize("status", ["running", "waiting", "paused", "interrupted"])
def test_a_flow_that_is_opened_shows_its_owners_unfinished_run_and_no_guests(
    studio_services: Services, opened: EditorState, flow: str, status: str
):
    kept_run(studio_services, flow, "done")
    opened._find_run()
    assert opened.run == ""
    mine = kept_run(studio_services, flow, status)
    kept_run(studio_services, flow, status, person="guest of the door")
    opened._find_run()
    assert (opened.run, opened.session, opened.side) == (mine, f"s_{mine}", "conversation")


def test_an_edit_goes_down_as_a_patch_and_never_as_the_graph(opened: EditorState, flow: str):
    ask(opened, flow, {"type": "move", "moves": [{"id": "n_coder", "x": 48, "y": 64}]})
    sent = changed(opened)
    assert "graph" not in sent
    assert list(sent["patch"][-1]["nodes"]) == ["n_coder"]
    assert sent["can_undo"] is True


def test_patches_follow_each_other_without_a_gap(opened: EditorState, flow: str):
    for at in range(5):
        ask(opened, flow, {"type": "move", "moves": [{"id": "n_coder", "x": 16 * at, "y": 0}]})
    opened.go_to(["n_coder"])
    ask(opened, flow, {"type": "move", "moves": [{"id": "n_coder", "x": 1, "y": 1}]})
    numbers = [patch["seq"] for patch in opened.patch]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert numbers[-1] == 6


def test_a_refused_edit_is_told_and_sends_the_drawing_as_it_is(opened: EditorState, flow: str):
    notice = ask(opened, flow, {"type": "configure", "id": "n_gone", "values": {"text": "x"}})
    assert notice is not None
    assert changed(opened)["graph"]["flow"] == flow


def test_undo_and_redo_bring_every_change_back(opened: EditorState, studio_services: Services, flow: str):
    before = studio_services.flows.get(flow).document
    ask(opened, flow, {"type": "field", "owner": "n_coder", "field": "system_message", "value": "Write it in one line."})
    ask(opened, flow, {"type": "remove", "nodes": ["n_tester"], "edges": []})
    after = studio_services.flows.get(flow).document
    ask(opened, flow, {"type": "undo"})
    ask(opened, flow, {"type": "undo"})
    assert studio_services.flows.get(flow).document == before
    ask(opened, flow, {"type": "redo"})
    ask(opened, flow, {"type": "redo"})
    assert studio_services.flows.get(flow).document == after
    assert opened.can_redo is False


def test_the_inspector_sets_a_field_a_name_and_the_flow_itself(opened: EditorState, studio_services: Services, flow: str):
    ask(opened, flow, {"type": "field", "owner": "n_coder", "field": "name", "value": "writer"})
    ask(opened, flow, {"type": "field", "owner": "n_coder", "field": "description", "value": "writes"})
    ask(opened, flow, {"type": "field", "owner": "", "field": "flow_sample_tasks", "value": ["one", "two"]})
    ask(opened, flow, {"type": "field", "owner": "", "field": "flow_description", "value": None})
    document = studio_services.flows.get(flow).document
    node = document.node("n_coder")
    assert node is not None
    assert (node.name, node.config["description"]) == ("writer", "writes")
    assert document.sample_tasks == ("one", "two")
    assert document.description == ""
    assert opened.sample_tasks == ["one", "two"]


def test_a_chosen_node_has_its_form_and_keeps_it_up_to_date(opened: EditorState, flow: str):
    opened.select(flow, ["n_coder"])
    assert opened.form["name"] == "coder"
    ask(opened, flow, {"type": "field", "owner": "n_coder", "field": "name", "value": "writer"})
    assert opened.form["name"] == "writer"
    opened.select(flow, ["n_coder", "n_tester"])
    assert opened.form["id"] == ""


def test_a_repair_repairs_and_can_be_undone(opened: EditorState, studio_services: Services, flow: str):
    row = next(row for row in opened.problems if row["repairable"])
    before = studio_services.flows.get(flow).document
    ask(opened, flow, {"type": "repair", "problem": row["id"]})
    assert row["id"] not in [each["id"] for each in opened.problems]
    ask(opened, flow, {"type": "undo"})
    assert studio_services.flows.get(flow).document == before


def test_all_repairs_are_one_change_that_can_be_undone(opened: EditorState, studio_services: Services, flow: str):
    ask(opened, flow, {"type": "remove", "nodes": [], "edges": [edge.id for edge in studio_services.flows.get(flow).document.edges]})
    ask(opened, flow, {"type": "rename", "id": "n_tester", "name": "coder"})
    before, several = studio_services.flows.get(flow).document, opened.repairs
    ask(opened, flow, {"type": "repair_all"})
    assert several > 1
    assert (opened.repairs, opened.alarms) == (0, 0)
    ask(opened, flow, {"type": "undo"})
    assert studio_services.flows.get(flow).document == before


def test_what_a_repair_adds_to_a_small_drawing_is_brought_into_view(opened: EditorState, studio_services: Services, flow: str):
    looked = opened.focus
    ask(opened, flow, {"type": "rename", "id": "n_tester", "name": "coder"})
    ask(opened, flow, {"type": "repair_all"})
    assert opened.focus == looked
    nodes = studio_services.flows.get(flow).document.nodes
    ask(opened, flow, {"type": "remove", "nodes": [node.id for node in nodes if node.kind == "practice"], "edges": []})
    ask(opened, flow, {"type": "repair_all"})
    assert len(studio_services.flows.get(flow).document.nodes) == len(nodes)
    assert opened.focus["ids"] == []
    assert opened.focus != looked


def test_a_repair_that_came_too_late_changes_nothing(opened: EditorState, studio_services: Services, flow: str):
    rev = studio_services.flows.get(flow).rev
    ask(opened, flow, {"type": "repair", "problem": "no_such_problem||n_coder"})
    assert studio_services.flows.get(flow).rev == rev


def test_a_tab_catches_up_with_what_another_tab_changed(opened: EditorState, studio_services: Services, flow: str):
    other = editor()
    other.flow = flow
    other._show_whole(studio_services.flows.get(flow))
    ask(other, flow, {"type": "field", "owner": "n_coder", "field": "name", "value": "writer"})
    changed(opened)
    opened.catch_up(flow)
    sent = changed(opened)
    assert "graph" not in sent
    assert sent["patch"][-1]["nodes"]["n_coder"]["name"] == "writer"


def test_a_patch_of_another_tab_answers_no_edit_of_this_one(opened: EditorState, studio_services: Services, flow: str):
    studio_services.flows.edit(flow, {"type": "rename", "id": "n_coder", "name": "writer"})
    opened.catch_up(flow)
    assert changed(opened)["patch"][-1]["others"] is True
    ask(opened, flow, {"type": "field", "owner": "n_coder", "field": "name", "value": "coder"})
    assert "others" not in changed(opened)["patch"][-1]


def test_a_node_that_another_tab_removed_closes_its_form_and_says_so(opened: EditorState, studio_services: Services, flow: str):
    opened.select(flow, ["n_coder"])
    studio_services.flows.edit(flow, {"type": "remove", "nodes": ["n_coder"], "edges": []})
    notices = opened.catch_up(flow)
    assert len(notices) == 1
    assert opened.form["id"] == ""
    assert opened.selected == []
    assert opened.can_undo is True
    assert ask(opened, flow, {"type": "field", "owner": "n_coder", "field": "system_message", "value": "Half a sent"}) is not None
    assert studio_services.flows.get(flow).document.node("n_coder") is None


def test_a_chosen_node_stays_chosen_when_another_tab_changed_it(opened: EditorState, studio_services: Services, flow: str):
    opened.select(flow, ["n_coder"])
    studio_services.flows.edit(flow, {"type": "configure", "id": "n_coder", "values": {"system_message": "Sing."}})
    assert opened.catch_up(flow) == []
    assert opened.selected == ["n_coder"]
    assert next(field for field in opened.form["fields"] if field["name"] == "system_message")["value"] == "Sing."


def test_a_flow_that_another_tab_deleted_is_shown_as_deleted(opened: EditorState, studio_services: Services, flow: str):
    studio_services.flows.delete(flow)
    opened.catch_up(flow)
    assert opened.trouble
    assert (opened.deleted, opened.flow, opened.rev) == (flow, "", -1)
    studio_services.flows.forget(flow)
    opened.catch_up(flow)
    assert opened.deleted == ""


def test_an_edit_after_the_state_expired_still_arrives(studio_services: Services, flow: str):
    fresh = editor()
    ask(fresh, flow, {"type": "rename", "id": "n_coder", "name": "writer"})
    node = studio_services.flows.get(flow).document.node("n_coder")
    assert node is not None
    assert node.name == "writer"
    assert changed(fresh)["graph"]["flow"] == flow


def test_arranging_moves_nodes_and_is_one_step_of_undo(opened: EditorState, studio_services: Services, flow: str):
    ask(opened, flow, {"type": "move", "moves": [{"id": "n_coder", "x": 900, "y": 900}]})
    before = studio_services.flows.get(flow).document
    ask(opened, flow, {"type": "arrange"})
    assert studio_services.flows.get(flow).document != before
    ask(opened, flow, {"type": "undo"})
    assert studio_services.flows.get(flow).document == before


def sent(*changes: dict[str, Any], again: bool = False) -> list[dict[str, Any]]:
    return [{"id": f"c{number}", "change": each, "again": again} for number, each in enumerate(changes)]


def test_changes_of_the_tab_are_taken_once_and_go_down_as_one_patch(opened: EditorState, studio_services: Services, flow: str):
    changes = sent(
        {"type": "move", "moves": [{"id": "n_coder", "x": 48, "y": 64}]},
        {"type": "field", "owner": "n_tester", "field": "name", "value": "prober"},
    )
    assert opened.change(flow, changes) == []
    rev = studio_services.flows.get(flow).rev
    down = changed(opened)
    assert down["taken"] == ["c0", "c1"]
    assert set(down["patch"][-1]["nodes"]) >= {"n_coder", "n_tester"}
    assert len(down["patch"]) == 1
    opened.change(flow, changes)
    assert studio_services.flows.get(flow).rev == rev


def test_what_is_added_on_a_phone_is_shown_also_where_its_team_grows(opened: EditorState, flow: str):
    opened.show_view("palette")
    opened.change(flow, sent({"type": "move", "moves": [{"id": "n_coder", "x": 48, "y": 64}]}))
    assert opened.view == "palette"
    grown = {
        "type": "resize",
        "id": next(node["id"] for node in opened.nodes() if node["kind"] == "team"),
        "x": 0,
        "y": 0,
        "width": 900,
        "height": 700,
    }
    added = {"type": "add", "nodes": [{"id": "n_new", "kind": "assistant", "name": "new"}], "edges": []}
    (change,) = sent({"type": "several", "edits": [grown, added]})
    opened.change(flow, [{**change, "id": "c9"}])
    assert opened.view == "canvas"


def test_what_was_sent_before_a_reload_and_cannot_be_made_is_one_notice(opened: EditorState, flow: str):
    gone = [{"type": "field", "owner": f"n_gone{number}", "field": "text", "value": f"Sing {number}."} for number in range(2)]
    (notice,) = opened.change(flow, sent(*gone, again=True))
    told = str(notice.args)
    assert "Sing 0." in told
    assert "Sing 1." in told
    down = changed(opened)
    assert down["taken"] == ["c0", "c1"]
    assert down["graph"]["flow"] == flow


def test_changes_of_another_flow_are_made_and_the_shown_one_stays(opened: EditorState, studio_services: Services, flow: str):
    other = studio_services.flows.create(FlowDocument(name="Other"))
    opened.change(other, sent({"type": "describe", "name": "Renamed"}))
    assert studio_services.flows.get(other).document.name == "Renamed"
    assert (opened.flow, opened.drawing) == (flow, flow)


def test_an_edit_of_a_flow_that_was_deleted_is_told_plainly(opened: EditorState, studio_services: Services, flow: str):
    studio_services.flows.delete(flow)
    assert ask(opened, flow, {"type": "rename", "id": "n_coder", "name": "x"}) is not None


def test_a_limit_that_is_no_number_yet_opens_all_the_same(opened: EditorState, studio_services: Services, flow: str):
    limit = next(node for node in studio_services.flows.get(flow).document.nodes if node.kind == "max_turns")
    assert opened.max_turns == 16
    ask(opened, flow, {"type": "field", "owner": limit.id, "field": "max_turns", "value": "many"})
    assert opened.max_turns == 0
    assert any(limit.id in row["nodes"] for row in opened.problems)


def test_a_run_that_was_started_elsewhere_is_taken_up_beside_what_the_person_is_at(
    opened: EditorState, studio_services: Services, flow: str
):
    first, second, third = (kept_run(studio_services, flow) for _ in range(3))
    opened.take_up_run(flow, first, False)
    assert (opened.run, opened.side, opened.view) == (first, "conversation", "conversation")

    opened.show_view("canvas")
    opened.show_side("inspector")
    opened.take_up_run(flow, second, True)
    assert (opened.run, opened.side, opened.view) == (second, "inspector", "canvas")

    opened.select(flow, [opened.nodes()[0]["id"]])
    opened.take_up_run(flow, third, False)
    assert (opened.run, opened.side, opened.view) == (third, "inspector", "canvas")


def test_a_run_of_another_flow_or_of_none_is_not_taken_up(opened: EditorState, studio_services: Services, flow: str):
    elsewhere = studio_services.flows.create(FlowDocument(name="Another"))
    for run in (kept_run(studio_services, elsewhere), "nothing"):
        opened.take_up_run(flow, run, False)
    opened.take_up_run(elsewhere, kept_run(studio_services, elsewhere), False)
    assert (opened.run, opened.side) == ("", "inspector")
