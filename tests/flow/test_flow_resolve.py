"""From the drawing to the team: wires, membership, order, and what is said when it cannot be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flow_drawings import drawing, node, two_agents, wire

from studio.engine.agents.assistant import Assistant
from studio.engine.code.docker_executor import DockerExecutor
from studio.engine.conditions.combined import AllOf, AnyOf
from studio.engine.conditions.max_turns import MaxTurns
from studio.engine.conditions.text_mention import TextMention
from studio.engine.errors import FlowError
from studio.engine.models.openai_model import OpenAIModel
from studio.engine.teams.model_choice import ModelChoice
from studio.flow.checks import check
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.kinds import category
from studio.flow.resolve import resolve, resolve_with_ids
from studio.flow.upgrade import read_document

TEMPLATES = sorted((Path(__file__).parents[2] / "studio" / "library" / "templates").glob("*.json"))


def with_nodes(document: FlowDocument, *items: Node | Edge) -> FlowDocument:
    more = drawing(*items)
    return document.model_copy(update={"nodes": document.nodes + more.nodes, "edges": document.edges + more.edges})


def test_a_team_is_its_members_in_order_with_what_is_wired_to_it() -> None:
    team, ids = resolve_with_ids(two_agents(max_turns=9, selection={"kind": "model_choice", "instruction": "be fair"}))
    assert [agent.name for agent in team.participants] == ["coder", "critic"]
    assert ids == {"coder": "a", "critic": "b"}
    assert (team.name, team.max_turns) == ("desk", 9)
    assert team.selection == ModelChoice(instruction="be fair")
    assert team.model == OpenAIModel(model="m1", account="local")
    assert team.stop == TextMention(text="DONE")
    assert team.transitions is None


def test_several_stop_rules_are_any_of_them_in_the_order_of_the_drawing() -> None:
    document = with_nodes(two_agents(), node("x", "max_turns", max_turns=3), wire("stop", "x", "t"))
    assert resolve(document).stop == AnyOf(conditions=(TextMention(text="DONE"), MaxTurns(max_turns=3)))


def test_a_rule_inside_the_team_that_is_part_of_another_counts_once() -> None:
    document = with_nodes(
        two_agents(),
        node("all", "all_of"),
        node("x", "max_turns", max_turns=3),
        wire("stop", "s", "all"),
        wire("stop", "x", "all"),
        wire("stop", "all", "t"),
    )
    assert resolve(document).stop == AllOf(conditions=(TextMention(text="DONE"), MaxTurns(max_turns=3)))


def test_arrows_become_transitions_by_name() -> None:
    document = with_nodes(
        two_agents(), node("c", "human", "me", "t"), wire("speaks", "a", "c"), wire("speaks", "a", "b"), wire("speaks", "b", "a")
    )
    assert resolve(document).transitions == {"coder": ("critic", "me"), "critic": ("coder",)}


def test_an_agents_own_model_and_tools_are_its_own() -> None:
    document = with_nodes(
        two_agents(),
        node("m2", "openai", model="m2"),
        wire("model", "m2", "b"),
        node("p", "python_tool", timeout=3),
        wire("tool", "p", "b"),
        wire("tool", "p", "a"),
    )
    team = resolve(document)
    coder, critic = team.participants
    assert isinstance(coder, Assistant)
    assert isinstance(critic, Assistant)
    assert coder.model is None
    assert critic.model == OpenAIModel(model="m2")
    assert coder.tools[0] is critic.tools[0]


def test_a_model_inside_the_team_serves_the_team() -> None:
    document = drawing(node("t", "team"), node("a", "assistant", parent="t"), node("m", "openai", parent="t", model="inner"))
    assert resolve(document).model == OpenAIModel(model="inner")
    shared = with_nodes(document, wire("model", "m", "a"))
    assert resolve(shared).model == OpenAIModel(model="inner")


def test_a_nested_component_is_built_from_its_kind() -> None:
    document = with_nodes(two_agents(), node("r", "code_runner", "runner", "t", executor={"kind": "docker", "timeout": 5}))
    assert resolve(document).participants[-1].executor == DockerExecutor(timeout=5)  # type: ignore[attr-defined]


def test_a_code_runner_writes_its_code_only_by_a_model_of_its_own() -> None:
    document = with_nodes(two_agents(), node("r", "code_runner", "runner", "t"))
    assert resolve(document).participants[-1].model is None  # type: ignore[attr-defined]
    wired = with_nodes(document, node("own", "openai", model="m9"), wire("model", "own", "r"))
    assert resolve(wired).participants[-1].model == OpenAIModel(model="m9")  # type: ignore[attr-defined]


def test_one_agent_alone_is_a_team_of_one_that_answers_once() -> None:
    document = drawing(node("a", "assistant", "helper"), node("m", "openai", model="m1"))
    team, ids = resolve_with_ids(document)
    assert (team.max_turns, team.model, ids) == (1, OpenAIModel(model="m1"), {"helper": "a"})
    with_rule = with_nodes(document, node("s", "max_turns", max_turns=3))
    assert (resolve(with_rule).stop, resolve(with_rule).max_turns) == (MaxTurns(max_turns=3), 50)


@pytest.mark.parametrize(
    ("items", "where", "words"),
    [
        ([], "Untitled flow", "nobody in this flow"),
        ([node("a", "assistant"), node("b", "human")], "a", "2 agents lie on the canvas without a team"),
        ([node("t", "team"), node("u", "team")], "u", "another team, t"),
        ([node("t", "team")], "t", "nobody is in this team"),
        ([node("t", "team"), node("a", "human", " ", "t")], "Human", "no name"),
        ([node("t", "team"), node("a", "human", "me", "t"), node("b", "human", "me", "t")], "me", "two agents"),
        ([node("t", "team"), node("a", "human", "m/e", "t")], "m/e", "name"),
        ([node("t", "team"), node("a", "human", "me", "t", max_auto_replies=-1)], "me", "Answers without asking: Must be at least 0."),
        ([node("t", "team"), node("x", "martian", "Marvin", "t"), node("a", "human", "me", "t")], "Marvin", "'martian'"),
        ([node("t", "team"), node("a", "human", "me", "t"), node("x", "any_of", parent="t")], "x", "no stop rule is wired"),
        (
            [
                node("t", "team"),
                node("a", "human", "me", "t"),
                node("x", "any_of"),
                wire("stop", "x", "x2"),
                node("x2", "all_of"),
                wire("stop", "x2", "x"),
                wire("stop", "x", "t"),
            ],
            "x",
            "part of itself",
        ),
    ],
)
def test_what_cannot_run_names_the_node_and_the_way_out(items: list[Node | Edge], where: str, words: str) -> None:
    with pytest.raises(FlowError) as caught:
        resolve(drawing(*items))
    assert caught.value.where == where
    assert words in caught.value.sentence
    assert caught.value.remedy


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_every_template_resolves_and_has_no_errors(path: Path) -> None:
    raw: dict[str, Any] = json.loads(path.read_text("utf-8"))
    document = read_document(raw)
    assert [problem.text for problem in check(document) if problem.level != "hint"] == []
    team, ids = resolve_with_ids(document)
    assert [agent.name for agent in team.participants] == list(ids)[: len(team.participants)]
    speakers = [node for node in document.nodes if category(node.kind) == "agent" or (category(node.kind) == "team" and node.parent)]
    assert ids == {node.name: node.id for node in speakers}


def test_crossed_out_arrows_are_transitions_that_are_not_allowed() -> None:
    document = drawing(*two_agents(transitions_type="disallowed").nodes, *two_agents().edges, wire("speaks", "a", "b"))
    team = resolve(document)
    assert (team.transitions, team.transitions_type) == ({"coder": ("critic",)}, "disallowed")
    assert team.followers == {"coder": ("coder",), "critic": ("coder", "critic")}


def test_a_graph_refuses_crossed_out_arrows_with_its_node() -> None:
    document = drawing(
        *two_agents(transitions_type="disallowed", selection={"kind": "graph"}).nodes, *two_agents().edges, wire("speaks", "a", "b")
    )
    with pytest.raises(FlowError, match="desk: its arrows cannot say who may not speak"):
        resolve(document)
