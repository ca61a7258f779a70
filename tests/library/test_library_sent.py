"""Changes as tabs send them: made once however often they come, and told when they cannot be made any more."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from studio.flow.checks import check
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.edits import EditRefused
from studio.library import flows as flows_module
from studio.library.flows import Flows
from studio.library.sent import Made, make, what
from studio.store.database import Database
from studio.store.tables import FlowChangeRow


def pair() -> FlowDocument:
    return FlowDocument(
        name="Pair",
        nodes=(Node(id="n_team", kind="team", name="pair"), Node(id="n_a", kind="assistant", name="ann", parent="n_team")),
        edges=(Edge(id="e_1", kind="speaks", source="n_a", target="n_a"),),
    )


def added(key: str, name: str) -> dict[str, Any]:
    return {"id": key, "change": {"type": "add", "nodes": [{"id": f"n_{name}", "kind": "assistant", "name": name}], "edges": []}}


def field(key: str, owner: str, name: str, value: Any, *, again: bool = False) -> dict[str, Any]:
    return {"id": key, "change": {"type": "field", "owner": owner, "field": name, "value": value}, "again": again}


def test_a_change_that_comes_again_is_not_made_twice(flows: Flows, database: Database) -> None:
    flow = flows.create(pair())
    for sender in (flows, flows, Flows(database)):
        made = make(sender, flow, [added("c1", "bob"), field("c2", "n_bob", "system_message", "Sing.")])
        assert (made.taken, made.refused) == (("c1", "c2"), ())
    assert flows.get(flow).rev == 3
    flows.undo(flow)
    assert flows.undo(flow).document == pair()
    make(flows, flow, [added("c1", "bob")])
    assert flows.get(flow).document == pair()


def test_what_the_disk_does_not_take_is_told_with_its_cause_and_stays_with_the_tab(flows: Flows, database: Database) -> None:
    flow = flows.create(pair())
    sent = [added("c1", "bob"), added("c2", "cem")]
    only_read(database, True)
    made = make(flows, flow, sent)
    assert made.taken == ()
    (refused,) = made.refused
    assert "readonly" in refused.sentence
    assert "the disk has room" in refused.remedy
    only_read(database, False)
    assert make(flows, flow, sent) == Made(("c1", "c2"), ())
    assert [node.name for node in flows.get(flow).document.nodes] == ["pair", "ann", "bob", "cem"]


def only_read(database: Database, yes: bool) -> None:
    """Lets the one connection that these tests use write nothing, as a disk that is read-only does."""
    with closing(database.engine.raw_connection()) as connection:
        connection.cursor().execute(f"PRAGMA query_only={int(yes)}")


def test_a_change_that_was_made_is_no_loss_when_what_it_changed_is_gone(flows: Flows) -> None:
    flow = flows.create(pair())
    sent = [field("c1", "n_a", "system_message", "Sing.", again=True)]
    make(flows, flow, sent)
    flows.edit(flow, {"type": "remove", "nodes": ["n_a"], "edges": []})
    assert make(flows, flow, sent).refused == ()


def test_the_fields_of_a_flow_a_node_and_a_wire_are_set(flows: Flows) -> None:
    flow = flows.create(pair())
    made = make(
        flows,
        flow,
        [
            field("c1", "", "flow_name", "Duo"),
            field("c2", "", "flow_sample_tasks", None),
            field("c3", "n_a", "name", "writer"),
            field("c4", "e_1", "condition", "done"),
        ],
    )
    assert made.refused == ()
    document = flows.get(flow).document
    assert (document.name, document.sample_tasks, document.nodes[1].name) == ("Duo", (), "writer")
    assert document.edges[0].config == {"condition": "done"}


def test_what_can_no_longer_be_made_is_told_and_keeps_nothing_else_from_being_made(flows: Flows) -> None:
    flow = flows.create(pair())
    wire = {"type": "connect", "edge": {"id": "e_2", "kind": "speaks", "source": "n_gone", "target": "n_a"}}
    made = make(
        flows,
        flow,
        [
            field("c1", "n_gone", "system_message", "Sing of rain.", again=True),
            {"id": "c2", "change": wire, "again": True},
            added("c3", "bob"),
        ],
    )
    assert made.taken == ("c1", "c2", "c3")
    typed, wired = (error.sentence for error in made.refused)
    assert "“Sing of rain.”" in typed
    assert "→ ann" in wired
    assert flows.get(flow).document.node("n_bob") is not None


@pytest.mark.parametrize(
    "changes", [["no"], [{"id": "", "change": {}}], [{"id": 7, "change": {}}], [{"id": "x" * 65, "change": {}}], [{"id": "c"}], [{}] * 501]
)
def test_what_is_no_list_of_changes_is_refused(flows: Flows, changes: list[Any]) -> None:
    flow = flows.create(pair())
    with pytest.raises(EditRefused):
        make(flows, flow, changes)


def asked(key: str, order: str, /, **more: Any) -> dict[str, Any]:
    return {"id": key, "change": {"type": order, **more}}


def test_steps_of_undo_and_redo_that_come_again_are_not_made_twice(flows: Flows, database: Database) -> None:
    flow = flows.create(pair())
    make(flows, flow, [added("c1", "bob"), added("c2", "cem")])
    with_bob = flows.undo(flow).document
    flows.redo(flow)
    for sender in (flows, Flows(database)):
        make(sender, flow, [asked("c3", "undo")])
        assert sender.get(flow).document == with_bob
    for sender in (flows, Flows(database)):
        make(sender, flow, [asked("c4", "undo"), asked("c5", "redo")])
        assert sender.get(flow).document == with_bob
    make(flows, flow, [asked("c6", "undo"), asked("c7", "undo"), added("c8", "dan")])
    make(flows, flow, [asked("c6", "undo"), asked("c7", "undo")])
    assert [node.name for node in flows.get(flow).document.nodes] == ["pair", "ann", "dan"]


def test_an_undo_of_what_could_not_be_made_takes_nothing_else_back(flows: Flows) -> None:
    flow = flows.create(pair())
    make(flows, flow, [added("c1", "bob")])
    there = flows.get(flow).document
    made = make(flows, flow, [field("c2", "n_gone", "system_message", "Sing.", again=True), asked("c3", "undo")])
    assert len(made.refused) == 1
    assert flows.get(flow).document == there
    make(flows, flow, [asked("c4", "undo")])
    assert flows.get(flow).document == pair()


def test_a_version_that_is_restored_twice_by_one_click_is_one_step(flows: Flows) -> None:
    flow = flows.create(pair())
    make(flows, flow, [added("c1", "bob")])
    changed = flows.get(flow).document
    for _ in range(2):
        make(flows, flow, [asked("c2", "version", number=1)])
        assert flows.get(flow).document == pair()
    assert flows.undo(flow).document == changed
    (refused,) = make(flows, flow, [asked("c3", "version", number=99)]).refused
    assert "99" in refused.sentence


def test_what_a_page_asks_for_by_name_is_made_once_of_the_drawing_as_it_is(flows: Flows) -> None:
    flow = flows.create(pair())
    problem = next(each for each in check(pair()) if each.repair is not None)
    changes = [
        asked("c1", "copy", id="n_a"),
        asked("c2", "lay", id="n_a", team=""),
        asked("c3", "rekind", id="n_a", kind="human"),
        asked("c4", "repair", problem=problem.identity),
        asked("c5", "arrange"),
    ]
    for _ in range(2):
        assert make(flows, flow, changes).refused == ()
    document = flows.get(flow).document
    assert [node.name for node in document.nodes if node.kind in ("assistant", "human")] == ["ann", "ann_2"]
    ann = document.node("n_a")
    assert ann is not None
    assert (ann.kind, ann.parent) == ("human", None)
    assert problem.identity not in {each.identity for each in check(document)}
    for _ in changes:
        flows.undo(flow)
    assert flows.get(flow).document == pair()


def test_what_is_asked_for_of_something_gone_changes_nothing(flows: Flows) -> None:
    flow = flows.create(pair())
    changes = [asked("c1", "copy", id="n_gone"), asked("c2", "lay", id="n_gone", team=""), asked("c3", "repair", problem="none||n_gone")]
    assert make(flows, flow, changes).refused == ()
    (refused,) = make(flows, flow, [asked("c4", "allow", id="n_gone", tool="a", allowed=True, of=["a"])]).refused
    assert refused.sentence
    assert flows.get(flow).document == pair()


def test_tools_of_a_server_are_ticked_one_after_the_other_however_fast(flows: Flows) -> None:
    flow = flows.create(FlowDocument(nodes=(Node(id="n_mcp", kind="mcp", name="server"),)))
    tools = ["read", "write", "list"]

    def tick(key: str, tool: str, allowed: bool) -> Any:
        make(flows, flow, [asked(key, "allow", id="n_mcp", tool=tool, allowed=allowed, of=tools)])
        node = flows.get(flow).document.node("n_mcp")
        assert node is not None
        return node.config.get("allow")

    assert tick("c1", "write", False) == ["read", "list"]
    assert tick("c2", "list", False) == ["read"]
    assert tick("c2", "list", False) == ["read"]
    assert tick("c3", "list", True) == ["read", "list"]
    assert not tick("c4", "write", True)


def test_a_change_of_a_flow_that_is_gone_is_told_once(flows: Flows) -> None:
    flow = flows.create(pair())
    flows.delete(flow)
    made = make(flows, flow, [added("c1", "bob"), added("c2", "cem")])
    assert (made.taken, len(made.refused)) == (("c1", "c2"), 1)


def test_what_is_lost_is_said_in_the_words_of_the_drawing() -> None:
    moves = [{"id": f"n_{number}", "x": 0, "y": 0} for number in range(9)]
    several = [{"type": "resize", "id": "n_a"}, {"type": "remove", "nodes": ["n_a"], "edges": []}, {"type": "move", "moves": moves}]
    gone = ", ".join(["something that is gone"] * 5)
    assert what(pair(), {"type": "several", "edits": several}) == f"deleting ann; moving {gone}, …"
    assert what(pair(), {"type": "add", "nodes": [{"id": "n_new", "name": "bob"}], "edges": []}) == "adding bob"
    for change in ({"type": "several", "edits": several[:1]}, {"type": "dance"}, {"type": "field", "value": 3}):
        assert what(pair(), change) == "a change"


def test_only_so_many_changes_are_known_by_their_ids(flows: Flows, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows_module, "KNOWN_CHANGES", 5)
    flow = flows.create(pair())
    for number in range(40):
        make(flows, flow, [field(f"c{number}", "n_a", "system_message", str(number))])
    with database.reading() as session:
        assert session.get(FlowChangeRow, (flow, "c39")) is not None
        assert session.get(FlowChangeRow, (flow, "c1")) is None
