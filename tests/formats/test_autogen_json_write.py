"""Flows leave as AutoGen's JSON: real AutoGen loads them, and what it cannot express is said before."""

from __future__ import annotations

import json
from typing import Any

import pytest
from autogen_peer import loaded_by_autogen
from autogen_samples import NAMES, assistant, component, function_tool, model, sample, team, termination, workbench, written
from drawn_flows import flows
from hypothesis import HealthCheck, given, settings

from studio.flow.document import Edge, FlowDocument, Node
from studio.formats.autogen_components.envelopes import UnknownVersion
from studio.formats.autogen_json.read import from_autogen
from studio.formats.autogen_json.write import NothingToWrite, losses, to_autogen
from studio.library.templates import templates

MODEL = Node(id="m", kind="openai", config={"model": "gpt-4o-mini"})


def crew(*more: Node, edges: tuple[Edge, ...] = (), **config: Any) -> FlowDocument:
    """Two assistants with one model in a team, and whatever else is drawn."""
    drawn = (
        Node(id="t", kind="team", name="crew", config=config),
        Node(id="a", kind="assistant", name="ann", parent="t", config={"system_message": "Be brief."}),
        Node(id="b", kind="assistant", name="bob", parent="t"),
        MODEL,
    )
    return FlowDocument(name="Crew", nodes=(*drawn, *more), edges=(Edge(id="e", kind="model", source="m", target="t"), *edges))


def stop(rule: Node) -> FlowDocument:
    return crew(rule, edges=(Edge(id="s", kind="stop", source=rule.id, target="t"),))


def codes(document: FlowDocument, version: str = "0.7") -> set[str]:
    return {finding.code for finding in losses(document, version)}


def everything(*, tool: bool = True) -> bytes:
    """A team with every kind of component that both sides have."""
    conditions = [
        termination("TextMentionTermination", text="DONE", sources=["ann"]),
        termination("MaxMessageTermination", max_messages=9, include_agent_event=False),
        termination("TokenUsageTermination", max_total_token=None, max_prompt_token=7, max_completion_token=8),
        termination("TimeoutTermination", timeout_seconds=3.5),
        termination("HandoffTermination", target="user"),
        termination("SourceMatchTermination", sources=["bob"]),
        termination("TextMessageTermination", source=None),
        termination("FunctionCallTermination", function_name="add"),
    ]
    both = termination("AndTerminationCondition", conditions=[*conditions[:2]])
    runner = component(
        "autogen_agentchat.agents.CodeExecutorAgent",
        "agent",
        {
            "name": "runner",
            "code_executor": component(
                "autogen_ext.code_executors.local.LocalCommandLineCodeExecutor", "code_executor", {"timeout": 30, "work_dir": "x"}
            ),
            "description": "Runs.",
            "sources": ["ann"],
        },
    )
    person = component("autogen_agentchat.agents.UserProxyAgent", "agent", {"name": "me", "description": "I", "input_func": None})
    add = function_tool(
        "def add(a: int, b: int) -> int:\n    return a + b\n", "add", "Adds.", ["math", {"module": "typing", "imports": ["Any"]}]
    )
    bench = workbench(add) if tool else workbench()
    ann = assistant("ann", workbench=bench, handoffs=[{"target": "bob", "description": "", "name": "", "message": ""}])
    bob = assistant("bob", model_client=model("mystery-1", base_url="http://localhost:11434/v1", temperature=0.5), max_tool_iterations=3)
    return written(
        team(
            ann,
            bob,
            runner,
            person,
            kind="SelectorGroupChat",
            model_client=model(),
            selector_prompt="Choose well.",
            allow_repeated_speaker=True,
            termination_condition=termination("OrTerminationCondition", conditions=[both, *conditions]),
            max_turns=12,
        )
    )


@pytest.mark.parametrize("version", ["0.5", "0.7"])
@pytest.mark.parametrize("name", NAMES)
def test_a_sample_goes_out_and_comes_in_with_the_same_meaning(name: str, version: str) -> None:
    (first,) = from_autogen(sample(name))
    (second,) = from_autogen(to_autogen(first.document, version).encode())
    (third,) = from_autogen(to_autogen(second.document, version).encode())
    assert third.document == second.document
    kinds = [node.kind for node in first.document.nodes]
    if not name.startswith("v0.1"):
        assert sorted(node.kind for node in second.document.nodes) == sorted(kinds)


