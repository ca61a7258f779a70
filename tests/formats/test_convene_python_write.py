"""Flows as Python: read like a person's, mean the same, and show where every node is."""

from __future__ import annotations

import ast
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from drawn_flows import flows
from hypothesis import HealthCheck, given, settings
from ruff import find_ruff_bin

from studio.engine.agents.assistant import Assistant
from studio.engine.errors import FlowError
from studio.engine.guards import Guard
from studio.engine.teams.team import Team
from studio.engine.tools.team_tool import TalkingTool
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.resolve import resolve
from studio.formats.convene_python.file import to_file
from studio.formats.convene_python.read import from_python
from studio.formats.convene_python.write import PythonSource, to_python
from studio.library.templates import template, templates

GOLDEN = Path(__file__).parent.parent / "golden"


def team_in(source: str) -> Team:
    """The team that a program makes when it is imported."""
    namespace: dict[str, Any] = {"__name__": "flow"}
    exec(compile(source, "main.py", "exec", dont_inherit=True), namespace)
    *_, team = (value for value in namespace.values() if isinstance(value, Team))
    return team


def meaning(team: Team) -> Any:
    """A team as data. A function and the text of the same function are the same tool: what a model sees of them, and who is asked."""
    tools: list[Any] = []
    return _without_tools(team, tools).model_dump(mode="json"), tools


def _without_tools(agent: Any, tools: list[Any]) -> Any:
    if isinstance(agent, Team):
        return agent.model_copy(update={"participants": tuple(_without_tools(each, tools) for each in agent.participants)})
    if not isinstance(agent, Assistant):
        return agent
    for tool in agent.tools:
        if isinstance(tool, TalkingTool):
            tools.append(_without_tools(tool.spoken_to, tools).model_dump(mode="json"))
        else:
            tools.append((tool.schemas({}), tool.needs_approval("", "{}")))
    return agent.model_copy(update={"tools": ()})


def document(*nodes: Node, edges: tuple[tuple[str, str, str], ...] = (), **fields: Any) -> FlowDocument:
    wires = tuple(Edge(id=f"e_{at}", kind=kind, source=source, target=target) for at, (kind, source, target) in enumerate(edges))  # type: ignore[arg-type]
    return FlowDocument(nodes=nodes, edges=wires, **fields)


def with_openai(flow: FlowDocument, **config: Any) -> FlowDocument:
    """The flow with an OpenAI model wherever it practises."""
    nodes = tuple(
        node.model_copy(update={"kind": "openai", "name": "model", "config": config}) if node.kind == "practice" else node
        for node in flow.nodes
    )
    return flow.model_copy(update={"nodes": nodes})


def shown(source: PythonSource, node: str) -> str:
    """The lines of a node."""
    lines = source.text.splitlines()
    return "\n".join(line for first, last in source.lines[node] for line in lines[first - 1 : last])


@pytest.mark.parametrize("name", [each.id for each in templates()])
def test_a_template_becomes_the_python_that_we_keep(name: str) -> None:
    """CONVENE_WRITE_GOLDEN=1 writes the files anew; read the difference before you keep it."""
    found = template(name)
    assert found is not None
    source = to_python(found.document).text
    path = GOLDEN / f"{name}.py"
    if os.environ.get("CONVENE_WRITE_GOLDEN"):
        path.write_text(source, "utf-8")
    assert source == path.read_text("utf-8")


def test_there_is_no_golden_file_too_many() -> None:
    assert {path.stem for path in GOLDEN.glob("*.py")} == {each.id for each in templates()}


@pytest.mark.parametrize("name", [each.id for each in templates()])
def test_a_template_as_python_is_the_same_team(name: str) -> None:
    found = template(name)
    assert found is not None
    assert meaning(team_in(to_python(found.document).text)) == meaning(resolve(found.document))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(flows())
def test_any_flow_as_python_is_clean_and_the_same_team(flow: FlowDocument) -> None:
    source = to_python(flow)
    assert meaning(team_in(source.text)) == meaning(resolve(flow))
    for command in (["format", "--check"], ["check", "--select", "F,I"]):
        done = subprocess.run([find_ruff_bin(), *command, "--isolated", "-"], input=source.text.encode(), capture_output=True, check=False)
        assert done.returncode == 0, done.stdout.decode()
    count = len(source.text.splitlines())
    agents = {node.id for node in flow.nodes if node.id.startswith("n_a")}
    assert agents | {"n_team"} <= source.lines.keys() <= {node.id for node in flow.nodes}
    assert all(1 <= first <= last <= count for places in source.lines.values() for first, last in places)


