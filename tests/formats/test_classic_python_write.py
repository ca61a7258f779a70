"""Flows as scripts for AutoGen 0.2: what we keep of them, what they leave out, and what they say when `studio.classic` runs them."""

from __future__ import annotations

import ast
import asyncio
import builtins
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from drawn_flows import flows
from hypothesis import HealthCheck, Phase, given, settings
from model_server import InTurn, ModelServer
from ruff import find_ruff_bin  # type: ignore[import-untyped]
from studio_rows import plainly, rows_of_events
from test_convene_python_conversations import TYPED, WORDS, _by_system_message, at_a_server, in_this_process

from studio.engine.errors import ConveneError
from studio.engine.models.practice import PracticeModel
from studio.flow.document import Edge, FlowDocument, Node
from studio.formats.classic_python.write import OURS, losses, to_classic
from studio.formats.python_text.requirements import requirements
from studio.formats.recognise import read_bytes
from studio.library.templates import Template, template, templates

sys.path.insert(0, str(Path(__file__).parent.parent / "matrix"))
from running_classic import rows_of

GOLDEN = Path(__file__).parent.parent / "golden" / "classic"
ALL = [pytest.param(each, id=each.id) for each in templates()]

OTHERWISE = {
    "field-trip": "lost_planner",
}
"""Templates that go on in another way, and the loss that says so before."""


def said_by_ours(script: str, document: FlowDocument, folder: Path, patch: pytest.MonkeyPatch) -> list[Any]:
    """Runs a script with `studio.classic`, as its own program would run."""
    typed = iter(TYPED)
    patch.setattr(builtins, "input", lambda prompt="": next(typed))
    patch.setattr(sys, "argv", ["main.py", document.sample_tasks[0]])
    patch.chdir(folder)
    room: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(script, "main.py", "exec", dont_inherit=True), room)
    return rows_of(room["group_chat"].messages)


def in_turn(document: FlowDocument, script: dict[str, list[Any]]) -> dict[str, InTurn]:
    """The practice script as a server's that counts requests: in a group, a request also holds what others called."""
    replies = _by_system_message(document, script)
    asked = {"*" if key == WORDS["society"] else key: each for key, each in replies.items()}  # `studio.classic` asks for a summary last
    return {key: each if isinstance(each, InTurn) else InTurn(*each) for key, each in asked.items()}


@pytest.fixture(autouse=True)
def _code_runs_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    monkeypatch.setenv("AUTOGEN_USE_DOCKER", "0")