def test_everything_that_both_have_survives_the_way_out_and_in() -> None:
    (first,) = from_autogen(everything())
    (second,) = from_autogen(to_autogen(first.document).encode())

    def drawn(document: FlowDocument) -> list[Any]:
        return sorted(([node.kind, node.name, node.config] for node in document.nodes), key=json.dumps)

    assert drawn(second.document) == drawn(first.document)
    assert len(second.document.edges) == len(first.document.edges)


def test_an_unknown_component_goes_out_as_it_came() -> None:
    text = '{"provider":"mine.Robot",  "component_type":"agent", "config": {"name": "robbie", "speed": 1.50}}'
    whole = written(team(assistant("a"), {"REPLACE": 1})).replace(b'{\n        "REPLACE": 1\n      }', text.encode())
    (imported,) = from_autogen(whole)
    assert text in to_autogen(imported.document)
    (alone,) = from_autogen(text.encode())
    assert to_autogen(alone.document).strip() == text


@pytest.mark.parametrize("version", ["0.5", "0.7"])
def test_a_gallery_goes_out_with_everything_that_lay_in_it(version: str) -> None:
    strange = [
        component(f"mine.{name}", kind, {"name": name}) for name, kind in (("Robot", "agent"), ("Radar", "tool"), ("Hall", "workbench"))
    ]
    shelves = {
        "agents": [assistant("ann"), strange[0]],
        "models": [model("gpt-4o")],
        "tools": [function_tool("def add(a: int) -> int:\n    return a + 1\n"), strange[1]],
        "terminations": [termination("MaxMessageTermination", max_messages=3)],
        "workbenches": [strange[2]],
    }
    (imported,) = from_autogen(written({"id": "g", "name": "Shelf", "components": shelves}))
    out = to_autogen(imported.document, version)
    assert {name: len(held) for name, held in json.loads(out)["components"].items() if held} == {
        name: len(held) for name, held in shelves.items()
    }
    for each in strange:
        assert each in [item for held in json.loads(out)["components"].values() for item in held]
    (again,) = from_autogen(out)
    assert sorted(node.kind for node in again.document.nodes) == sorted(node.kind for node in imported.document.nodes)


def test_an_unknown_component_that_is_no_json_any_more_is_left_out_and_told() -> None:
    broken = Node(id="x", kind="autogen:Robot", name="r", parent="t", config={"original": '{"a": 1'})
    assert "lost_unknown" in codes(crew(broken))
    assert len(json.loads(to_autogen(crew(broken)))["config"]["participants"]) == 2


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (stop(Node(id="s", kind="money_limit")), "lost_condition"),
        (stop(Node(id="s", kind="text_mention")), "lost_given.include_task"),
        (crew(selection={"kind": "random_choice"}), "lost_selection"),
        (crew(Node(id="h", kind="human", name="me", parent="t")), "lost_given.end_word"),
        (crew(Node(id="h", kind="human", name="me", parent="t", config={"input_mode": "terminate"})), "lost_given.input_mode"),
        (crew(edges=(Edge(id="x", kind="speaks", source="a", target="b"),)), "lost_arrows"),
        (crew(Node(id="c", kind="assistant", name="zoë the 2nd", parent="t")), "lost_renamed"),
        (FlowDocument(nodes=(Node(id="a", kind="assistant", name="a"),)), "nothing_to_write"),
        (FlowDocument(nodes=(Node(id="n", kind="note"),)), "nothing_to_write"),
    ],
)
def test_what_autogen_cannot_express_is_said_with_its_node(document: FlowDocument, code: str) -> None:
    assert code in codes(document)


def test_a_flow_without_anything_for_autogen_is_refused() -> None:
    with pytest.raises(NothingToWrite):
        to_autogen(FlowDocument())


