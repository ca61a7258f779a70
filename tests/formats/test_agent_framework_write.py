"""Flows as programs for Agent Framework: what we keep of them, how they read, and what they leave out. The matrix runs them."""

from __future__ import annotations

import ast
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from drawn_flows import flows
from hypothesis import HealthCheck, Phase, given, settings
from ruff import find_ruff_bin  # type: ignore[import-untyped]
from test_convene_python_conversations import at_a_server

from studio.engine.errors import ConveneError
from studio.flow.document import Edge, FlowDocument, Node
from studio.formats.agent_framework.write import losses, to_agent_framework
from studio.formats.recognise import read_bytes
from studio.library.templates import Template, templates

GOLDEN = Path(__file__).parent.parent / "golden" / "agent-framework"


def drawn(team: dict[str, Any], *nodes: Node, wires: tuple[tuple[str, str, str], ...] = ()) -> FlowDocument:
    model = Node(id="n_m", kind="openai", config={"model": "gpt-4o-mini"})
    edges = (("model", "n_m", "n_t"), *wires)
    return FlowDocument(
        name="Pair",
        nodes=(Node(id="n_t", kind="team", name="pair", config=team), model, *nodes),
        edges=tuple(Edge(id=f"e_{at}", kind=kind, source=a, target=b) for at, (kind, a, b) in enumerate(edges)),  # type: ignore[arg-type]
    )


def assistant(name: str, **config: Any) -> Node:
    return Node(id=f"n_{name}", kind="assistant", name=name, config={"system_message": f"You are {name}."} | config, parent="n_t")


def codes(document: FlowDocument) -> set[str]:
    return {finding.code for finding in losses(document)}


def rejected_by_ruff(program: str) -> str:
    command = [find_ruff_bin(), "check", "--isolated", "--no-cache", "--quiet", "--select", "F,I", "-"]
    return subprocess.run(command, input=program, capture_output=True, text=True, timeout=60, check=False).stdout


