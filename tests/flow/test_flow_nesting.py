"""What lies in what: drawings that could not be gone through in bounded time are refused where they are read, drawn and brought in."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import pytest

from studio.engine.errors import ConveneError
from studio.flow.checks.check import check
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.edits.apply import apply_edit
from studio.flow.edits.model import Connect, EditRefused
from studio.flow.findings import Imported, ImportReport
from studio.flow.nesting import MAX_NESTED
from studio.flow.upgrade import FlowFileError, read_document
from studio.flow.view import graph_view
from studio.formats.recognise import Brought
from studio.formats.targets import offered


def drawing(nodes: Iterable[Node], wires: Iterable[tuple[str, str, str]] = ()) -> FlowDocument:
    edges = tuple(Edge(id=f"e_{number}", kind=kind, source=source, target=target) for number, (kind, source, target) in enumerate(wires))
    return FlowDocument(name="Odd", nodes=tuple(nodes), edges=edges)


def nodes(count: int, kind: str, **facts: Any) -> list[Node]:
    return [Node(id=f"n_{number}", kind=kind, name=f"a{number}", **facts) for number in range(count)]


def rules_in_the_next_two(count: int) -> FlowDocument:
    wires = [("stop", f"n_{one}", f"n_{other}") for one in range(count) for other in (one + 1, one + 2) if other < count]
    return drawing(nodes(count, "any_of"), wires)


def teams_in_teams(count: int) -> FlowDocument:
    return drawing(
        node.model_copy(update={"parent": f"n_{number - 1}" if number else None}) for number, node in enumerate(nodes(count, "team"))
    )


def each_in_each(count: int, kind: str, wire: str) -> FlowDocument:
    return drawing(nodes(count, kind), [(wire, f"n_{one}", f"n_{other}") for one in range(count) for other in range(count) if one != other])


TOO_MUCH = {
    "rules that double": (rules_in_the_next_two(60), "parts"),
    "rules one within the other": (
        drawing(nodes(1_900, "any_of"), [("stop", f"n_{each}", f"n_{each + 1}") for each in range(1_899)]),
        "deep",
    ),
    "teams one within the other": (teams_in_teams(1_900), "deep"),
    "tools of each other": (each_in_each(5, "assistant", "tool"), "part of itself"),
    "rules within each other": (each_in_each(5, "any_of", "stop"), "part of itself"),
}


@pytest.mark.parametrize("what", TOO_MUCH)
def test_what_could_not_be_gone_through_is_refused_at_once(what: str) -> None:
    document, why = TOO_MUCH[what]
    began = time.process_time()
    with pytest.raises(FlowFileError, match=why):
        read_document(json.dumps(document.model_dump(mode="json")))
    with pytest.raises(ConveneError, match=why):
        Brought((Imported(document, ImportReport("")),))
    assert time.process_time() - began < 5


def test_a_wire_that_would_be_too_much_is_refused() -> None:
    rules = rules_in_the_next_two(18)
    document = rules.model_copy(update={"nodes": (*rules.nodes, Node(id="n_x", kind="any_of", name="x"))})

    def wired(before: FlowDocument, source: str) -> FlowDocument:
        return apply_edit(before, Connect(edge=Edge(id=f"e_{source}_x", kind="stop", source=source, target="n_x"))).document

    document = wired(document, "n_15")
    with pytest.raises(EditRefused, match="parts"):
        wired(wired(document, "n_16"), "n_17")


def test_what_lies_as_deep_as_it_may_is_gone_through() -> None:
    document = read_document(json.dumps(teams_in_teams(MAX_NESTED).model_dump(mode="json")))
    assert graph_view(document, check(document))["nodes"]


@pytest.mark.parametrize(("kind", "wire"), [("assistant", "tool"), ("any_of", "stop"), ("fallback", "model")])
def test_a_circle_is_a_mistake_that_is_told(kind: str, wire: str) -> None:
    loose = [Node(id="n_t", kind="team", name="team"), Node(id="n_a", kind="assistant", name="ann", parent="n_t")]
    target = {"tool": "n_a", "stop": "n_t", "model": "n_t"}[wire]
    circle = [(wire, "n_0", "n_1"), (wire, "n_1", "n_0"), (wire, "n_0", target)]
    document = read_document(json.dumps(drawing([*nodes(2, kind), *loose], circle).model_dump(mode="json")))
    assert graph_view(document, check(document))["nodes"]
    for each in offered():
        each.losses(document)
        with suppress(ConveneError):
            each.write(document)
