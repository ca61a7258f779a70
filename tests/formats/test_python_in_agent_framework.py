"""Scripts for Agent Framework come in: our own exports as what they were written for, and others with a line for what is left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from drawn_flows import flows
from hypothesis import HealthCheck, Phase, given, settings
from test_python_in_own_exports import outline

from studio.engine.errors import ConveneError
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.findings import ForeignFileError, Imported
from studio.flow.resolve import resolve
from studio.formats.recognise import read_bytes
from studio.formats.targets import target
from studio.library.templates import Template, template, templates

DATA = Path(__file__).parent.parent / "data" / "python_in" / "agent-framework"

DIFFERS: dict[str, set[str]] = {
    # Agent Framework has no limit of money.
    "engineering-team": {"rules"},
    "field-trip": {"rules"},
    # Messages are counted as rounds.
    "brainstorm": {"rules"},
    "translation-check": {"rules"},
    # Who runs code in a loop is a code runner.
    "coder-and-executor": {"agents"},
    # The tool for files is functions of the script.
    "release-notes": {"tools"},
}


def back(found: Template) -> Imported:
    (imported,) = read_bytes(target("agent-framework").write(found.document), found.id).flows
    return imported


def sample(name: str) -> Imported:
    (imported,) = read_bytes((DATA / name).read_bytes(), "sample").flows
    return imported


def named(source: str, name: str) -> Any:
    """A function of a source, to be asked here."""
    made: dict[str, Any] = {}
    exec(source, made)
    return made[name]


@pytest.mark.parametrize("found", templates(), ids=lambda found: found.id)
def test_a_template_comes_back_from_its_export_and_can_run(found: Template) -> None:
    imported = back(found)
    before, after = outline(found.document), outline(imported.document)
    differ = {field for field in before if before[field] != after[field]}
    assert differ == DIFFERS.get(found.id, set()), {field: (before[field], after[field]) for field in differ}
    assert resolve(imported.document).participants
    assert imported.report.format == "a script for Microsoft Agent Framework"
    assert all(each.place.line for each in imported.report.findings)


def test_what_decides_who_speaks_comes_back_with_its_numbers() -> None:
    found: dict[str, Any] = {}
    for name in ("engineering-team", "help-line", "press-release", "article-in-chats"):
        original = template(name)
        assert original is not None
        found[name] = back(original).document
    team = next(node for node in found["engineering-team"].nodes if node.kind == "team")
    assert "Failing code goes back to" in team.config["selection"]["instruction"]
    arrows = [edge.config for edge in found["press-release"].edges if edge.kind == "speaks" and edge.config.get("condition")]
    assert arrows == [{"condition": "REVISE"}]
    review = template("blind-review")
    assert review is not None
    filters = {node.name: node.config for node in back(review).document.nodes if node.kind == "filter"}
    assert filters == {name: {"hears": [{"source": "author", "count": 1}], "hears_task": False} for name in ("first_desk", "second_desk")}
    chats = [node.config["summarised"] for node in found["article-in-chats"].nodes if node.kind == "chat"]
    original = template("article-in-chats")
    assert original is not None
    assert chats == [node.config.get("summarised", "last") for node in original.document.nodes if node.kind == "chat"]


def test_who_runs_code_comes_back_with_where_it_runs_and_how_long_it_may_take() -> None:
    docker = {"kind": "docker", "image": "python:3.13", "timeout": 5.0}
    document = FlowDocument(
        name="Runners",
        nodes=(
            Node(id="n_t", kind="team", name="T"),
            Node(id="n_a", kind="assistant", name="ann", parent="n_t"),
            Node(id="n_m", kind="openai", config={"model": "gpt-5-mini"}),
            Node(id="n_r", kind="code_runner", name="runner", parent="n_t", config={"sources": ["ann"], "executor": docker}),
            Node(id="n_h", kind="human", name="here", parent="n_t", config={"input_mode": "never", "executor": {"kind": "local"}}),
            Node(
                id="n_p",
                kind="human",
                name="person",
                parent="n_t",
                config={"input_mode": "always", "executor": docker, "default_reply": "No code."},
            ),
        ),
        edges=(Edge(id="e_m", kind="model", source="n_m", target="n_t"),),
    )
    (imported,) = read_bytes(target("agent-framework").write(document)).flows
    found = {node.name: (node.kind, node.config) for node in imported.document.nodes if node.parent}
    assert found["runner"] == ("code_runner", {"sources": ["ann"], "executor": docker})
    assert found["here"] == ("human", {"input_mode": "never", "executor": {"kind": "local"}})
    assert found["person"] == ("human", {"input_mode": "always", "executor": docker, "default_reply": "No code."})
    assert [each.code for each in imported.report.of("decision") if each.code == "runs_here"] == ["runs_here"]
    assert not [each for each in imported.report.findings if each.code.startswith("unused")]


@pytest.mark.parametrize("name", ["coder-and-executor", "data-question"])
def test_a_loop_around_a_shell_comes_back_as_the_two_who_talk_in_it(name: str) -> None:
    original = template(name)
    assert original is not None
    imported = back(original)
    people = {node.name: node.config for node in imported.document.nodes if node.parent}
    (writer, runner), (stop,) = people, [node.config for node in imported.document.nodes if node.kind == "text_mention"]
    assert people[runner] == {"executor": {"kind": "docker"}, "sources": [writer]}
    assert stop == {"text": "TERMINATE" if writer == "coder" else "ANSWER:", "sources": [writer]}
    (team,) = [node.config for node in imported.document.nodes if node.kind == "team"]
    assert team == {"selection": {"kind": "round_robin"}, "max_turns": 12 if writer == "coder" else 10}
    assert {each.code for each in imported.report.findings} == {"key_missing", "task_unknown", "exact"}


def test_programs_of_ours_that_started_containers_by_themselves_still_come_in() -> None:
    document = sample("runs_code.py").document
    found = {node.name: (node.kind, node.config) for node in document.nodes if node.parent}
    assert found["runner"][0] == "code_runner"
    assert found["runner"][1]["executor"] == {"kind": "docker"}
    assert found["runner"][1]["sources"] == ["analyst"]


def test_functions_of_the_flow_and_rules_that_must_all_be_met_come_back() -> None:
    choose = "def pick(messages: list[dict], names: list[str]) -> str | None:\n    return names[0]\n"
    over = "def over(messages: list[dict]) -> bool:\n    return len(messages) > 3\n"
    reply = "def reply(messages: list[dict]) -> str:\n    return str(1)\n"
    rules = {"n_x": ("text_mention", {"text": "X"}), "n_y": ("said_by", {"sources": ["ann"]}), "n_z": ("max_messages", {"max_messages": 4})}
    document = FlowDocument(
        name="Echo",
        nodes=(
            Node(id="n_t", kind="team", name="T", config={"selection": {"kind": "function_choice", "source": choose}}),
            Node(id="n_a", kind="assistant", name="ann", parent="n_t"),
            Node(id="n_e", kind="python_agent", name="echo", parent="n_t", config={"source": reply}),
            Node(id="n_m", kind="openai", config={"model": "gpt-5-mini"}),
            Node(id="n_r", kind="function_rule", parent="n_t", config={"source": over}),
            Node(id="n_all", kind="all_of", parent="n_t"),
            *(Node(id=each, kind=kind, config=config) for each, (kind, config) in rules.items()),
        ),
        edges=(
            Edge(id="e_m", kind="model", source="n_m", target="n_t"),
            *(Edge(id=f"e_{each}", kind="stop", source=each, target="n_all") for each in rules),
        ),
    )
    (imported,) = read_bytes(target("agent-framework").write(document)).flows
    nodes = {node.kind: node for node in imported.document.nodes}
    assert nodes["team"].config["selection"] == {"kind": "function_choice", "source": choose}
    assert nodes["python_agent"].config["source"] == reply
    assert nodes["function_rule"].config["source"] == over
    assert {"choice_runs", "agent_runs", "rule_runs"} <= {each.code for each in imported.report.of("decision")}
    met = {edge.source for edge in imported.document.edges if edge.target == nodes["all_of"].id}
    assert {(node.kind, str(node.config)) for node in imported.document.nodes if node.id in met} == {
        (kind, str(config)) for kind, config in rules.values()
    }


def test_a_time_limit_of_any_size_comes_back() -> None:
    for seconds in (0.00002, 0.5, 90.0, 100_000.0):
        document = FlowDocument(
            name="Timed",
            nodes=(
                Node(id="n_t", kind="team", name="T"),
                Node(id="n_a", kind="assistant", name="ann", parent="n_t"),
                Node(id="n_m", kind="openai", config={"model": "gpt-5-mini"}),
                Node(id="n_s", kind="time_limit", parent="n_t", config={"seconds": seconds}),
            ),
            edges=(
                Edge(id="e_m", kind="model", source="n_m", target="n_t"),
                Edge(id="e_s", kind="stop", source="n_s", target="n_t"),
            ),
        )
        (imported,) = read_bytes(target("agent-framework").write(document)).flows
        assert [node.config for node in imported.document.nodes if node.kind == "time_limit"] == [{"seconds": seconds}]


@settings(max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(flows())
def test_any_export_comes_back_without_anything_kept_as_it_stands(flow: FlowDocument) -> None:
    try:
        program = target("agent-framework").write(flow)
    except ConveneError:
        return
    for imported in read_bytes(program).flows:
        assert {each.code for each in imported.report.findings}.isdisjoint({"kept", "function_lost", "selection_unknown"})


def test_a_graph_of_agents_comes_in_with_its_arrows_tools_and_clients() -> None:
    imported = sample("workflow.py")
    nodes = {node.id: node for node in imported.document.nodes}
    assert imported.document.sample_tasks == ("Create a slogan for a bike.",)
    assert [node.name for node in nodes.values() if node.kind == "assistant"] == ["Writer", "Reviewer"]
    assert {node.config.get("account", "openai") for node in nodes.values() if node.kind == "openai"} == {"openai", "azure"}
    arrows = [(nodes[edge.source].name, nodes[edge.target].name) for edge in imported.document.edges if edge.kind == "speaks"]
    assert arrows == [("Writer", "Reviewer"), ("Reviewer", "Writer"), ("Reviewer", "shout")]
    kept = next(node for node in nodes.values() if node.name == "shout")
    assert "text.upper()" in kept.config["original"]
    told = {(each.code, each.place.line) for each in imported.report.findings if each.level != "exact"}
    assert {("kept", 32), ("arrow_function", 37), ("left_out", 28)} <= told
    conditions = [edge.config.get("condition", "") for edge in imported.document.edges if edge.kind == "speaks"]
    assert conditions == ["", "again", ""]


def test_functions_of_ones_own_are_asked_as_they_stand() -> None:
    imported = sample("group.py")
    team = next(node for node in imported.document.nodes if node.kind == "team")
    assert (team.config["selection"]["kind"], team.config["max_turns"]) == ("function_choice", 8)
    choose = named(team.config["selection"]["source"], "next_speaker")
    begun = [{"source": "you", "text": "Write."}]
    assert choose(begun, ["writer", "critic"]) == "writer"
    assert choose([*begun, {"source": "writer", "text": "x" * 200}], ["writer", "critic"]) == "critic"
    rule = next(node for node in imported.document.nodes if node.kind == "text_mention")
    assert rule.config == {"text": "DONE", "sources": ["critic"]}
    assert {"choice_runs", "loose"} <= {each.code for each in imported.report.findings}


def test_an_end_of_ones_own_is_asked_as_it_stands() -> None:
    script = (
        "from agent_framework import Agent\nfrom agent_framework.orchestrations import GroupChatBuilder\n"
        "def enough(conversation):\n    return sum(len(each.text) for each in conversation if each.author_name) > 10\n"
        "GroupChatBuilder(participants=[Agent(name='a')], selection_func=lambda state: 'a', termination_condition=enough).build()\n"
    )
    (imported,) = read_bytes(script.encode()).flows
    rule = next(node for node in imported.document.nodes if node.kind == "function_rule")
    over = named(rule.config["source"], "is_over")
    assert over([{"source": "you", "text": "x" * 20}]) is False
    assert over([{"source": "you", "text": "x"}, {"source": "a", "text": "x" * 20}]) is True
    assert "rule_runs" in {each.code for each in imported.report.findings}


def test_agents_alone_are_flows_with_what_they_are_asked() -> None:
    script = (
        "from agent_framework.openai import OpenAIChatClient\n"
        "agent = OpenAIChatClient(model='gpt-5-mini').as_agent(name='cook', instructions='You cook.')\n"
        "print(await agent.run('Soup?'))\n"
    )
    (imported,) = read_bytes(script.encode()).flows
    assert imported.document.sample_tasks == ("Soup?",)
    assert [(node.kind, node.name) for node in imported.document.nodes] == [("assistant", "cook"), ("openai", "")]


@pytest.mark.parametrize(
    "script",
    [
        "t = []\nw = GroupChatBuilder(participants=t).build()\nt.append(w)\nx = SequentialBuilder(participants=[GroupChatBuilder(participants=t)])",
        "b = GroupChatBuilder(participants=[])\nb.participants([b])\nb.build()",
        "t = []\nb = SequentialBuilder(participants=t)\nt.append(b)\nx = SequentialBuilder(participants=[b])",
        "t = []\na = Agent(c, name='a', tools=t)\nt.append(a.as_tool())\nGroupChatBuilder(participants=[a, a]).build()",
        "GroupChatBuilder()\nSequentialBuilder(1)\nWorkflowBuilder().add_edge().add_edge(1, 2).build()\nMagenticBuilder(participants=3)",
        "GroupChatBuilder(participants=[Agent() for i in range(300)]).build()",
        "GroupChatBuilder(participants=[Agent(c)], selection_func=lambda: 0, termination_condition=lambda: [][0], max_rounds=-(10**30))",
        "Agent(1, 2, name=3, tools=4, middleware=5, default_options=6, description=7)",
    ],
)
def test_odd_scripts_end_in_flows(script: str) -> None:
    head = "from agent_framework import Agent\nfrom agent_framework.orchestrations import *\nfrom agent_framework import WorkflowBuilder\n"
    names = "from agent_framework.orchestrations import GroupChatBuilder, MagenticBuilder, SequentialBuilder\n"
    assert read_bytes((head + names + script).encode()).flows


def test_teams_within_hundreds_of_teams_are_refused_with_a_sentence() -> None:
    lines = ["from agent_framework.orchestrations import SequentialBuilder", "t0 = SequentialBuilder(participants=[])"]
    lines += [f"t{number} = SequentialBuilder(participants=[t{number - 1}])" for number in range(1, 500)]
    with pytest.raises(ForeignFileError, match="nested too deeply"):
        read_bytes("\n".join(lines).encode())


def test_what_an_agent_is_asked_with_is_drawn_or_told() -> None:
    script = (
        "from agent_framework import Agent\nfrom agent_framework.openai import OpenAIChatClient\nfrom elsewhere import other\n"
        "agent = Agent(OpenAIChatClient(model='gpt-4o'), 'Answer.', name='bot')\nsession = agent.create_session()\n"
        "await agent.run('How many legs?', session=session)\n"
        "await agent.run(other.question(), options={'tool_choice': 'required'})\n"
        "await agent.run(f'And {other.name}?')\n"
    )
    (flow,) = read_bytes(script.encode()).flows
    assert flow.document.sample_tasks == ("How many legs?", "And {other.name}?")
    told = [(each.code, each.place.line) for each in flow.report.findings if each.level == "approximated"]
    assert sorted(told) == [("left_out", 7), ("task_partly", 8), ("task_unknown", 7)]


def test_what_a_decorator_says_of_a_tool_comes_over() -> None:
    script = (
        "from agent_framework import Agent, tool\nfrom agent_framework.openai import OpenAIChatClient\n"
        "@tool(name='count_words', description='Counts.', approval_mode='always_require')\n"
        "def count(text: str) -> int:\n    return len(text.split())\n"
        "@tool(approval_mode='never_require')\ndef shout(text: str) -> str:\n    return text.upper()\n"
        "agent = Agent(OpenAIChatClient(model='gpt-4o'), 'Answer.', name='bot', tools=[count, shout])\n"
        "await agent.run('Go.')\n"
    )
    (flow,) = read_bytes(script.encode()).flows
    first, second = [node.config for node in flow.document.nodes if node.kind == "python_tool"]
    assert first["source"].startswith('def count_words(text: str) -> int:\n    """Counts."""\n')
    assert (first["approval"], second.get("approval")) == ("always", None)
    assert not [each for each in flow.report.findings if each.code in ("unused", "left_out")]


def test_what_every_request_asks_of_a_model_is_drawn_or_told() -> None:
    script = (
        "from agent_framework import Agent\nfrom agent_framework.openai import OpenAIChatClient\nfrom pydantic import BaseModel\n"
        "class Verdict(BaseModel):\n    good: bool\n"
        "options = {\n    'temperature': 0.2,\n    'response_format': Verdict,\n    'thinking': {'type': 'enabled'},\n}\n"
        "agent = Agent(OpenAIChatClient(model='gpt-4o'), 'Judge.', name='judge', default_options=options)\n"
        "await agent.run('Go.')\n"
    )
    (flow,) = read_bytes(script.encode()).flows
    (judge,) = [node.config for node in flow.document.nodes if node.kind == "assistant"]
    assert judge["output"]["required"] == ["good"]
    assert [(each.code, each.place.line) for each in flow.report.findings if each.level == "approximated"] == [("left_out", 9)]
