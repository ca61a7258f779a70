"""Flows as scripts for AgentChat: they parse, read well, and say what they leave out."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from drawn_flows import flows
from hypothesis import HealthCheck, given, settings
from ruff import find_ruff_bin  # type: ignore[import-untyped]
from test_convene_python_conversations import at_a_server

from studio.engine.errors import ConveneError
from studio.flow.document import Edge, FlowDocument, Node
from studio.formats.autogen_python.write import losses, to_autogen_python
from studio.formats.python_text.requirements import requirements
from studio.formats.targets import target
from studio.library.templates import Template, templates

GOLDEN = Path(__file__).parents[1] / "golden" / "autogen"


def drawn(team: dict[str, Any], *nodes: Node, wires: tuple[tuple[str, str, str], ...] = ()) -> FlowDocument:
    model = Node(id="n_m", kind="openai", name="gpt", config={"model": "gpt-4o"})
    edges = (("model", "n_m", "n_t"), *wires)
    return FlowDocument(
        name="Pair",
        sample_tasks=("Begin.",),
        nodes=(Node(id="n_t", kind="team", name="pair", config=team), model, *nodes),
        edges=tuple(Edge(id=f"e_{at}", kind=kind, source=a, target=b) for at, (kind, a, b) in enumerate(edges)),
    )


def assistant(name: str, **config: Any) -> Node:
    return Node(id=f"n_{name}", kind="assistant", name=name, config={"system_message": f"You are {name}."} | config, parent="n_t")


def codes(document: FlowDocument) -> set[str]:
    return {finding.code for finding in losses(document)}


def rejected_by_ruff(source: str) -> str:
    command = [find_ruff_bin(), "check", "--isolated", "--no-cache", "--quiet", "--select", "F,I", "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True, timeout=20, check=False).stdout


@pytest.mark.parametrize("found", [pytest.param(each, id=each.id) for each in templates()])
def test_every_template_is_the_clean_script_that_we_keep(found: Template) -> None:
    """CONVENE_WRITE_GOLDEN=1 writes the files anew; read the difference before you keep it."""
    script = to_autogen_python(at_a_server(found.document))
    path = GOLDEN / f"{found.id}.py"
    if os.environ.get("CONVENE_WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(script, "utf-8")
    assert script == path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(script))
    assert rejected_by_ruff(script) == ""
    assert "studio" not in script


def test_two_agents_are_at_most_forty_lines() -> None:
    stop = Node(id="n_s", kind="text_mention", config={"text": "DONE"}, parent="n_t")
    script = to_autogen_python(drawn({}, assistant("writer"), assistant("critic"), stop))
    assert len(script.splitlines()) <= 40
    assert "model_client=gpt" in script
    assert 'TextMentionTermination("DONE", sources=["writer", "critic"])' in script


def test_arrows_become_a_function_that_chooses() -> None:
    arrows = (("speaks", "n_a", "n_b"), ("speaks", "n_b", "n_a"), ("speaks", "n_b", "n_c"))
    document = drawn({"selection": {"kind": "follow_edges"}}, *map(assistant, "abc"), wires=arrows)
    script = to_autogen_python(document)
    assert 'AFTER = {"user": ["a"], "a": ["b"], "b": ["a", "c"], "c": []}' in script
    assert "selector_func=follow_arrows" in script
    assert "FunctionalTermination(nobody_follows)" in script
    assert not codes(document)


def test_a_member_that_is_called_as_the_task_is_told_of() -> None:
    arrows = (("speaks", "n_user", "n_b"), ("speaks", "n_b", "n_user"))
    assert codes(drawn({"selection": {"kind": "follow_edges"}}, *map(assistant, ("user", "b")), wires=arrows)) == {
        "lost_python.called_user"
    }


def test_a_function_that_chooses_and_cannot_be_written_is_told_with_what_happens_instead() -> None:
    source = 'LAST = ""\n\n\ndef choose(messages: list) -> str:\n    global LAST\n    LAST = "b"\n    return LAST\n'
    document = drawn({"selection": {"kind": "function_choice", "source": source}}, *map(assistant, "ab"))
    (found,) = [each for each in losses(document) if each.code == "lost_python.chooser"]
    assert found.text.endswith("no script can hold the function that chooses as it stands; everybody speaks in turn.")
    assert "team = RoundRobinGroupChat(" in to_autogen_python(document)


def test_a_tool_that_needs_a_yes_asks_for_it() -> None:
    tool = Node(
        id="n_f",
        kind="python_tool",
        config={"source": 'def pay(sum: int) -> str:\n    """Pay."""\n    return "ok"\n', "approval": "always"},
    )
    script = to_autogen_python(drawn({}, assistant("clerk"), tool, wires=(("tool", "n_f", "n_clerk"),)))
    assert "tools=[asks_first(pay)]" in script
    assert "input(" in script


def test_a_function_that_an_agent_has_twice_is_given_once() -> None:
    source = 'def pay(total: int) -> str:\n    """Pay."""\n    return "ok"\n'
    twins = [Node(id=f"n_{number}", kind="python_tool", config={"source": source}) for number in range(2)]
    document = drawn({}, assistant("a"), *twins, wires=(("tool", "n_0", "n_a"), ("tool", "n_1", "n_a")))
    assert "tools=[pay]" in to_autogen_python(document)


def test_keys_and_addresses_of_accounts_come_from_the_environment() -> None:
    model = Node(id="n_own", kind="openai", config={"account": "my server", "model": "llama"})
    script = to_autogen_python(drawn({}, assistant("clerk"), model, wires=(("model", "n_own", "n_clerk"),)))
    assert 'base_url=os.environ["MY_SERVER_BASE_URL"]' in script
    assert 'api_key=os.environ.get("MY_SERVER_API_KEY", "none")' in script


def test_what_is_left_out_is_said_with_its_node() -> None:
    rule = Node(id="n_s", kind="money_limit", name="Budget", config={"dollars": 1}, parent="n_t")
    document = drawn({}, assistant("clerk"), rule)
    (finding,) = losses(document)
    assert finding.level == "decision"
    assert finding.nodes == ("n_s",)
    assert "Budget" in finding.text


def test_a_graph_whose_last_node_leads_back_can_be_built() -> None:
    arrows = (("speaks", "n_a", "n_b"), ("speaks", "n_b", "n_a"))
    script = to_autogen_python(drawn({"selection": {"kind": "graph"}}, assistant("a"), assistant("b"), wires=arrows))
    assert "graph.add_node(nobody)" in script
    assert "graph.set_entry_point(a)" in script


def test_a_swarm_that_begins_with_nobody_who_hands_over_takes_turns() -> None:
    runner = Node(id="n_r", kind="code_runner", name="runner", config={}, parent="n_t")
    document = drawn({"selection": {"kind": "swarm"}}, runner, assistant("coder"))
    assert "RoundRobinGroupChat(" in to_autogen_python(document)
    assert "lost_swarm_first" in codes(document)


def test_each_hand_over_has_a_name_of_its_own_that_servers_take() -> None:
    targets = ["…!", "?!", "研究员", "写作者", "Ann", "ann"]
    others = [Node(id=f"n_{at}", kind="assistant", name=name, parent="n_t") for at, name in enumerate(targets)]
    script = to_autogen_python(drawn({"selection": {"kind": "swarm"}}, assistant("desk", handoffs=targets), *others))
    calls = [each for each in ast.walk(ast.parse(script)) if isinstance(each, ast.Call) and ast.unparse(each.func) == "Handoff"]
    told = [{each.arg: ast.literal_eval(each.value) for each in call.keywords} for call in calls]
    names = [each.get("name") or f"transfer_to_{each['target']}".lower() for each in told]
    assert len(set(names)) == len(targets)
    assert all(re.fullmatch("[a-z0-9_]{1,64}", name) for name in names)


def test_chats_in_a_row_are_run_in_turn_and_told_what_came_before() -> None:
    chats = [
        Node(id=f"n_{name}", kind="chat", name=name, parent="n_t", config={"max_turns": 1} | more)
        for name, more in (("facts", {}), ("text", {"message": "Write."}))
    ]
    agents = [assistant(name).model_copy(update={"parent": f"n_{chat}"}) for name, chat in (("finder", "facts"), ("author", "text"))]
    script = to_autogen_python(drawn({"selection": {"kind": "sequence"}}, *chats, *agents))
    assert "result = await Console(facts.run_stream(task=task))" in script
    assert 'text.run_stream(task=with_context("Write.", [facts_summary]))' in script


def test_the_shape_of_an_answer_is_a_class() -> None:
    mark = {"type": "object", "properties": {"points": {"type": "integer"}, "why": {"type": "string", "description": "In a sentence."}}}
    shape = {**mark, "required": ["points", "why"]}
    document = drawn({}, assistant("judge", output=shape), assistant("clerk", output={**shape, "oneOf": []}))
    script = to_autogen_python(document)
    assert "class JudgeAnswer(BaseModel):" in script
    assert "points: int" in script
    assert 'why: str = Field(description="In a sentence.")' in script
    assert "output_content_type=JudgeAnswer" in script
    (finding,) = losses(document)
    assert finding.nodes == ("n_clerk",)


def test_a_request_to_a_service_is_autogens_own() -> None:
    config = {
        "name": "weather",
        "url": "https://api.example.com/cities/{city}",
        "headers": {"Accept": "text/plain", "X-Key": "${my server}"},
    }
    document = drawn({}, assistant("clerk"), Node(id="n_h", kind="http_tool", config=config), wires=(("tool", "n_h", "n_clerk"),))
    script = to_autogen_python(document)
    assert 'host="api.example.com",' in script
    assert 'path="/cities/{city}",' in script
    assert "my server" not in script
    assert codes(document) == {"lost_server_values", "lost_http_answer"}


def test_tools_for_files_are_functions_of_the_script() -> None:
    files = Node(id="n_f", kind="files", config={"access": "read"})
    script = to_autogen_python(drawn({}, assistant("clerk"), files, wires=(("tool", "n_f", "n_clerk"),)))
    assert "tools=[list_files, read_file, search_files]" in script
    assert "def write_file" not in script


def test_what_a_script_needs_is_named() -> None:
    runner = Node(id="n_r", kind="code_runner", name="runner", config={}, parent="n_t")
    script = to_autogen_python(drawn({}, assistant("coder"), runner))
    assert requirements("autogen", script) == ["autogen-agentchat==0.7.5", "autogen-ext[docker,openai]==0.7.5"]
    assert target("autogen").language == "python"


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(flows())
def test_any_flow_is_a_script_that_parses_or_says_why_not(document: FlowDocument) -> None:
    found = losses(document)
    if found and found[0].code in ("nothing_to_write", "flow"):
        with pytest.raises(ConveneError, match=re.escape(found[0].text)):
            to_autogen_python(document)
        return
    script = to_autogen_python(document)
    ast.parse(script)
    if rejected_by_ruff(script):
        assert any(finding.code == "lost_python.unclean" for finding in found)


def test_crossed_out_arrows_leave_the_other_names_to_choose_from() -> None:
    wires = (("speaks", "n_a", "n_b"),)
    free = {"transitions_type": "disallowed", "selection": {"kind": "model_choice", "allow_repeat": True}}
    document = drawn(free, *map(assistant, "abc"), wires=wires)
    script = to_autogen_python(document)
    rows = ('"user": ["a", "b", "c"],', '"a": ["a", "c"],', '"b": ["a", "b", "c"],')
    assert all(row in script for row in rows)
    assert "candidate_func=may_speak" in script
    assert "lost_field" not in codes(document)
    drawn_by_lot = drawn({"transitions_type": "disallowed", "selection": {"kind": "random_choice"}}, *map(assistant, "abc"), wires=wires)
    assert '"a": ["c"]' in to_autogen_python(drawn_by_lot)


def test_guards_that_are_left_out_are_a_decision() -> None:
    document = drawn({}, assistant("clerk", guards=[{"what": "secret"}]), assistant("boss"))
    assert "lost_guards" in {finding.code for finding in losses(document) if finding.level == "decision"}


def test_what_several_models_can_is_said_once() -> None:
    replies = [Node(id=f"n_{name}_r", kind="practice", name=f"{name} plays", config={"script": {name: [name]}}) for name in ("ann", "bob")]
    document = drawn({}, assistant("ann"), assistant("bob"), *replies, wires=(("model", "n_ann_r", "n_ann"), ("model", "n_bob_r", "n_bob")))
    script = to_autogen_python(document)
    assert script.count('"structured_output": True') == 1
    assert script.count("model_info=model_info") == 2
    assert "model_info: ModelInfo = {" in script
    assert rejected_by_ruff(script) == ""