def test_an_unknown_version_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UnknownVersion, match=r"0\.5, 0\.6, 0\.7"):
        to_autogen(crew(), "0.4")


def test_a_rule_about_turns_becomes_the_teams_limit() -> None:
    rule = Node(id="s", kind="max_turns", config={"max_turns": 7})
    config = json.loads(to_autogen(stop(rule)))["config"]
    assert config["max_turns"] == 7
    assert config["termination_condition"] is None


def test_all_of_without_one_of_its_parts_is_left_out_whole() -> None:
    rules = (Node(id="x", kind="all_of"), Node(id="y", kind="money_limit"), Node(id="z", kind="time_limit"))
    edges = tuple(Edge(id=f"e_{a}{b}", kind="stop", source=a, target=b) for a, b in (("y", "x"), ("z", "x"), ("x", "t")))
    assert json.loads(to_autogen(crew(*rules, edges=edges)))["config"]["termination_condition"] is None
    assert {"lost_all_of", "lost_condition"} <= codes(crew(*rules, edges=edges))


def test_the_function_that_is_the_tool_comes_first_whatever_it_uses() -> None:
    source = "import math\n\nBASE = 3\n\n\ndef _twice(x: int) -> int:\n    return 2 * x\n\n\ndef tool(x: int) -> int:\n    return _twice(x) + BASE\n"
    document = crew(Node(id="f", kind="python_tool", config={"source": source}), edges=(Edge(id="f", kind="tool", source="f", target="a"),))
    bench = json.loads(to_autogen(document))["config"]["participants"][0]["config"]["workbench"][0]
    config = bench["config"]["tools"][0]["config"]
    assert config["name"] == "tool"
    assert config["global_imports"] == ["math"]
    assert config["source_code"].index("def tool") < config["source_code"].index("def _twice")
    namespace: dict[str, Any] = {}
    exec(config["source_code"], namespace)  # what AutoGen does with it
    assert namespace["tool"](4) == 11


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(flows())
def test_any_flow_goes_out_as_json_that_reads_again_or_says_why_not(flow: FlowDocument) -> None:
    for version in ("0.5", "0.7"):
        said = losses(flow, version)
        try:
            text = to_autogen(flow, version)
        except NothingToWrite:
            assert said
            continue
        assert from_autogen(text.encode())


def nested() -> bytes:
    """Teams in teams, a society, a filter, a memory, a team and an agent as tools, a graph and a planner."""
    memory = component(
        "autogen_core.memory.ListMemory",
        "memory",
        {"name": "facts", "memory_contents": [{"content": "It rains.", "mime_type": "text/plain", "metadata": None}]},
    )
    asking = {"name": "crew_tool", "description": "Asks.", "team": team(assistant("x"), max_turns=1), "return_value_as_last_message": True}
    tool = component("autogen_agentchat.tools.TeamTool", "tool", asking)
    society = component(
        "autogen_agentchat.agents.SocietyOfMindAgent",
        "agent",
        {
            "name": "som",
            "team": team(assistant("one"), assistant("two"), max_turns=2),
            "model_client": model(),
            "description": "Speaks as one.",
            "instruction": "Earlier.",
            "response_prompt": "Now.",
        },
    )
    quiet = component(
        "autogen_agentchat.agents.MessageFilterAgent",
        "agent",
        {
            "name": "quiet",
            "wrapped_agent": assistant("inside"),
            "filter": {
                "per_source": [{"source": "user", "position": "first", "count": 1}, {"source": "one", "position": "last", "count": 2}]
            },
        },
    )
    edges = [{"target": "d", "condition": "YES", "activation_group": "d", "activation_condition": "any"}]
    nodes = {"c": {"name": "c", "edges": edges, "activation": "all"}, "d": {"name": "d", "edges": [], "activation": "all"}}
    graph = {"nodes": nodes, "default_start_node": "c"}
    inner = component(
        "autogen_agentchat.teams.GraphFlow",
        "team",
        {"name": "flow", "description": "", "participants": [assistant("c"), assistant("d")], "graph": graph, "max_turns": 5},
    )
    planner = team(
        assistant("p"), kind="MagenticOneGroupChat", model_client=model(), max_stalls=2, final_answer_prompt="Answer.", max_turns=40
    )
    del planner["config"]["emit_team_events"]
    planner["config"]["name"] = "planner"
    planner["config"]["participants"].append(assistant("q"))
    helper = component("autogen_agentchat.tools.AgentTool", "tool", {"agent": assistant("helper"), "return_value_as_last_message": True})
    clerk = component("autogen_agentchat.tools.AgentTool", "tool", {"agent": assistant("clerk")})
    boss = assistant("boss", memory=[memory], workbench=workbench(tool, helper, clerk))
    return written(team(boss, society, quiet, inner, planner, name="everybody", max_turns=6))


