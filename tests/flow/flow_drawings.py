"""Drawings for the tests of this folder: small ones by hand, and arbitrary ones as hypothesis strategies."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import strategies as st

from studio.flow.document import Edge, FlowDocument, Node, Position, Size
from studio.flow.edits import EditRefused, apply_edit, parse_edit
from studio.flow.kinds import DRAWN
from studio.flow.nesting import too_much

KINDS = [*(item.kind for item in DRAWN), "martian", "docker", "round_robin", ""]
IDS = [f"n{number}" for number in range(9)]
NAMES = ["", " ", "coder", "Coder", "critic", "you", "user", "été 2", "no/slash", "-", "x" * 150]


def node(node_id: str, kind: str, name: str = "", parent: str | None = None, x: float = 0, y: float = 0, **config: Any) -> Node:
    return Node(id=node_id, kind=kind, name=name or node_id, parent=parent, config=config, position=Position(x=x, y=y))


def wire(kind: str, source: str, target: str) -> Edge:
    return Edge(id=f"e_{kind}_{source}_{target}", kind=kind, source=source, target=target)  # type: ignore[arg-type]


def drawing(*items: Node | Edge, **facts: Any) -> FlowDocument:
    nodes = tuple(item for item in items if isinstance(item, Node))
    return FlowDocument(nodes=nodes, edges=tuple(item for item in items if isinstance(item, Edge)), **facts)


def two_agents(**team: Any) -> FlowDocument:
    """A team of coder and critic with a model of its own and a stop rule: nothing is wrong with it."""
    return drawing(
        node("t", "team", "desk", **team),
        node("a", "assistant", "coder", "t", system_message="You write. Say DONE at the end."),
        node("b", "assistant", "critic", "t", system_message="You judge."),
        node("m", "openai", "model", model="m1", account="local"),
        node("s", "text_mention", "stop", "t", text="DONE"),
        wire("model", "m", "t"),
    )


words = st.sampled_from([*NAMES, "DONE", "TERMINATE", "openai"])
scalars = st.one_of(st.none(), st.booleans(), st.integers(-5, 200_000), st.floats(allow_nan=False, allow_infinity=False, width=32), words)
nested = st.fixed_dictionaries(
    {"kind": st.sampled_from(["auto", "docker", "local", "round_robin", "model_choice", "follow_edges", "manual", "nope"])},
    optional={"timeout": scalars, "image": scalars, "seed": scalars},
)
values = st.one_of(scalars, st.lists(words, max_size=3), st.dictionaries(words, st.one_of(scalars, st.lists(words)), max_size=3), nested)
FIELDS = [
    *("description", "system_message", "handoffs", "max_tool_rounds", "input_mode", "executor", "sources", "selection", "max_turns"),
    *("script", "words_per_second", "source", "approval", "text", "target", "seconds", "total", "dollars", "max_messages", "model"),
    *("name", "a.b", "executor.timeout", "participants", "extra", "temperature"),
]
configs = st.dictionaries(st.sampled_from(FIELDS), values, max_size=4)
places = st.builds(Position, x=st.integers(-2000, 2000), y=st.integers(-2000, 2000))
sizes = st.one_of(st.none(), st.builds(Size, width=st.integers(1, 900), height=st.integers(1, 900)))
parents = st.one_of(st.none(), st.sampled_from([*IDS, "gone"]))


def nodes(ids: st.SearchStrategy[str]) -> st.SearchStrategy[Node]:
    return st.builds(Node, id=ids, kind=st.sampled_from(KINDS), name=words, config=configs, position=places, size=sizes, parent=parents)


edges = st.builds(
    Edge,
    id=st.sampled_from([f"e{number}" for number in range(14)]),
    kind=st.sampled_from(["model", "tool", "stop", "speaks"]),
    source=st.sampled_from([*IDS, "gone"]),
    target=st.sampled_from([*IDS, "gone"]),
)

any_document = st.builds(
    FlowDocument,
    nodes=st.lists(nodes(st.sampled_from(IDS)), max_size=9).map(tuple),
    edges=st.lists(edges, max_size=14).map(tuple),
)
"""Whatever the schema lets through, with ids that occur twice and members of nothing."""

wellformed_document = st.builds(
    FlowDocument,
    nodes=st.lists(nodes(st.sampled_from(IDS)), max_size=9, unique_by=lambda item: item.id).map(tuple),
    edges=st.lists(edges, max_size=14, unique_by=lambda item: item.id).map(tuple),
).filter(lambda document: too_much(document) is None)
"""What can be stored: ids occur once and not too much lies within itself, everything else may be wrong."""


@st.composite
def tidy_document(draw: st.DrawFn) -> FlowDocument:
    """What somebody could have drawn: one team or none, wires that mostly fit, fields at their defaults."""
    team = draw(st.sampled_from([None, "n0"]))
    kinds = draw(st.lists(st.sampled_from([item.kind for item in DRAWN if item.kind != "team"]), min_size=1, max_size=7))
    drawn = [Node(id="n0", kind="team", name="team", config=draw(st.sampled_from(SELECTIONS)))] if team else []
    for number, kind in enumerate(kinds, start=1):
        lies_in = team if draw(st.booleans()) else None
        drawn.append(Node(id=f"n{number}", kind=kind, name=f"{kind}_{number}", parent=lies_in, position=draw(places)))
    wires = draw(st.lists(edges, max_size=10, unique_by=lambda item: item.id))
    return FlowDocument(nodes=tuple(drawn), edges=tuple(wires))


SELECTIONS: list[dict[str, Any]] = [{}, {"selection": {"kind": "model_choice"}}, {"selection": {"kind": "follow_edges"}}]

coordinates = st.integers(-3000, 3000)
raw_edits: st.SearchStrategy[dict[str, Any]] = st.deferred(
    lambda: st.one_of(
        st.fixed_dictionaries(
            {
                "type": st.just("add"),
                "nodes": st.lists(
                    nodes(st.sampled_from([*IDS, "p0", "p1", "p2"])).map(lambda item: item.model_dump(mode="json")), max_size=3
                ),
                "edges": st.lists(edges.map(lambda item: item.model_dump(mode="json")), max_size=2),
            }
        ),
        st.fixed_dictionaries(
            {
                "type": st.just("remove"),
                "nodes": st.lists(st.sampled_from(IDS), max_size=3),
                "edges": st.lists(st.sampled_from([f"e{number}" for number in range(14)]), max_size=2),
            }
        ),
        st.fixed_dictionaries(
            {
                "type": st.just("move"),
                "moves": st.lists(
                    st.fixed_dictionaries({"id": st.sampled_from(IDS), "x": coordinates, "y": coordinates}, optional={"parent": parents}),
                    max_size=3,
                ),
            }
        ),
        st.fixed_dictionaries(
            {
                "type": st.just("resize"),
                "id": st.sampled_from(IDS),
                "x": coordinates,
                "y": coordinates,
                "width": st.integers(-1, 900),
                "height": st.integers(1, 900),
            }
        ),
        st.fixed_dictionaries({"type": st.just("connect"), "edge": edges.map(lambda item: item.model_dump(mode="json"))}),
        st.fixed_dictionaries(
            {
                "type": st.just("configure"),
                "id": st.sampled_from(IDS),
                "values": st.dictionaries(st.sampled_from([*FIELDS, "executor.kind", "selection.kind"]), values, max_size=3),
            }
        ),
        st.fixed_dictionaries({"type": st.just("rename"), "id": st.sampled_from(IDS), "name": words}),
        st.fixed_dictionaries({"type": st.just("rekind"), "id": st.sampled_from(IDS), "kind": st.sampled_from(KINDS)}),
        st.fixed_dictionaries(
            {"type": st.just("reorder"), "id": st.sampled_from(IDS), "before": st.one_of(st.none(), st.sampled_from(IDS))}
        ),
        st.fixed_dictionaries(
            {"type": st.just("describe")},
            optional={"name": words, "description": words, "sample_tasks": st.lists(words, max_size=2)},
        ),
        st.fixed_dictionaries({"type": st.just("replace"), "document": any_document.map(lambda item: item.model_dump(mode="json"))}),
        st.fixed_dictionaries({"type": st.just("several"), "edits": st.lists(raw_edits, max_size=3)}),
    )
)


def changed(document: FlowDocument, /, **raw: Any) -> FlowDocument:
    """The document after an edit that can be undone."""
    applied = apply_edit(document, parse_edit(raw))
    inverse = parse_edit(json.loads(json.dumps(applied.inverse.model_dump(mode="json"))))
    assert apply_edit(applied.document, inverse).document == document
    return applied.document


def refusal(document: FlowDocument, /, **raw: Any) -> EditRefused:
    """Why an edit is refused."""
    with pytest.raises(EditRefused) as caught:
        apply_edit(document, parse_edit(raw))
    return caught.value
