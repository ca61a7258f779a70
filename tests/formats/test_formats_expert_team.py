"""An agent that has teams made up: whole in our own program and file, and said to be left out everywhere else."""

from __future__ import annotations

import pytest

from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.layout import place
from studio.formats.convene_python.file import to_file
from studio.formats.convene_python.read import from_python
from studio.formats.convene_python.write import to_python
from studio.formats.targets import TARGETS

CONFIG = {"max_teams": 2, "show_first": True, "experts": {"ann": "You are ann."}}


def drawn() -> FlowDocument:
    nodes = (
        Node(id="n_t", kind="team", name="team"),
        Node(id="n_a", kind="assistant", name="captain", parent="n_t"),
        Node(id="n_m", kind="openai", name="model", config={"model": "gpt-4o-mini", "account": "lab"}),
        Node(id="n_x", kind="expert_team", name="experts", config=CONFIG),
        Node(id="n_s", kind="max_turns", name="turns", parent="n_t", config={"max_turns": 3}),
    )
    wires = (Edge(id="e1", kind="model", source="n_m", target="n_t"), Edge(id="e2", kind="tool", source="n_x", target="n_a"))
    return place(FlowDocument(name="Captain", nodes=nodes, edges=wires))


def test_our_own_program_says_it_and_brings_it_back() -> None:
    code = to_python(drawn()).text
    assert 'ExpertTeam(max_teams=2, show_first=True, experts={"ann": "You are ann."})' in code
    (tool,) = (node for node in from_python(code).document.nodes if node.kind == "expert_team")
    assert tool.config == CONFIG
    assert from_python(to_file(drawn())).document == drawn()


@pytest.mark.parametrize("target", ["autogen", "classic", "agent-framework", "autogen-json"])
def test_others_say_what_to_do_instead(target: str) -> None:
    (lost,) = (each for each in TARGETS[target].losses(drawn()) if "experts" in each.text)
    assert lost.level == "decision"
    assert "a team of its own as a tool" in lost.text
