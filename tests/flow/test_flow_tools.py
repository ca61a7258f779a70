"""Tools in the drawing: what is checked about them, what a node says of them, and their forms."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.engine.tools.files import Files
from studio.engine.tools.http_tool import HttpTool
from studio.engine.tools.web_search import WebSearch
from studio.flow.catalogue import fields, validate_config
from studio.flow.checks.check import check
from studio.flow.checks.problem import Problem
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.edits import apply_edit
from studio.flow.resolve import resolve
from studio.flow.view import graph_view
from studio.formats.convene_python.write import to_python

PETS = json.dumps(
    {
        "openapi": "3.0.0",
        "servers": [{"url": "https://pets.example"}],
        "paths": {"/pets": {"get": {"summary": "All pets."}}, "/pet": {"post": {}}},
    }
)


def drawn(*tools: tuple[str, dict[str, Any]]) -> FlowDocument:
    """One assistant with a practice model and these tools."""
    nodes = [Node(id=f"n_t{at}", kind=kind, name=f"tool {at}", config=config) for at, (kind, config) in enumerate(tools)]
    wires = [Edge(id=f"e_t{at}", kind="tool", source=node.id, target="n_a") for at, node in enumerate(nodes)]
    team = Node(id="n_team", kind="team", name="team", config={"max_turns": 1})
    agent, model = Node(id="n_a", kind="assistant", name="a", parent="n_team"), Node(id="n_m", kind="practice", name="m")
    return FlowDocument(nodes=(team, agent, model, *nodes), edges=(Edge(id="e_m", kind="model", source="n_m", target="n_a"), *wires))


def found(code: str, *tools: tuple[str, dict[str, Any]]) -> list[Problem]:
    return [problem for problem in check(drawn(*tools)) if problem.code == code]


@pytest.mark.parametrize(
    ("kind", "config", "said"),
    [
        ("http_tool", {}, "no address"),
        ("openapi_tool", {}, "no document yet"),
        ("openapi_tool", {"document": PETS, "operations": ["GET /cats"]}, "no operation 'GET /cats'"),
        ("openapi_tool", {"document": '{"openapi": "3.0.0", "paths": {"/x": {"get": {}}}}'}, "at which address"),
    ],
)
def test_a_tool_that_offers_nothing_is_an_error(kind: str, config: dict[str, Any], said: str) -> None:
    (problem,) = found("tool_unusable", (kind, config))
    assert problem.level == "error"
    assert said in problem.text


def test_tools_that_are_ready_are_fine() -> None:
    ready = [
        ("http_tool", {"url": "https://a.example/"}),
        ("openapi_tool", {"document": PETS}),
        ("web_page", {}),
        ("web_search", {}),
        ("files", {}),
        ("shell", {}),
    ]
    assert not [problem for problem in check(drawn(*ready)) if problem.level == "error"]


@pytest.mark.parametrize(
    ("headers", "is_key"),
    [
        ({"Authorization": "Bearer abc"}, True),
        ({"X-Api-Key": "abc"}, True),
        ({"X-Note": "sk-abcdefghijklmnopqrst"}, True),
        ({"Authorization": "Bearer ${weather}"}, False),
        ({"Authorization": "Bearer {token}"}, False),
        ({"Accept": "application/json", "X-Monkey": "banana"}, False),
    ],
)
def test_a_key_that_is_written_into_a_request_is_seen(headers: dict[str, str], is_key: bool) -> None:
    problems = found("key_in_flow", ("http_tool", {"url": "https://a.example/", "headers": headers}))
    assert bool(problems) is is_key
    assert not any(value in problem.text for problem in problems for value in headers.values())


def test_the_network_without_asking_is_a_hint_and_the_repair_makes_it_ask() -> None:
    flow = drawn(("web_page", {}), ("web_search", {}), ("files", {}), ("http_tool", {"url": "https://a.example/", "approval": "always"}))
    (hint,) = [problem for problem in check(flow) if problem.code == "network_tool"]
    assert (hint.level, set(hint.nodes)) == ("hint", {"n_t0", "n_t1"})
    assert hint.repair is not None
    repaired = apply_edit(flow, hint.repair).document
    assert not [problem for problem in check(repaired) if problem.code == "network_tool"]


@pytest.mark.parametrize(
    ("kind", "config", "host"),
    [
        ("web_page", {"private_hosts": ["localhost:8000"]}, "localhost:8000"),
        ("http_tool", {"url": "http://127.0.0.1/", "private_hosts": ["127.0.0.1"]}, "127.0.0.1"),
        ("web_search", {"provider": {"kind": "searxng", "url": "http://nas:8080", "private": True}}, "http://nas:8080"),
    ],
)
def test_a_way_into_a_private_network_is_shown(kind: str, config: dict[str, Any], host: str) -> None:
    (problem,) = found("network_tool", (kind, config | {"approval": "always"}))
    assert problem.level == "warning"
    assert host in problem.text


def test_two_tools_of_one_name_are_found_whatever_their_kind() -> None:
    source = 'def read_page(url: str) -> str:\n    """Read."""\n    return url\n'
    (problem,) = found("tool_twice", ("web_page", {}), ("python_tool", {"source": source}))
    assert "read_page" in problem.text
    assert not found("tool_twice", ("web_page", {}), ("web_search", {}), ("files", {}))
    assert len(found("tool_twice", ("files", {}), ("files", {"access": "read"}))) == 3


def test_nodes_say_what_their_tools_are() -> None:
    view = graph_view(
        drawn(
            ("http_tool", {"url": "https://a.example/", "description": "The weather."}),
            ("openapi_tool", {"document": PETS}),
            ("web_search", {"provider": {"kind": "tavily"}}),
            ("files", {}),
        ),
        (),
    )
    nodes = {node["id"]: node for node in view["nodes"]}
    assert [nodes[f"n_t{at}"]["line"] for at in range(4)] == [
        "The weather.",
        "2 functions, such as get_pets",
        "Tavily",
        "Reads and writes files in the run's folder",
    ]
    assert "call_service" in nodes["n_a"]["chips"]


def test_operations_are_chosen_from_the_document() -> None:
    spec = {each.name: each for each in fields("openapi_tool", {"document": PETS})}
    assert (spec["operations"].type, spec["document"].type) == ("choices", "document")
    assert [(one["value"], one["help"]) for one in spec["operations"].choices] == [("GET /pets", "All pets."), ("POST /pet", "POST /pet")]
    assert {each.name: each for each in fields("openapi_tool", {"document": "{"})}["operations"].choices == ()


def test_the_form_of_a_search_is_that_of_its_provider() -> None:
    names = [each.name for each in fields("web_search", {"provider": {"kind": "google_search"}})]
    assert names[:3] == ["provider.kind", "provider.account", "provider.engine"]
    (kind, *_) = fields("web_search", {})
    assert [one["value"] for one in kind.choices] == ["duckduckgo", "tavily", "brave", "serper", "google_search", "searxng"]


@pytest.mark.parametrize(
    ("kind", "config", "field"),
    [
        ("http_tool", {"url": "https://{host}/"}, "url"),
        ("http_tool", {"headers": {"Host": "x"}}, "headers"),
        ("web_page", {"private_hosts": ["http://x"]}, "private_hosts"),
        ("openapi_tool", {"document": "{"}, "document"),
        ("web_search", {"provider": {"kind": "searxng", "url": "nas"}}, "provider.url"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(kind: str, config: dict[str, Any], field: str) -> None:
    assert field in validate_config(kind, config)


def test_tools_come_out_of_the_exported_program_as_they_were_drawn() -> None:
    flow = drawn(
        (
            "http_tool",
            {
                "url": "https://a.example/{city}",
                "headers": {"Authorization": "Bearer ${weather}"},
                "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
            },
        ),
        ("web_search", {"provider": {"kind": "searxng", "url": "https://s.example", "private": True}}),
        ("files", {"access": "read"}),
    )
    program: dict[str, Any] = {"__name__": "exported"}
    exec(to_python(flow).text, program)
    (agent,) = resolve(flow).participants
    assert program["team"].participants[0].tools == agent.tools  # type: ignore[attr-defined]
    assert [type(tool) for tool in agent.tools] == [HttpTool, WebSearch, Files]  # type: ignore[attr-defined]


def test_a_tool_that_cannot_be_held_to_a_schema_is_a_problem_with_a_repair() -> None:
    source = 'def use(options: dict) -> str:\n    """Use."""\n    return ""\n'
    document = FlowDocument(nodes=(Node(id="n_tool", kind="python_tool", name="use", config={"source": source, "strict": True}),))
    (found,) = [each for each in check(document) if each.code == "tool_unusable"]
    assert (found.nodes, found.field) == (("n_tool",), "strict")
    assert found.repair is not None
    repaired = apply_edit(document, found.repair).document
    assert "tool_unusable" not in {each.code for each in check(repaired)}
    broken = FlowDocument(nodes=(document.nodes[0].model_copy(update={"config": {"source": "def", "strict": True}}),))
    assert [each.code for each in check(broken) if each.field in ("source", "strict")] == ["tool_source"]
