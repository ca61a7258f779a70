"""Changes as tabs send them: made once however often they come, and told when they cannot be made any more."""

from __future__ import annotations

from typing import Any

import pytest

from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.edits import EditRefused
from studio.library import flows as flows_module
from studio.library.flows import Flows
from studio.library.sent import make, what
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