@pytest.mark.parametrize("name", ["coder-and-executor", "data-question"])
def test_two_agents_take_at_most_forty_lines(name: str) -> None:
    found = template(name)
    assert found is not None
    for flow in (found.document, with_openai(found.document, model="gpt-5-mini")):
        source = to_python(flow).text
        assert len(to_file(flow).splitlines()) <= 40, source
        assert [statement.module for statement in ast.parse(source).body if isinstance(statement, ast.ImportFrom)] == ["studio.engine"]


def test_only_what_differs_from_its_default_is_written() -> None:
    flow = document(Node(id="n_a", kind="assistant", name="ann", config={"max_tool_rounds": 10, "handoffs": ["user"]}))
    assert 'ann = Assistant(name="ann", handoffs=["user"])' in to_python(flow).text


def test_a_rule_says_its_number_also_when_it_is_the_default() -> None:
    flow = document(
        Node(id="n_t", kind="team", name="team"),
        Node(id="n_a", kind="human", name="ann", parent="n_t"),
        Node(id="n_s", kind="max_turns", name="", config={"max_turns": 12}, parent="n_t"),
    )
    assert "stop=MaxTurns(max_turns=12)" in to_python(flow).text


def combined() -> FlowDocument:
    return document(
        Node(id="n_t", kind="team", name="team"),
        Node(id="n_a", kind="human", name="ann", parent="n_t"),
        Node(id="n_1", kind="text_mention", config={"text": "DONE"}),
        Node(id="n_2", kind="max_turns", config={"max_turns": 3}),
        Node(id="n_3", kind="max_turns", config={"max_turns": 9}),
        Node(id="n_all", kind="all_of"),
        edges=(("stop", "n_1", "n_all"), ("stop", "n_2", "n_all"), ("stop", "n_all", "n_t"), ("stop", "n_3", "n_t")),
    )


def test_stop_rules_are_joined_by_operators() -> None:
    found = " ".join(to_python(combined()).text.split())
    assert "MaxTurns(max_turns=9) |" in found
    assert 'TextMention(text="DONE") & MaxTurns(max_turns=3)' in found


def test_any_of_inside_all_of_is_in_parentheses() -> None:
    flow = combined()
    nodes = tuple(node.model_copy(update={"kind": "any_of"}) if node.id == "n_all" else node for node in flow.nodes)
    nodes += (Node(id="n_both", kind="all_of"),)
    wires = tuple(edge.model_copy(update={"target": "n_both"}) if edge.target == "n_t" else edge for edge in flow.edges)
    wires += (Edge(id="e_b", kind="stop", source="n_both", target="n_t"),)
    flow = flow.model_copy(update={"nodes": nodes, "edges": wires})
    source = to_python(flow).text
    assert "MaxTurns(max_turns=9) & (" in " ".join(source.split()) or ") & MaxTurns(max_turns=9)" in " ".join(source.split())
    assert team_in(source) == resolve(flow)


def test_every_node_knows_its_lines() -> None:
    found = template("research-with-tools")
    assert found is not None
    source = to_python(found.document)
    drawn = {node.id for node in found.document.nodes if node.kind != "note"}
    assert source.lines.keys() == drawn
    assert shown(source, "n_writer").startswith("writer = Assistant(")
    assert shown(source, "n_practice").startswith("practice = PracticeModel(")
    assert shown(source, "n_team").startswith("team = Team(")
    assert "def read_note(" in shown(source, "n_read")
    assert shown(source, "n_read").startswith("FACTS = {")
    assert "TokenLimit(total=50_000)" in shown(source, "n_tokens")
    assert "MaxTurns" not in shown(source, "n_tokens")


def test_combined_rules_have_the_lines_of_their_parts() -> None:
    source = to_python(combined())
    assert source.lines["n_all"] == sorted(set(source.lines["n_1"]) | set(source.lines["n_2"]))