@pytest.mark.parametrize("found", [pytest.param(each, id=each.id) for each in templates()])
def test_a_template_becomes_the_program_that_we_keep(found: Template) -> None:
    """CONVENE_WRITE_GOLDEN=1 writes the files anew; read the difference before you keep it."""
    program = to_agent_framework(at_a_server(found.document))
    path = GOLDEN / f"{found.id}.py"
    if os.environ.get("CONVENE_WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(program, "utf-8")
    assert program == path.read_text("utf-8")
    assert "studio" not in program


def test_two_agents_are_at_most_forty_lines() -> None:
    stop = Node(id="n_s", kind="text_mention", config={"text": "DONE", "sources": ["critic"]}, parent="n_t")
    document = drawn({"max_turns": 20}, assistant("writer"), assistant("critic"), stop)
    assert len(to_agent_framework(document).splitlines()) <= 40
    assert losses(document) == ()


RUNNER = {"sources": ["ann"], "executor": {"kind": "docker", "image": "python:3.13", "timeout": 5.0}}


def writes_and_runs(team: dict[str, Any], runner: dict[str, Any] = RUNNER, writer: Mapping[str, Any] = {}) -> FlowDocument:
    stop = Node(id="n_s", kind="text_mention", config={"text": "DONE", "sources": ["ann"]}, parent="n_t")
    return drawn(team, assistant("ann", **writer), Node(id="n_r", kind="code_runner", name="code", config=runner, parent="n_t"), stop)


def test_one_who_writes_code_and_one_who_runs_it_are_a_loop_around_a_shell() -> None:
    program = to_agent_framework(writes_and_runs({"max_turns": 8}))
    assert 'code_shell = DockerShellTool(image="python:3.13", workdir="/tmp", timeout=5)' in program
    assert "for _ in range(4):" in program
    assert 'if "DONE" in said.text:' in program
    assert 'print(f"\\ncode: {task}")' in program
    assert "GroupChat" not in program
    assert codes(writes_and_runs({})) == {"lost_code_in_container"}


def test_a_word_that_either_may_say_ends_such_a_loop_at_both() -> None:
    word = Node(id="n_w", kind="text_mention", config={"text": "STOP"}, parent="n_t")
    runner = Node(id="n_r", kind="code_runner", name="runner", config={"sources": ["ann"]}, parent="n_t")
    program = to_agent_framework(drawn({}, assistant("ann"), runner, word))
    assert 'if "STOP" in said.text:' in program
    assert 'if "STOP" in task:' in program
    (imported,) = read_bytes(program.encode()).flows
    assert [node.config for node in imported.document.nodes if node.kind == "text_mention"] == [{"text": "STOP"}]


@pytest.mark.parametrize(
    "document",
    [
        writes_and_runs({"max_turns": 7}),
        writes_and_runs({}, {"sources": ["ann"], "executor": {"kind": "local"}}),
        writes_and_runs({}, writer={"handoffs": ["code"]}),
        writes_and_runs({"selection": {"kind": "random_choice"}}),
    ],
    ids=["the writer has the last word", "on this machine", "hand-overs", "at random"],
)
def test_what_a_loop_around_a_shell_would_not_hold_is_a_group_chat(document: FlowDocument) -> None:
    program = to_agent_framework(document)
    assert "class CodeExecutor(BaseAgent):" in program
    assert "GroupChatBuilder(" in program


def test_arrows_say_who_may_speak_and_where_it_ends() -> None:
    arrows = (("speaks", "n_a", "n_b"), ("speaks", "n_b", "n_c"))
    program = to_agent_framework(drawn({"selection": {"kind": "follow_edges"}}, *map(assistant, "abc"), wires=arrows))
    assert 'AFTER = {"a": ["b"], "b": ["c"], "c": []}' in program
    assert "not AFTER[" in program


def test_one_after_the_other_is_a_sequence_unless_something_else_may_end_it() -> None:
    team = {"selection": {"kind": "sequence"}}
    program = to_agent_framework(drawn(team, *map(assistant, "abc")))
    assert "workflow = SequentialBuilder(participants=[a, b, c]).build()" in program
    assert "GroupChat" not in program
    stop = Node(id="n_s", kind="text_mention", config={"text": "DONE"}, parent="n_t")
    assert "termination_condition" in to_agent_framework(drawn(team, *map(assistant, "abc"), stop))
    assert "max_rounds=2" in to_agent_framework(drawn({**team, "max_turns": 2}, *map(assistant, "abc")))


def test_a_seed_draws_the_same_order_as_the_studio() -> None:
    document = drawn({"max_turns": 9, "selection": {"kind": "random_choice", "seed": 8}}, *map(assistant, "abc"))
    assert 'random.Random(f"8:{state.current_round}")' in to_agent_framework(document)
    assert not codes(document)


def test_a_hand_over_ends_the_turn_and_names_the_next() -> None:
    document = drawn({"selection": {"kind": "swarm"}}, assistant("desk", handoffs=["expert"]), assistant("expert"))
    program = to_agent_framework(document)
    assert 'handed_to.append("expert")' in program
    assert "middleware=[hand_over]" in program
    assert "name = handed_to[0]" in program


def test_a_swarm_in_which_nobody_can_hand_over_ends_with_the_first_answer() -> None:
    program = to_agent_framework(drawn({"selection": {"kind": "swarm", "after_work": "back"}}, assistant("desk"), assistant("expert")))
    assert "conversation[-1].author_name is not None" in program
    assert rejected_by_ruff(program) == ""


def test_a_planner_is_a_magentic_workflow() -> None:
    document = drawn({"selection": {"kind": "planner", "max_rounds": 7}}, *map(assistant, "ab"))
    program = to_agent_framework(document)
    assert "MagenticBuilder(" in program
    assert "max_round_count=7" in program
    assert codes(document) == {"lost_magentic"}


def test_a_plan_within_a_team_is_a_choice_by_a_model() -> None:
    inner = Node(id="n_in", kind="team", name="inner", config={"selection": {"kind": "planner"}}, parent="n_t")
    member = assistant("a").model_copy(update={"parent": "n_in"})
    program = to_agent_framework(drawn({"max_turns": 9}, inner, member, assistant("b")))
    assert "MagenticBuilder" not in program
    assert "await chooser" not in program
    assert "async def inner_answer" in program


def test_a_person_is_asked_what_the_form_asks() -> None:
    person = Node(id="n_p", kind="human", name="boss", config={"form": "approve", "prompt": "May it go out?"}, parent="n_t")
    program = to_agent_framework(drawn({}, assistant("clerk"), person))
    assert 'input, "May it go out? (yes, or no and why) "' in program
    assert '"Approved."' in program


def test_turns_that_do_not_fit_into_a_workflow_are_told() -> None:
    document = drawn({"max_turns": 60}, assistant("a"), assistant("b"))
    assert "max_rounds=49" in to_agent_framework(document)
    assert codes(document) == {"lost_steps"}


def test_who_never_asks_anybody_ends_it_at_the_word() -> None:
    stand_in = Node(id="n_p", kind="human", name="proxy", config={"input_mode": "never", "end_word": "TERMINATE"}, parent="n_t")
    program = to_agent_framework(drawn({"max_turns": 9}, assistant("clerk"), stand_in))
    assert '"TERMINATE" in conversation[-1].text' in program


def test_what_is_left_out_is_said_with_its_node() -> None:
    rule = Node(id="n_s", kind="loop_detector", name="Loop", parent="n_t")
    document = drawn({}, assistant("clerk"), assistant("boss", may_end=True), rule)
    found = {finding.code: finding for finding in losses(document)}
    assert found["lost_condition"].level == "decision"
    assert found["lost_condition"].nodes == ("n_s",)
    assert found["lost_field"].nodes == ("n_boss",)


def test_tokens_of_all_agents_are_counted_for_the_rule_that_limits_them() -> None:
    rule = Node(id="n_s", kind="token_limit", name="Tokens", config={"total": 900}, parent="n_t")
    program = to_agent_framework(drawn({"max_turns": 9}, assistant("a"), assistant("b"), rule))
    assert program.count("middleware=[count_tokens]") == 2
    assert 'used_tokens.get("total_token_count", 0) >= 900' in program


def test_a_server_of_tools_is_one_here_too_and_its_secrets_stay_in_the_environment() -> None:
    transport = {"kind": "stdio", "command": "uvx", "args": ["notes"], "environment": {"TOKEN": "${notes}", "LEVEL": "2"}}
    server = Node(id="n_s", kind="mcp", name="notes", config={"transport": transport, "allow": ["read"]})
    program = to_agent_framework(drawn({"max_turns": 9}, assistant("clerk"), server, wires=(("tool", "n_s", "n_clerk"),)))
    assert 'command="uvx"' in program
    assert 'env={"TOKEN": os.environ["TOKEN"], "LEVEL": "2"}' in program
    assert "tools=[notes]" in program


def test_a_server_that_must_ask_before_a_call_is_left_out() -> None:
    transport = {"kind": "stdio", "command": "uvx notes"}
    server = Node(id="n_s", kind="mcp", name="notes", config={"transport": transport, "approval": "always"})
    document = drawn({"max_turns": 9}, assistant("clerk"), server, wires=(("tool", "n_s", "n_clerk"),))
    assert "lost_server" in codes(document)
    assert "MCPStdioTool" not in to_agent_framework(document)


def test_an_answer_in_a_shape_is_asked_for_in_that_shape() -> None:
    shape = {"type": "object", "properties": {"mark": {"type": "integer"}}}
    document = drawn({"max_turns": 9}, assistant("judge", output=shape), assistant("clerk"))
    text = to_agent_framework(document)
    assert '"json_schema"' in text
    assert '"mark": {"type": "integer"}' in text
    assert not codes(document)


def test_a_flow_that_cannot_be_run_says_why() -> None:
    (finding,) = losses(FlowDocument(name="Empty"))
    assert finding.level == "decision"


@settings(max_examples=40, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
@given(flows())
def test_any_flow_is_a_clean_program_or_says_why_not(flow: FlowDocument) -> None:
    found = losses(flow)
    assert all(finding.text and "code_target" not in finding.text for finding in found)
    if found and not found[0].code.startswith("lost_"):
        with pytest.raises(ConveneError):
            to_agent_framework(flow)
        return
    program = to_agent_framework(flow)
    ast.parse(program)
    assert rejected_by_ruff(program) == ""


def test_crossed_out_arrows_leave_the_others_to_speak() -> None:
    wires = (("speaks", "n_a", "n_b"),)
    free = {"transitions_type": "disallowed", "selection": {"kind": "manual"}}
    program = to_agent_framework(drawn(free, *map(assistant, "abc"), wires=wires))
    assert 'AFTER = {"a": ["a", "c"], "b": ["a", "b", "c"], "c": ["a", "b", "c"]}' in program
    assert 'AFTER.get(last, ["a", "b", "c"])' in program
    assert "not AFTER[" not in program
    drawn_by_lot = drawn({"transitions_type": "disallowed", "selection": {"kind": "random_choice"}}, *map(assistant, "abc"), wires=wires)
    assert 'AFTER = {"a": ["c"], "b": ["a", "c"], "c": ["a", "b"]}' in to_agent_framework(drawn_by_lot)
    assert "lost_field" not in codes(drawn_by_lot)


def test_guards_that_are_left_out_are_a_decision() -> None:
    document = drawn({}, assistant("clerk", guards=[{"what": "secret"}]), assistant("boss"))
    assert "lost_guards" in {finding.code for finding in losses(document) if finding.level == "decision"}


def with_a_tool(**config: Any) -> FlowDocument:
    """A clerk with a tool, and a boss without."""
    tool = Node(id="n_tool", kind="python_tool", name="look", config={"source": 'def look() -> str:\n    """Look."""\n    return "far"\n'})
    clerk = assistant("clerk", **config)
    return drawn({}, clerk, assistant("boss", max_tool_rounds=1), tool, wires=(("tool", "n_tool", "n_clerk"),))


@pytest.mark.parametrize(("rounds", "says"), [(1, True), (3, False)])
def test_an_agent_that_says_what_its_tools_gave_ends_its_turn_with_them(rounds: int, says: bool) -> None:
    document = with_a_tool(max_tool_rounds=rounds, after_tools="results")
    program = to_agent_framework(document)
    assert ("middleware=[end_with_tools, say_results]" in program) is says
    assert program.count("middleware=[") == says
    assert ("lost_after_tools" in codes(document)) is not says
    assert "lost_max_tool_rounds" not in codes(document)


def test_how_often_an_agent_may_call_its_tools_is_told_to_a_client_of_its_own() -> None:
    document = with_a_tool(max_tool_rounds=3)
    program = to_agent_framework(document)
    assert 'function_invocation_configuration={"max_iterations": 3}' in program
    assert program.count("= clerk_client.as_agent(") == program.count("= client.as_agent(") == 1
    assert not codes(document) & {"lost_max_tool_rounds", "lost_after_tools"}
    assert "function_invocation_configuration" not in to_agent_framework(with_a_tool())


def test_members_who_all_begin_and_lead_nowhere_answer_at_once() -> None:
    panel = drawn({"selection": {"kind": "graph"}}, assistant("chemist"), assistant("cook"))
    assert "workflow = ConcurrentBuilder(participants=[chemist, cook]).build()\n" in to_agent_framework(panel)
    assert codes(panel) == set()
    few = drawn({"selection": {"kind": "graph"}, "max_turns": 1}, assistant("chemist"), assistant("cook"))
    one = drawn({"selection": {"kind": "graph", "start": ["cook"]}}, assistant("chemist"), assistant("cook"))
    person = drawn({"selection": {"kind": "graph"}}, assistant("chemist"), Node(id="n_me", kind="human", name="me", parent="n_t"))
    stop = drawn(
        {"selection": {"kind": "graph"}},
        assistant("chemist"),
        assistant("cook"),
        Node(id="n_s", kind="text_mention", config={"text": "X"}, parent="n_t"),
    )
    for other in (few, one, person, stop):
        assert "ConcurrentBuilder" not in to_agent_framework(other)
        assert "lost_graph" in codes(other)
