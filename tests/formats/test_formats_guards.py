"""Guards of whoever speaks in what flows are written as: our own code brings them back, everything else says that they are lost."""

from __future__ import annotations

from typing import Any

import pytest

from studio.engine.guards import Guard
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.resolve import resolve
from studio.formats.convene_python.file import to_file
from studio.formats.convene_python.read import from_python
from studio.formats.targets import target

ROWS = [{"what": "refund", "looks_at": "heard", "hand_to": "clerk"}, {"what": "Is it rude?", "how": "model"}]
WHO: dict[str, dict[str, Any]] = {
    "human": {},
    "code_runner": {"executor": {"kind": "docker"}},
    "python_agent": {},
    "society": {},
    "team": {},
}


def flow(kind: str) -> FlowDocument:
    nodes = [
        Node(id="n_t", kind="team", name="desk"),
        Node(id="n_a", kind="assistant", name="clerk", parent="n_t"),
        Node(id="n_g", kind=kind, name="guarded", parent="n_t", config=WHO[kind] | {"guards": ROWS}),
        Node(id="n_m", kind="openai", name="model", config={"model": "gpt-4o"}),
    ]
    if kind in ("society", "team"):
        nodes.append(Node(id="n_i", kind="assistant", name="inner", parent="n_g"))
    return FlowDocument(name="Guarded", nodes=tuple(nodes), edges=(Edge(id="e", kind="model", source="n_m", target="n_t"),))


@pytest.mark.parametrize("kind", WHO)
def test_guards_of_whoever_speaks_are_resolved_and_come_back_from_our_own_code(kind: str) -> None:
    drawn = flow(kind)
    assert resolve(drawn).participants[1].guards == tuple(Guard(**row) for row in ROWS)  # type: ignore[attr-defined]
    back = next(node for node in from_python(to_file(drawn)).document.nodes if node.name == "guarded")
    assert [Guard(**row) for row in back.config["guards"]] == [Guard(**row) for row in ROWS]


@pytest.mark.parametrize("name", ["autogen", "classic", "agent-framework", "autogen-json"])
@pytest.mark.parametrize("kind", WHO)
def test_guards_that_are_left_out_are_a_decision_whoever_has_them(kind: str, name: str) -> None:
    told = [finding for finding in target(name).losses(flow(kind)) if "n_g" in finding.nodes and finding.level == "decision"]
    assert told, name
    assert any("guard" in finding.text or "left_out" in finding.code for finding in told)