def test_two_equal_nodes_both_have_lines() -> None:
    flow = document(
        Node(id="n_t", kind="team", name="team"),
        Node(id="n_a", kind="assistant", name="ann", parent="n_t"),
        Node(id="n_b", kind="assistant", name="bob", parent="n_t"),
        Node(id="n_1", kind="openai", name="fast", config={"model": "m"}),
        Node(id="n_2", kind="openai", name="quick", config={"model": "m"}),
        edges=(("model", "n_1", "n_a"), ("model", "n_2", "n_b")),
    )
    source = to_python(flow)
    assert source.lines["n_1"] == source.lines["n_2"]
    assert shown(source, "n_1") == 'fast = OpenAIModel(model="m")'


def test_a_tool_that_needs_a_yes_keeps_asking() -> None:
    flow = document(
        Node(id="n_a", kind="assistant", name="ann"),
        Node(
            id="n_t",
            kind="python_tool",
            name="pay",
            config={"source": "def pay(sum: float) -> str:\n    '''Pay.'''\n    return 'paid'", "approval": "always"},
        ),
        edges=(("tool", "n_t", "n_a"),),
    )
    source = to_python(flow).text
    assert 'tools=[FunctionTool.of(pay, approval="always")]' in source
    assert meaning(team_in(source)) == meaning(resolve(flow))


def test_a_tool_with_a_place_of_its_own_stays_text() -> None:
    flow = document(
        Node(id="n_a", kind="assistant", name="ann"),
        Node(id="n_t", kind="python_tool", name="pay", config={"executor": {"kind": "docker"}}),
        edges=(("tool", "n_t", "n_a"),),
    )
    source = to_python(flow)
    assert "pay = PythonTool(" in source.text
    assert shown(source, "n_t").startswith("pay = PythonTool(")


def test_a_function_that_the_formatter_would_change_stays_text() -> None:
    code = 'def pay(x: float) -> str:\n    """Pay.   \n\n    Twice.\t"""\n    return "paid"\n'
    flow = document(
        Node(id="n_a", kind="assistant", name="ann"),
        Node(id="n_t", kind="python_tool", name="pay", config={"source": code}),
        edges=(("tool", "n_t", "n_a"),),
    )
    source = to_python(flow).text
    assert "PythonTool(" in source
    assert meaning(team_in(source)) == meaning(resolve(flow))


def test_the_same_document_is_written_once() -> None:
    flow = document(Node(id="n_a", kind="human", name="ann"))
    again = FlowDocument.model_validate_json(flow.model_dump_json())
    assert to_python(flow) is to_python(again)
    assert to_python(flow) is not to_python(flow.model_copy(update={"name": "Another"}))


def test_a_flow_that_cannot_run_says_why() -> None:
    with pytest.raises(FlowError):
        to_python(FlowDocument(name="Nobody"))


def test_no_key_can_be_in_the_file() -> None:
    flow = document(
        Node(id="n_a", kind="assistant", name="ann"),
        Node(id="n_m", kind="openai", name="model", config={"account": "my server", "model": "m"}),
        edges=(("model", "n_m", "n_a"),),
    )
    source = to_python(flow).text
    assert 'OpenAIModel(model="m", account="my server")' in source
    assert "key" not in source.casefold()


def test_guards_are_calls_with_what_differs_and_come_back() -> None:
    rows = [
        {"what": "refund", "looks_at": "heard", "hand_to": "boss"},
        {"what": "Is it rude?", "how": "model", "message": "Let us be kind."},
    ]
    nodes = (
        Node(id="n_t", kind="team", name="desk"),
        Node(id="n_a", kind="assistant", name="clerk", parent="n_t", config={"guards": rows}),
        Node(id="n_b", kind="assistant", name="boss", parent="n_t"),
        Node(id="n_m", kind="openai", name="model", config={"model": "gpt-4o"}),
    )
    flow = FlowDocument(name="Guarded", nodes=nodes, edges=(Edge(id="e", kind="model", source="n_m", target="n_t"),))
    code = to_file(flow)
    assert 'Guard(looks_at="heard", what="refund", hand_to="boss")' in code
    assert 'Guard(how="model", what="Is it rude?", message="Let us be kind.")' in code
    clerk = next(node for node in from_python(code).document.nodes if node.name == "clerk")
    assert [Guard(**row) for row in clerk.config["guards"]] == [Guard(**row) for row in rows]
