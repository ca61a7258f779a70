"""What was chosen in a flow and cannot be said by a target is told before it is written: one flow of many such choices."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.flow.document import Edge, FlowDocument, Node
from studio.formats.targets import TARGETS

FUNCTION = "def sums_up(messages: list[dict]) -> str:\n    return 'All of it.'\n"


def node(place: str, kind: str, name: str = "", parent: str | None = None, **config: Any) -> Node:
    return Node(id=f"n_{place}", kind=kind, name=name, parent=parent, config=config)


def wired(nodes: list[Node], *wires: tuple[str, str, str]) -> FlowDocument:
    edges = tuple(Edge(id=f"e_{at}", kind=kind, source=f"n_{a}", target=f"n_{b}") for at, (kind, a, b) in enumerate(wires))  # type: ignore[arg-type]
    return FlowDocument(name="Chosen", nodes=tuple(nodes), edges=edges)


def choices() -> FlowDocument:
    """Two agents share a model with more to say than frameworks can; others run code, hear a part, and remember little."""
    assistant = {"system_message": "You help."}
    docker = {"kind": "docker", "memory_mb": 4096, "disk_mb": 5}
    return wired(
        [
            node("t", "team", "Desk", description="Works on what comes in."),
            node("a", "assistant", "ann", "n_t", **assistant, context={"kind": "last_messages", "count": 4}),
            node("b", "assistant", "bob", "n_t", **assistant, context={"kind": "token_budget", "tokens": 900}),
            node("d", "code_runner", "docker", "n_t", executor=docker),
            node("h", "code_runner", "here", "n_t", executor={"kind": "local", "environment": "run"}),
            node("j", "code_runner", "notebook", "n_t", executor={"kind": "jupyter", "image": "own/image"}),
            node("q", "code_runner", "quick", "n_t", executor={"kind": "auto", "timeout": 7.0}),
            node("f", "filter", "narrow", "n_t", description="hears little", hears=[{"source": "ann", "count": 1}]),
            node("i", "assistant", "ida", "n_f", **assistant),
            node("m", "openai", "gpt", model="gpt-4o", remember=True, retries=7),
        ],
        ("model", "m", "t"),
    )


AUTOGEN = {
    ("ann", "keep_task"),
    ("bob", "context"),
    ("quick", "executor_fields"),
    ("notebook", "executor_fields"),
    ("narrow", "field"),
    ("gpt", "field"),
}
TOLD = {
    "autogen": AUTOGEN | {("quick", "python.auto_executor"), ("docker", "executor_fields")},
    "autogen-json": AUTOGEN - {("quick", "executor_fields")} | {("quick", "executor"), ("docker", "executor_fields")},
    "classic": {("Desk", "field"), ("notebook", "no_notebook"), ("docker", "field"), ("here", "field"), ("narrow", "field")},
    "agent-framework": {
        ("Desk", "field"),
        ("notebook", "no_notebook"),
        ("docker", "field"),
        ("here", "field"),
        ("narrow", "field"),
        ("gpt", "field"),
    },
}


@pytest.mark.parametrize("name", TOLD)
def test_what_was_chosen_and_is_left_out_is_told(name: str) -> None:
    document = choices()
    names = {each.id: each.name for each in document.nodes}
    told = {(names[finding.subject], finding.code.removeprefix("lost_")) for finding in TARGETS[name].losses(document) if finding.subject}
    assert told >= TOLD[name], TOLD[name] - told


def differing() -> FlowDocument:
    """A team whose conversation another framework holds a little otherwise: tools, functions, people, hand-overs, a team in a team."""
    counts = "def count(messages: list[dict]) -> str:\n    return str(len(messages))\n"
    double = "def double(number: int) -> int:\n    return 2 * number\n"
    return wired(
        [
            node("t", "team", "Desk", selection={"kind": "round_robin"}),
            node("a", "assistant", "ann", "n_t", system_message="Say TERMINATE at the end.", context={"kind": "last_messages", "count": 1}),
            node("p", "python_agent", "pat", "n_t", source=counts),
            node("h", "human", "hal", "n_t", input_mode="terminate"),
            node("i", "team", "inner", "n_t"),
            node("b", "assistant", "bob", "n_i", handoffs=["cyd"]),
            node("c", "code_runner", "cyd", "n_i", executor={"kind": "local"}),
            node("x", "assistant", "helper"),
            node("d", "python_tool", "double", source=double),
            node("s", "max_messages", "first", max_messages=1, include_task=True),
            node("m", "openai", "gpt", model="gpt-4o"),
        ],
        ("model", "m", "t"),
        ("tool", "d", "a"),
        ("tool", "d", "b"),
        ("tool", "x", "a"),
        ("stop", "s", "t"),
    )


DIFFERS = {
    "autogen": {("double", "sandbox"), ("bob", "hand_over_beside_calls"), ("helper", "calls_counted")},
    "autogen-json": {("double", "sandbox"), ("bob", "hand_over_beside_calls"), ("helper", "calls_counted")},
    "classic": {
        ("double", "tool_here"),
        ("pat", "function_here"),
        ("ann", "two_messages"),
        ("bob", "hand_over_beside_calls"),
        ("Desk", "bare_word_ends"),
        ("Desk", "calls_heard"),
        ("hal", "end_word_in_task"),
        ("inner", "begins_anew_as_one"),
        ("first", "once_at_least"),
    },
    "agent-framework": {
        ("double", "tool_here"),
        ("pat", "function_here"),
        ("cyd", "local_python"),
        ("bob", "hand_over_beside_calls"),
        ("inner", "begins_anew_as_one"),
        ("first", "once_at_least"),
    },
}


@pytest.mark.parametrize("name", DIFFERS)
def test_what_a_conversation_elsewhere_does_otherwise_is_told(name: str) -> None:
    document = differing()
    names = {each.id: each.name for each in document.nodes}
    told = {(names[finding.subject], finding.code.removeprefix("lost_")) for finding in TARGETS[name].losses(document) if finding.subject}
    assert told >= DIFFERS[name], DIFFERS[name] - told


@pytest.mark.parametrize("name", ["autogen", "autogen-json"])
@pytest.mark.parametrize("after_work", ["end", "stay"])
def test_a_swarm_of_autogens_ends_where_it_is_handed_over_to_nobody_in_it(name: str, after_work: str) -> None:
    """Its own breaks off with an error there; a swarm that goes on in the studio is told to end."""
    document = wired(
        [
            node("t", "team", "Desk", selection={"kind": "swarm", "after_work": after_work}),
            node("a", "assistant", "ann", "n_t", handoffs=["bob", "user"]),
            node("b", "assistant", "bob", "n_t", handoffs=["ann"]),
            node("m", "openai", "gpt", model="gpt-4o"),
        ],
        ("model", "m", "t"),
    )
    assert "HandoffTermination" in TARGETS[name].write(document).decode()
    told = [finding.code for finding in TARGETS[name].losses(document)]
    assert ("lost_swarm_outside" in told) is (after_work == "stay")


@pytest.mark.parametrize("end", [True, False])
def test_agent_framework_goes_on_where_a_hand_over_at_an_arrows_end_leads_outside(end: bool) -> None:
    document = wired(
        [
            node("t", "team", "Desk", selection={"kind": "round_robin"}),
            node("a", "assistant", "ann", "n_t", handoffs=["user"]),
            node("b", "assistant", "bob", "n_t"),
            node("m", "openai", "gpt", model="gpt-4o"),
        ],
        ("model", "m", "t"),
    )
    arrows = [("b", "a")] if end else [("b", "a"), ("a", "b")]
    speaks = [Edge(id=f"e_{one}{other}", kind="speaks", source=f"n_{one}", target=f"n_{other}") for one, other in arrows]
    document = document.model_copy(update={"edges": (*document.edges, *speaks)})
    told = [finding.code for finding in TARGETS["agent-framework"].losses(document)]
    assert ("lost_hand_over_at_end" in told) is end


def test_a_graph_in_json_is_one_that_autogen_takes() -> None:
    """It wants conditions on all arrows of an agent or on none, a circle that can be left, and one kind of join a group."""
    document = wired(
        [
            node("t", "team", "Desk", selection={"kind": "graph"}),
            *(node(name, "assistant", name, "n_t") for name in ("ann", "bob", "cyd")),
            node("m", "openai", "gpt", model="gpt-4o"),
        ],
        ("model", "m", "t"),
    )
    arrows = {
        ("ann", "bob"): {"condition": "yes"},
        ("ann", "cyd"): {"how": "otherwise"},
        ("bob", "cyd"): {"join": "any"},
        ("bob", "ann"): {"condition": "^no", "how": "regex"},
    }
    speaks = [Edge(id=f"e_{a}{b}", kind="speaks", source=f"n_{a}", target=f"n_{b}", config=config) for (a, b), config in arrows.items()]
    document = document.model_copy(update={"edges": (*document.edges, *speaks)})
    nodes = json.loads(TARGETS["autogen-json"].write(document))["config"]["graph"]["nodes"]
    edges = {(source, edge["target"]): edge for source, each in nodes.items() for edge in each["edges"]}
    assert [edges["ann", target]["condition"] for target in ("bob", "cyd")] == ["yes", ""]
    assert edges["bob", "ann"]["condition"] is None or edges["bob", "cyd"]["condition"] is not None
    assert edges["ann", "cyd"]["activation_group"] != edges["bob", "cyd"]["activation_group"]


def test_a_model_that_many_ask_tells_once_of_each_choice() -> None:
    said = [finding.text for finding in TARGETS["agent-framework"].losses(choices()) if finding.subject == "n_m"]
    assert len(said) == len(set(said)) == 2


@pytest.mark.parametrize("name", ["autogen", "classic", "agent-framework"])
def test_a_function_that_sums_a_chat_up_is_told_to_be_left_out(name: str) -> None:
    row = wired(
        [
            node("t", "team", "Row", selection={"kind": "sequence"}),
            node("o", "chat", "one", "n_t", summarised="function", summary_source=FUNCTION),
            node("a", "assistant", "ann", "n_o"),
            node("w", "chat", "two", "n_t"),
            node("b", "assistant", "bob", "n_w"),
            node("m", "openai", "gpt", model="gpt-4o"),
        ],
        ("model", "m", "t"),
    )
    assert "lost_python.chat_function" in {each.code for each in TARGETS[name].losses(row)} or "lost_chat_function" in {
        each.code for each in TARGETS[name].losses(row)
    }


def test_a_swarm_of_autogen_begins_with_the_one_that_was_chosen() -> None:
    swarm = wired(
        [
            node("t", "team", "Swarm", selection={"kind": "swarm", "first": "bob"}),
            node("a", "assistant", "ann", "n_t", handoffs=["bob"]),
            node("b", "assistant", "bob", "n_t", handoffs=["ann"]),
            node("m", "openai", "gpt", model="gpt-4o"),
        ],
        ("model", "m", "t"),
    )
    assert "Swarm([bob, ann]" in TARGETS["autogen"].write(swarm).decode()


@pytest.mark.parametrize("name", ["autogen", "autogen-json"])
def test_that_hand_overs_count_in_a_swarm_of_autogens_is_told(name: str) -> None:
    document = wired(
        [
            node("t", "team", "Desk", selection={"kind": "swarm", "after_work": "stay"}),
            node("a", "assistant", "ann", "n_t", system_message="You help.", handoffs=["bob"]),
            node("b", "assistant", "bob", "n_t", system_message="You help."),
            node("m", "openai", "gpt", model="gpt-4o"),
            node("s", "max_messages", "Enough", max_messages=7),
        ],
        ("model", "m", "t"),
        ("stop", "s", "t"),
    )
    assert "n_s" in {place for loss in TARGETS[name].losses(document) if loss.code == "lost_swarm_messages" for place in loss.nodes}
