"""A participant's new name follows into every field that names it."""

from __future__ import annotations

from typing import Any

import pytest
from flow_drawings import changed

from studio.flow.document import FlowDocument, Node


def drawn(kind: str, config: dict[str, Any]) -> FlowDocument:
    nodes = (
        Node(id="top", kind="team", name="top"),
        Node(id="ann", kind="assistant", name="ann", parent="top"),
        Node(id="bob", kind="assistant", name="bob", parent="top"),
        Node(id="x", kind=kind, name="x", parent="top", config=config),
    )
    return FlowDocument(nodes=nodes)


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("assistant", {"handoffs": ["ann"], "handoff_when": {"ann": "late"}}, {"handoffs": ["zoe"], "handoff_when": {"zoe": "late"}}),
        (
            "filter",
            {"hears": [{"source": "ann", "count": 1}, {"source": "bob"}]},
            {"hears": [{"source": "zoe", "count": 1}, {"source": "bob"}]},
        ),
        ("team", {"selection": {"kind": "graph", "start": ["ann", "bob"]}}, {"selection": {"kind": "graph", "start": ["zoe", "bob"]}}),
        (
            "team",
            {"selection": {"kind": "swarm", "first": "ann", "after": {"ann": "bob", "bob": "ann"}, "rules": {"ann > 1": "ann"}}},
            {"selection": {"kind": "swarm", "first": "zoe", "after": {"zoe": "bob", "bob": "zoe"}, "rules": {"ann > 1": "zoe"}}},
        ),
        (
            "assistant",
            {"guards": [{"what": "ann", "hand_to": "ann"}, {"what": "x", "hand_to": "bob"}]},
            {"guards": [{"what": "ann", "hand_to": "zoe"}, {"what": "x", "hand_to": "bob"}]},
        ),
        ("said_by", {"sources": ["ann"]}, {"sources": ["zoe"]}),
        ("practice", {"script": {"ann": ["a"], "ann remembers": ["b"]}}, {"script": {"zoe": ["a"], "zoe remembers": ["b"]}}),
    ],
)
def test_a_new_name_follows_into_what_names_it(kind: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    renamed = changed(drawn(kind, before), type="rename", id="ann", name="zoe")
    assert renamed.nodes[3].config == after


def test_a_new_name_takes_its_recorded_replies_along() -> None:
    config = {"recording": "debate"}
    document = drawn("practice", config)
    assert changed(document, type="rename", id="ann", name="zoe").nodes[3].config == config
    named = document.model_copy(
        update={"nodes": (document.nodes[0], document.nodes[1].model_copy(update={"name": "judge"}), *document.nodes[2:])}
    )
    script = changed(named, type="rename", id="ann", name="referee").nodes[3].config["script"]
    assert set(script) == {"advocate", "opponent", "referee"}
    assert script["referee"][0].startswith("A clear first round.")


def test_what_is_no_name_is_left_alone_whatever_it_holds() -> None:
    for config in (
        {"hears": "ann"},
        {"selection": "ann"},
        {"handoff_when": ["ann"]},
        {"selection": {"kind": "swarm", "rules": 3}},
        {"hears": [1, None]},
    ):
        assert changed(drawn("team", config), type="rename", id="ann", name="zoe").nodes[3].config == config
