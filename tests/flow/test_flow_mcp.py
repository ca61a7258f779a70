"""MCP servers in a drawing: what is wrong with one, what its node says, and the Python that it becomes."""

from __future__ import annotations

from typing import Any

import pytest

from studio.engine import Assistant, McpServer, Stdio, Team
from studio.flow.checks import check
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.resolve import resolve
from studio.flow.wires import Drawing
from studio.flow.words import line
from studio.formats.convene_python.write import to_python


def flow(**config: Any) -> FlowDocument:
    nodes = (
        Node(id="n_team", kind="team", name="team", config={"max_turns": 3}),
        Node(id="n_ann", kind="assistant", name="ann", parent="n_team", config={"system_message": "You sell."}),
        Node(id="n_model", kind="practice", name="model", config={}),
        Node(id="n_shop", kind="mcp", name="shop", config=config),
    )
    edges = (
        Edge(id="e_model", kind="model", source="n_model", target="n_team"),
        Edge(id="e_tool", kind="tool", source="n_shop", target="n_ann"),
    )
    return FlowDocument(name="Shop", nodes=nodes, edges=edges)


def said(document: FlowDocument) -> list[tuple[str, str | None]]:
    found = [each for each in check(document) if each.code == "mcp_server"]
    assert all(each.text and each.hint for each in found)
    return [(each.level, each.field) for each in found]


REMOTE = {"kind": "sse", "url": "https://example.com/sse"}
NPX = {"kind": "stdio", "command": "npx", "args": ["-y", "shop"]}


@pytest.mark.parametrize(
    ("config", "problems"),
    [
        ({}, [("error", "transport.command")]),
        ({"transport": {"kind": "sse"}}, [("error", "transport.url")]),
        ({"transport": NPX}, [("hint", "transport.kind")]),
        ({"transport": REMOTE}, []),
        ({"transport": {**REMOTE, "headers": {"Authorization": "Bearer sk-1"}}}, [("warning", "transport.headers")]),
        ({"transport": {**REMOTE, "headers": {"Authorization": "Bearer ${shop}"}}}, []),
        (
            {"transport": {**NPX, "environment": {"SHOP_TOKEN": "abc", "SHOP_KEY": "", "MODE": "fast"}}},
            [("hint", "transport.kind"), ("warning", "transport.environment")],
        ),
        ({"transport": {"kind": "sse", "url": "nonsense"}}, []),
        ({"transport": 7}, []),
    ],
)
def test_what_is_wrong_with_a_server_is_said_where_it_stands(config: dict[str, Any], problems: list[tuple[str, str]]) -> None:
    assert sorted(said(flow(**config))) == sorted(problems)


def test_a_field_that_does_not_fit_is_named_by_the_rule_for_fields() -> None:
    codes = {each.code for each in check(flow(transport={"kind": "sse", "url": "nonsense"}))}
    assert "bad_field" in codes


def test_the_node_says_what_it_reaches() -> None:
    for config, words in (
        ({"transport": NPX}, "npx"),
        ({"transport": REMOTE}, "https://example.com/sse"),
        ({}, ""),
    ):
        document = flow(**config)
        shop = document.node("n_shop")
        assert shop is not None
        assert line(shop, Drawing(document)) == words


def test_a_server_becomes_python_and_the_same_tool() -> None:
    config = {
        "transport": {**NPX, "environment": {"KEY": "${shop}"}},
        "allow": ["add"],
        "approval": "matching",
        "approval_pattern": ["delete_*"],
    }
    document = flow(**config)
    source = to_python(document).text
    namespace: dict[str, Any] = {"__name__": "flow"}
    exec(compile(source, "main.py", "exec", dont_inherit=True), namespace)
    (team,) = (value for value in namespace.values() if isinstance(value, Team))
    drawn = resolve(document)
    assert team.model_dump(mode="json") == drawn.model_dump(mode="json")
    ann = team.participants[0]
    assert isinstance(ann, Assistant)
    (tool,) = ann.tools
    assert tool == McpServer(
        transport=Stdio(command="npx", args=("-y", "shop"), environment={"KEY": "${shop}"}),
        allow=("add",),
        approval="matching",
        approval_pattern=("delete_*",),
    )