def test_what_has_others_inside_survives_the_way_out_and_in() -> None:
    (first,) = from_autogen(nested())
    (second,) = from_autogen(to_autogen(first.document).encode())

    def drawn(document: FlowDocument) -> list[Any]:
        names = {node.id: node.name for node in document.nodes}
        return sorted(([node.kind, node.name, node.config, names.get(node.parent or "", "")] for node in document.nodes), key=json.dumps)

    assert drawn(second.document) == drawn(first.document)
    arrows = [[edge.config for edge in document.edges if edge.kind == "speaks"] for document in (first.document, second.document)]
    assert arrows == [[{"condition": "YES", "join": "any"}]] * 2
    calls = [[edge.config for edge in document.edges if edge.kind == "tool"] for document in (first.document, second.document)]
    assert calls == [[{}, {}, {"heard": "all"}]] * 2
    assert {"lost_calls_at_once"} <= codes(first.document)
    assert {"lost_team_in_team"} <= codes(first.document, "0.5")


@pytest.mark.parametrize("version", ["0.5", "0.7"])
def test_real_autogen_loads_what_we_write(version: str) -> None:
    documents = [from_autogen(everything())[0].document]
    documents += [from_autogen(sample(name))[0].document for name in NAMES if not name.startswith("v0.1")]
    documents += [each.document for each in templates()]
    documents += [from_autogen(nested())[0].document]
    if version == "0.5":
        # What is kept as it came stays what the newer AutoGen wrote.
        documents = [document for document in documents if not any(node.kind.startswith("autogen:") for node in document.nodes)]
    refused = [document for document in documents if NothingToWrite.code in {loss.code for loss in losses(document, version)}]
    assert [document.name for document in refused] == ["Article in three chats"]  # AutoGen has no row of chats
    documents = [document for document in documents if document not in refused]
    texts = [to_autogen(document, version) for document in documents]
    for document, answer in zip(documents, loaded_by_autogen(version, texts), strict=True):
        assert isinstance(answer, dict), f"{document.name}: {answer}"


def test_what_real_autogen_writes_of_ours_means_the_same_to_us() -> None:
    (first,) = from_autogen(everything(tool=False))
    (dumped,) = loaded_by_autogen("0.7", [to_autogen(first.document)])
    (second,) = from_autogen(json.dumps(dumped).encode())
    kept = [[node.kind, node.name] for node in first.document.nodes]
    assert sorted([node.kind, node.name] for node in second.document.nodes) == sorted(kept)


def test_a_runner_with_a_model_of_its_own_takes_it_along() -> None:
    runner = Node(id="r", kind="code_runner", name="runner", parent="t", config={"system_message": "Write R.", "repairs": 4})
    document = crew(runner, edges=(Edge(id="own", kind="model", source="m", target="r"),))
    members = json.loads(to_autogen(document))["config"]["participants"]
    config = next(each["config"] for each in members if each["config"]["name"] == "runner")
    assert config["model_client"]["config"]["model"] == "gpt-4o-mini"
    assert config["system_message"] == "Write R."
    assert "lost_field" in codes(document)
    (again,) = from_autogen(to_autogen(document).encode())
    (read,) = (node for node in again.document.nodes if node.kind == "code_runner")
    assert read.config["system_message"] == "Write R."
    assert any(edge.kind == "model" and edge.target == read.id for edge in again.document.edges)