@pytest.mark.parametrize("found", ALL)
def test_a_template_becomes_the_script_that_we_keep(found: Template) -> None:
    """CONVENE_WRITE_GOLDEN=1 writes the files anew; read the difference before you keep it."""
    script = to_classic(at_a_server(found.document))
    path = GOLDEN / f"{found.id}.py"
    if os.environ.get("CONVENE_WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(script, "utf-8")
    assert script == path.read_text("utf-8")
    assert "studio" not in script


@pytest.mark.parametrize("found", ALL)
def test_a_template_says_with_studio_classic_what_it_says_in_the_studio(
    found: Template, tmp_path: Path, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice = next(PracticeModel(**node.config).replies for node in found.document.nodes if node.kind == "practice")
    document = at_a_server(found.document)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    monkeypatch.setenv("OPENAI_BASE_URL", model_server.base_url)
    for name in ("studio", "home"):
        (tmp_path / name).mkdir()
    model_server.script(in_turn(document, practice))
    drawn = plainly(rows_of_events(asyncio.run(in_this_process(document, tmp_path / "studio"))))
    model_server.clear()
    model_server.script(in_turn(document, practice))
    script = to_classic(document, OURS)
    said = plainly(said_by_ours(script, document, tmp_path / "home", monkeypatch))
    if found.id in OTHERWISE:
        assert OTHERWISE[found.id] in {finding.code for finding in losses(document)}
        assert said
        assert said != drawn
    else:
        renamed = codes(document) & {"lost_renamed"}
        assert (said if not renamed else [row[2:] for row in said]) == (drawn if not renamed else [row[2:] for row in drawn])


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


def rejected_by_ruff(script: str) -> str:
    command = [find_ruff_bin(), "check", "--isolated", "--no-cache", "--quiet", "--select", "F,I", "-"]
    return subprocess.run(command, input=script, capture_output=True, text=True, timeout=60, check=False).stdout


def test_two_agents_are_at_most_forty_lines() -> None:
    stop = Node(id="n_s", kind="text_mention", config={"text": "DONE", "sources": ["critic"]}, parent="n_t")
    document = drawn({}, assistant("writer"), assistant("critic"), stop)
    assert len(to_classic(document).splitlines()) <= 40
    assert losses(document) == ()


def test_who_sees_the_images_that_texts_name_is_multimodal_and_comes_back_so() -> None:
    document = drawn({}, assistant("eye", named_images=True), assistant("critic"))
    script = to_classic(document)
    assert "eye = MultimodalConversableAgent(" in script
    assert losses(document) == ()
    assert "autogen-agentchat[lmm]==0.2.40" in requirements("classic", script)
    (back,) = read_bytes(script.encode()).flows
    kept = {node.name: node.config for node in back.document.nodes if node.kind == "assistant"}
    assert kept["eye"]["named_images"] is True
    assert "named_images" not in kept["critic"]


def test_arrows_are_transitions_and_begin_where_none_leads() -> None:
    arrows = (("speaks", "n_b", "n_c"), ("speaks", "n_c", "n_a"))
    script = to_classic(drawn({"selection": {"kind": "model_choice"}}, *map(assistant, "abc"), wires=arrows))
    assert "b: [c]" in script
    assert "c: [a]" in script
    assert "if last_speaker not in group_chat.agents:\n        return b" in script


def test_a_tool_that_needs_a_yes_asks_for_it() -> None:
    source = 'def pay(sum: int) -> str:\n    """Pay."""\n    return "ok"\n'
    tool = Node(id="n_f", kind="python_tool", config={"source": source, "approval": "always"})
    script = to_classic(drawn({}, assistant("clerk"), tool, wires=(("tool", "n_f", "n_clerk"),)))
    assert "asks_first(pay)" in script
    assert "input(" in script


def test_keys_and_addresses_of_accounts_come_from_the_environment() -> None:
    model = Node(id="n_own", kind="openai", config={"account": "my server", "model": "llama", "temperature": 0.5})
    script = to_classic(drawn({}, assistant("clerk"), assistant("boss"), model, wires=(("model", "n_own", "n_clerk"),)))
    assert '"base_url": os.environ["MY_SERVER_BASE_URL"]' in script
    assert '"api_key": os.environ.get("MY_SERVER_API_KEY", "none")' in script
    assert '"temperature": 0.5' in script


def test_a_fallback_list_is_a_config_list() -> None:
    other = Node(id="n_other", kind="openai", config={"model": "gpt-4.1"})
    both = Node(id="n_both", kind="fallback")
    wires = (("model", "n_other", "n_both"), ("model", "n_m", "n_both"), ("model", "n_both", "n_clerk"))
    script = to_classic(drawn({}, assistant("clerk"), assistant("boss"), other, both, wires=wires))
    assert '"model": "gpt-4.1"' in script
    assert script.count('"config_list": [') == 1
    assert '{"model": "gpt-4o-mini", "cache_seed": None}' in script


def test_what_is_left_out_is_said_with_its_node() -> None:
    rule = Node(id="n_s", kind="loop_detector", name="Loop", parent="n_t")
    document = drawn({}, assistant("clerk"), assistant("boss", may_end=True), rule)
    found = {finding.code: finding for finding in losses(document)}
    assert found["lost_condition"].level == "decision"
    assert found["lost_condition"].nodes == ("n_s",)
    assert "Loop" in found["lost_condition"].text
    assert found["lost_field"].nodes == ("n_boss",)


def test_two_who_are_called_almost_alike_are_handed_over_to_by_functions_of_their_own() -> None:
    other = Node(id="n_other", kind="assistant", name="a b", parent="n_t")
    document = drawn({"selection": {"kind": "swarm"}}, assistant("desk", handoffs=["a b", "a_b"]), assistant("a_b"), other)
    script = to_classic(document)
    assert "def transfer_to_a_b()" in script
    assert "def transfer_to_a_b_2()" in script


def test_hand_overs_are_named_with_letters_that_a_server_takes() -> None:
    document = drawn({"max_turns": 9, "selection": {"kind": "swarm"}}, assistant("desk", handoffs=["研究员", "Zoë"]))
    script = to_classic(document)
    assert "def transfer_to_zo()" in script
    assert "def transfer_to()" in script


def test_who_has_no_model_is_given_no_tools() -> None:
    tool = Node(id="n_f", kind="python_tool")
    flow = drawn({"max_turns": 9}, assistant("clerk", handoffs=["boss"]), assistant("boss"), tool, wires=(("tool", "n_f", "n_clerk"),))
    without = flow.model_copy(
        update={"nodes": tuple(n for n in flow.nodes if n.id != "n_m"), "edges": tuple(e for e in flow.edges if e.source != "n_m")}
    )
    assert "register_function" not in to_classic(without)
    assert "lost_silent" in codes(without)


def test_what_is_used_by_nobody_is_named() -> None:
    loose = Node(id="n_f", kind="python_tool", name="spare")
    found = losses(drawn({"max_turns": 9}, assistant("clerk"), assistant("boss"), loose))
    assert [(finding.code, finding.nodes) for finding in found] == [("lost_loose", ("n_f",))]


def test_an_answer_in_a_shape_is_asked_for_in_that_shape() -> None:
    shape = {"type": "object", "properties": {"mark": {"type": "integer"}}}
    document = drawn({"max_turns": 9}, assistant("judge", output=shape), assistant("clerk"))
    text = to_classic(document)
    assert '"json_schema"' in text
    assert '"mark": {"type": "integer"}' in text
    assert not codes(document)


def test_a_flow_that_cannot_be_run_says_why() -> None:
    (finding,) = losses(FlowDocument(name="Empty"))
    assert finding.level == "decision"


def test_a_tool_whose_code_keeps_state_is_left_out_and_named() -> None:
    source = "COUNT = 0\ndef count() -> int:\n    global COUNT\n    COUNT += 1\n    return COUNT"
    document = drawn(
        {}, assistant("clerk"), Node(id="n_f", kind="python_tool", config={"source": source}), wires=(("tool", "n_f", "n_clerk"),)
    )
    assert "lost_tool_source" in codes(document)
    assert "count" not in to_classic(document)


@settings(
    max_examples=40,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(flows())
def test_any_flow_is_a_clean_script_or_says_why_not(flow: FlowDocument) -> None:
    found = losses(flow)
    assert all(finding.text and "code_target" not in finding.text for finding in found)
    if found and not found[0].code.startswith("lost_"):
        with pytest.raises(ConveneError):
            to_classic(flow)
        return
    script = to_classic(flow)
    ast.parse(script)
    assert rejected_by_ruff(script) == ""


def test_crossed_out_arrows_are_disallowed_transitions() -> None:
    team = {"selection": {"kind": "model_choice", "allow_repeat": True}, "transitions_type": "disallowed"}
    document = drawn(team, *map(assistant, "abc"), wires=(("speaks", "n_b", "n_c"), ("speaks", "n_c", "n_a")))
    script = to_classic(document)
    assert "allowed_or_disallowed_speaker_transitions={b: [c], c: [a]}" in script
    assert 'speaker_transitions_type="disallowed"' in script
    assert "return b" not in script
    assert codes(document) == codes(drawn({**team, "transitions_type": "allowed"}, *map(assistant, "abc")))


def test_nobody_twice_in_a_row_is_disallowed_with_the_others() -> None:
    team = {"selection": {"kind": "random_choice"}, "transitions_type": "disallowed"}
    script = to_classic(drawn(team, *map(assistant, "abc"), wires=(("speaks", "n_b", "n_c"),)))
    assert "allowed_or_disallowed_speaker_transitions={a: [a], b: [b, c], c: [c]}" in script


@pytest.mark.parametrize("method", ["model_choice", "random_choice", "round_robin", "manual"])
def test_crossed_out_arrows_go_out_and_come_in_again(method: str) -> None:
    team = {
        "transitions_type": "disallowed",
        **({} if method == "round_robin" else {"selection": {"kind": method, **({"allow_repeat": True} if "_choice" in method else {})}}),
    }
    script = to_classic(drawn(team, *map(assistant, "abc"), wires=(("speaks", "n_b", "n_c"),)))
    brought = read_bytes(script.encode(), "chat.py").flows[0].document
    found = next(node for node in brought.nodes if node.kind == "team")
    names = {node.id: node.name for node in brought.nodes}
    assert found.config["transitions_type"] == "disallowed"
    assert [(names[each.source], names[each.target]) for each in brought.edges if each.kind == "speaks"] == [("b", "c")]


def test_guards_that_are_left_out_are_a_decision() -> None:
    document = drawn({}, assistant("clerk", guards=[{"what": "secret"}]), assistant("boss"))
    assert "lost_guards" in {finding.code for finding in losses(document) if finding.level == "decision"}


def weather(**config: object) -> FlowDocument:
    """An agent with a tool, and another one without."""
    source = 'def weather(city: str, above: float) -> str:\n    """Tell the weather."""\n    return f"{city}: {above}"\n'
    tool = Node(id="n_tool", kind="python_tool", name="weather", config={"source": source})
    return drawn({}, assistant("clerk", **config), assistant("boss", max_tool_rounds=1), tool, wires=(("tool", "n_tool", "n_clerk"),))


def test_an_agent_that_says_what_its_tools_gave_does_so_in_the_script_and_comes_back() -> None:
    document = weather(max_tool_rounds=1, after_tools="results")
    script = to_classic(document)
    assert "clerk.register_reply([Agent, None], results_as_answer)" in script
    assert "boss.register_reply" not in script
    assert not codes(document) & {"lost_after_tools", "lost_max_tool_rounds"}
    (again,) = read_bytes(script.encode(), "again.py").flows
    (clerk,) = (node for node in again.document.nodes if node.name == "clerk")
    assert (clerk.config["after_tools"], clerk.config["max_tool_rounds"]) == ("results", 1)
    assert not [node for node in again.document.nodes if node.kind.startswith("python:")]


@pytest.mark.parametrize(
    ("config", "lost"), [({"max_tool_rounds": 3, "after_tools": "results"}, {"lost_after_tools", "lost_max_tool_rounds"}), ({}, set())]
)
def test_other_limits_of_tool_rounds_are_told(config: dict[str, object], lost: set[str]) -> None:
    document = weather(**config)
    assert "results_as_answer" not in to_classic(document)
    assert codes(document) & {"lost_after_tools", "lost_max_tool_rounds"} == lost


def test_functions_that_take_numbers_with_decimals_are_told() -> None:
    (told,) = (finding for finding in losses(weather()) if finding.code == "lost_whole_numbers")
    assert told.nodes == ("n_tool",)


def test_who_have_the_same_functions_are_given_them_in_a_loop_and_have_them_when_they_come_back() -> None:
    found = template("release-notes")
    assert found is not None
    program = to_classic(found.document)
    assert program.count("register_function(") == 1
    assert "for caller in (drafter, editor, checker):" in program
    (imported,) = read_bytes(program.encode()).flows
    given = {(edge.target, edge.source) for edge in imported.document.edges if edge.kind == "tool"}
    assert len(given) == 3 * 5


def test_a_function_that_is_told_in_other_words_is_given_by_itself() -> None:
    found = template("customer-service")
    assert found is not None
    program = to_classic(found.document)
    assert "for function in (look_up_order, transfer_to_refunds, transfer_to_user):" in program
    assert "asks_first(refund),\n    caller=refunds," in program
    assert program.count("for function in") == 2


@pytest.mark.parametrize(("name", "kind"), [("engineering-team", "money_limit"), ("research-with-tools", "token_limit")])
def test_a_limit_of_what_models_used_comes_back_and_nothing_is_said_of_what_counts(name: str, kind: str) -> None:
    found = template(name)
    assert found is not None
    (imported,) = read_bytes(to_classic(found.document).encode()).flows
    limits = [[node.config for node in flow.nodes if node.kind == kind] for flow in (found.document, imported.document)]
    assert limits[0]
    assert limits[0] == limits[1]
    assert not [each.text for each in imported.report.findings if each.code.startswith("unreached")]
