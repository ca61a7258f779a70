"""Flowcharts: every line is one that Mermaid's grammar has, whatever people wrote into the flow."""

from __future__ import annotations

import json
import re

import pytest
from drawn_flows import flows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.kinds import DRAWN
from studio.formats.mermaid.labels import RESERVED, names
from studio.formats.mermaid.write import losses, to_mermaid
from studio.library.templates import template, templates

NAME = r"[a-z][a-z0-9_]*"
LABEL = r'"(?:[^"#&<>;{}%`\[\]|\\:\n]|<br/>|#\d+;)+"'
SHAPES = (r"\({}\)", r"\(\[{}\]\)", r"\[\[{}\]\]", r"\[/{}/\]", r"\[\({}\)\]", r"\{{\{{{}\}}\}}", r">{}\]", r"\[{}\]")
LINES = (
    *(rf" +(?P<node>{NAME}){shape.format(LABEL)}(?::::(?:human|note))?" for shape in SHAPES),
    rf" +subgraph (?P<team>{NAME})\[{LABEL}\]",
    r" +(?P<end>end)",
    rf"  (?P<source>{NAME}) (?:(?:-->|-\.-x)(?:\|{LABEL}\|)?|-\.->) (?P<target>{NAME})",
    r"  classDef (?:human|note) [a-z0-9:\- ]+",
)
STATEMENT = [re.compile(line) for line in LINES]


def check(chart: str) -> None:
    """Reads a chart by the grammar above: names are there once, boxes end, arrows join what is there."""
    lines = chart.splitlines()
    assert [lines[0], lines[2], lines[3]] == ["---", "---", "flowchart LR"]
    assert json.loads(lines[1].removeprefix("title: "))
    known: set[str] = set()
    arrows: list[tuple[str, str]] = []
    depth = 0
    for line in lines[4:]:
        found = next((match for match in (each.fullmatch(line) for each in STATEMENT) if match), None)
        assert found is not None, line
        said = found.groupdict()
        if name := said.get("node") or said.get("team"):
            assert name not in known | RESERVED
            known.add(name)
        if said.get("source"):
            arrows.append((said["source"], said["target"]))
        depth += bool(said.get("team")) - bool(said.get("end"))
        assert depth >= 0
    assert depth == 0
    assert {end for arrow in arrows for end in arrow} <= known


@pytest.mark.parametrize("name", [each.id for each in templates()])
def test_every_template_becomes_a_chart(name: str) -> None:
    found = template(name)
    assert found is not None
    check(to_mermaid(found.document))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(flows())
def test_any_flow_becomes_a_chart(flow: FlowDocument) -> None:
    check(to_mermaid(flow))
    assert all(finding.text for finding in losses(flow))


HOSTILE = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(
    [
        'end"]\nclick a call alert()',
        "%%{init: {}}%%",
        "direction TB",
        "style a fill:#f00;",
        "<img src=x onerror=alert(1)>",
        "`**x**`",
        "end",
        "graph",
        "---",
        "a & b --> c",
        "\u202e\u0000",
        "你好 #quot;",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([each.kind for each in DRAWN] + ["strange"]), HOSTILE, HOSTILE), max_size=6), HOSTILE)
def test_no_text_leaves_its_quotes(things: list[tuple[str, str, str]], title: str) -> None:
    nodes = tuple(
        Node(id=f"n_{number}", kind=kind, name=name, config={"description": says, "text": says, "system_message": says, "model": says})
        for number, (kind, name, says) in enumerate(things)
    )
    edges = tuple(
        Edge(id=f"e_{number}", kind="speaks", source="n_0", target=f"n_{number}", config={"condition": says})
        for number, (_, _, says) in enumerate(things)
    )
    flow = FlowDocument(name=title, nodes=nodes, edges=edges)
    check(to_mermaid(flow))
    losses(flow)


def test_words_of_the_language_are_no_names() -> None:
    given_names = names(
        [("1", "end", "agent"), ("2", "End", "agent"), ("3", "研究员", "agent"), ("4", "2nd", "agent"), ("5", "Ann B.", "agent")]
    )
    assert given_names == {"1": "agent", "2": "agent_2", "3": "agent_3", "4": "agent_4", "5": "ann_b"}


def test_teams_lie_in_teams_and_no_arrow_joins_a_box_with_what_it_holds() -> None:
    nodes = (
        Node(id="n_t", kind="team", name="outer"),
        Node(id="n_i", kind="society", name="inner", parent="n_t"),
        Node(id="n_a", kind="assistant", name="ann", parent="n_i", config={"system_message": "You are ann."}),
        Node(id="n_s", kind="max_turns", parent="n_t", config={"max_turns": 3}),
    )
    wires = (Edge(id="e_s", kind="stop", source="n_s", target="n_t"),)
    chart = to_mermaid(FlowDocument(name="Nested", nodes=nodes, edges=wires))
    check(chart)
    lines = [line.strip() for line in chart.splitlines()]
    outer = next(index for index, line in enumerate(lines) if line.startswith("subgraph outer"))
    assert [line.partition("[")[0].partition("(")[0].partition("{")[0] for line in lines[outer:]] == [
        "subgraph outer", "subgraph inner", "ann", "end", "condition", "end",
    ]  # fmt: skip


def test_what_the_chart_does_not_show_is_said_with_its_node() -> None:
    nodes = (
        Node(id="n_t", kind="team", name="team", config={"max_turns": 7}),
        Node(id="n_a", kind="assistant", name="ann", parent="n_t", config={"system_message": "You are ann."}),
        Node(id="n_h", kind="human", name="bob", parent="n_t", config={"input_mode": "always"}),
        Node(id="n_m", kind="openai", config={"model": "gpt-5-mini", "account": "openai"}),
        Node(id="n_s", kind="text_mention", parent="n_t", config={"text": "DONE"}),
    )
    found = losses(FlowDocument(name="Two", nodes=nodes))
    by_node = {finding.nodes: finding.text for finding in found}
    assert "System message" in by_node["n_a",]
    assert ("n_t",) in by_node
    assert not {("n_m",), ("n_s",), ("n_h",)} & by_node.keys()
    assert any(finding.code == "lost_way_back" and "svg" in finding.remedy for finding in found)


def test_who_may_not_speak_next_is_an_arrow_with_a_cross() -> None:
    nodes = (
        Node(id="n_t", kind="team", name="team", config={"transitions_type": "disallowed", "selection": {"kind": "manual"}}),
        *(Node(id=f"n_{name}", kind="assistant", name=name, parent="n_t") for name in ("ann", "bob")),
    )
    chart = to_mermaid(FlowDocument(name="Crossed", nodes=nodes, edges=(Edge(id="e", kind="speaks", source="n_ann", target="n_bob"),)))
    check(chart)
    assert 'ann -.-x|"not next"| bob' in chart
