"""The databases of AutoGen Studio before 0.4 come in: workflows as flows, chats as logs that fold, hostile rows survived."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
from autogen_databases import SCHEMA_0_0, SCHEMA_0_1, Tables, agent_config, damaged, database, exchanged, first_studio, travel

from studio.engine.stored_events import event_from_json, event_to_json
from studio.flow.document import FlowDocument
from studio.flow.findings import ForeignFileError
from studio.flow.resolve import resolve
from studio.formats.autogen_database import linked_workflows
from studio.formats.autogen_database.read import from_database
from studio.formats.autogen_database.reader import Found
from studio.formats.autogen_json.read import from_autogen
from studio.formats.recognise import read_file


def read(file: Path, rows: Tables, schema: str = SCHEMA_0_1) -> Found:
    return from_database(database(file, rows, schema), from_autogen)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "database.sqlite"


def names(document: FlowDocument, *kinds: str) -> list[str]:
    return [node.name for node in document.nodes if node.kind in kinds]


def sources(document: FlowDocument, target: str) -> list[str]:
    """What kinds of nodes are wired to the node of a name, or to those of a kind."""
    kinds = {node.id: node.kind for node in document.nodes}
    wanted = {node.id for node in document.nodes if target in (node.name, node.kind)}
    return [kinds[edge.source] for edge in document.edges if edge.target in wanted]


def told(found: Found) -> list[tuple[str, str]]:
    return [(each.place.pointer, each.text) for each in found.report.findings]


def test_workflows_are_flows_with_their_agents_skills_models_and_groups(file: Path) -> None:
    found = read(file, travel())
    group, pair, alone, rest = (flow.document for flow in found.flows)
    assert (group.name, group.description, group.sample_tasks) == ("Travel Planning", "Plans", ("Plan a trip.",))
    assert [agent.name for agent in resolve(group).participants] == ["planner", "local", "user_proxy"]
    team = next(node for node in group.nodes if node.kind == "team")
    assert team.config == {"selection": {"kind": "model_choice", "allow_repeat": True}, "max_turns": 12}
    assert sorted(sources(group, "Travel Planning")) == ["openai", "text_mention"]
    assert sorted(sources(group, "planner")) == ["fallback", "python_tool"]
    assert sources(group, "fallback") == ["openai", "openai"]
    accounts = [node.config.get("account", "openai") for node in group.nodes if node.kind == "openai"]
    assert {"gemini", "openai"} == set(accounts)
    assert (pair.name, names(pair, "assistant", "human")) == ("Pair", ["planner", "user_proxy"])
    assert (alone.name, names(alone, "assistant")) == ("alone", ["alone"])
    assert (rest.name, [node.kind for node in rest.nodes]) == ("Models and skills", ["openai", "python_tool"])
    assert found.report.format == "an AutoGen Studio 0.1 database"


def test_each_flow_says_where_its_row_differs(file: Path) -> None:
    group = read(file, travel()).flows[0]
    lines = {each.code: each for each in group.report.findings}
    assert lines["once"].text == "“user_proxy” begins the conversation and is a member of the group as well: it takes part once here."
    assert lines["skill_libraries"].text == "book needs libraries that bringing it in does not install: requests."
    assert lines["skill_secrets"].text == "book needs secrets that were not taken over: BOOKING_KEY."
    assert lines["key_in_file"].place.pointer.startswith("workflow 1 /agents/1/agent/")
    assert "sk-secret" not in "".join(node.model_dump_json() for node in group.document.nodes)


def test_each_question_of_a_session_is_a_run_with_what_the_agents_said(file: Path) -> None:
    found = read(file, travel())
    first, second = found.runs
    assert (first.flow, first.title, first.session, first.task) == (0, "Travel Planning", "5", "Three days?")
    assert first.started.isoformat() == "2024-08-01T10:00:00+00:00"
    said: list[Any] = list(first.events)
    types = ["run_started", "message", "tool_calls", "tool_result", "message", "message", "run_finished"]
    assert [event.type for event in said] == types
    assert (said[2].calls[0].name, said[2].calls[0].arguments, said[3].output) == ("book", '{"days": 3}', "booked")
    assert said[4].text == "Look:\n\n[picture]"
    assert (said[5].source, said[5].text, said[6].status) == ("local", "The market. 中文", "done")
    ended: Any = second.events[-1]
    assert (second.task, len(second.events), ended.status) == ("And then?", 3, "stopped")
    for run in found.runs:
        assert [event_from_json(event_to_json(event)) for event in run.events] == list(run.events)


def test_an_answer_that_was_said_already_is_not_said_again(file: Path) -> None:
    rows = travel()
    rows["message"][1]["meta"] = {"messages": exchanged(("user_proxy", "Three days?"), ("planner", "Done."))}
    rows["message"][1]["content"] = "Done."
    run = read(file, rows).runs[0]
    assert [event.type for event in run.events] == ["run_started", "message", "message", "run_finished"]  # type: ignore[attr-defined]


def test_what_nothing_comes_of_is_told_with_its_rows(file: Path) -> None:
    rows = travel()
    rows["session"][0]["description"] = "In summer"
    rows["workflowagentlink"].append({"workflow_id": 9, "agent_id": 1, "agent_type": "sender", "sequence_id": 0})
    rows["agentskilllink"].append({"agent_id": 4, "skill_id": 77})
    rows["agentlink"].append({"parent_id": 2, "agent_id": 2})
    more = "CREATE TABLE notes (id INTEGER); INSERT INTO notes VALUES (1); ALTER TABLE agent ADD COLUMN mood VARCHAR;"
    rows["agent"][0]["mood"] = "good"
    rows["message"].append({"session_id": 88, "role": "assistant", "content": "Who asked?"})
    found = read(file, rows, SCHEMA_0_1 + more)
    assert told(found) == [
        ("workflow 1", "A link leads to skill 77, which is not in the file or holds itself; it was left out."),
        ("workflow 1", "A link leads to agent 2, which is not in the file or holds itself; it was left out."),
        ("workflowagentlink", "A link leads to workflow 9, which is not in the file or holds itself; it was left out."),
        ("session", "Sessions without a run, which leave no history: 1."),
        ("message.meta.files", "The column “meta.files” of “message” is none that is taken in (rows with something in them: 1)."),
        ("message.meta.usage", "The column “meta.usage” of “message” is none that is taken in (rows with something in them: 1)."),
        ("notes", "The table “notes” is none that is taken in (rows with something in them: 1)."),
        ("agent.mood", "The column “mood” of “agent” is none that is taken in (rows with something in them: 1)."),
        ("session.description", "The column “description” of “session” is none that is taken in (rows with something in them: 1)."),
    ]
    assert found.runs[-1].title == "Session 88"


def test_a_workflow_of_no_type_is_one_that_agents_end_themselves(file: Path) -> None:
    rows = travel()
    rows["workflow"][1]["type"] = None
    assert [flow.document.name for flow in read(file, rows).flows][:2] == ["Travel Planning", "Pair"]


def test_groups_that_hold_each_other_come_in_once(file: Path) -> None:
    rows: Tables = {
        "agent": [{"id": each, "type": "groupchat", "config": agent_config(f"group {each}")} for each in (1, 2)],
        "agentlink": [{"parent_id": 1, "agent_id": 2}, {"parent_id": 2, "agent_id": 1}],
    }
    (one,) = read(file, rows).flows
    assert names(one.document, "team") == ["group 1", "group 2"]


def test_a_group_in_a_group_is_a_team_in_a_team(file: Path) -> None:
    rows = travel()
    rows["agent"].append({"id": 6, "type": "groupchat", "config": agent_config("inner", speaker_selection_method="round_robin")})
    rows["agentlink"] += [{"parent_id": 2, "agent_id": 6}, {"parent_id": 6, "agent_id": 5}]
    group = read(file, rows).flows[0].document
    inner = next(node for node in group.nodes if node.name == "inner")
    assert (inner.kind, inner.config) == ("team", {"selection": {"kind": "round_robin"}, "max_turns": 12})
    assert next(node for node in group.nodes if node.name == "alone").parent == inner.id


def test_links_that_multiply_are_left_out_beyond_the_bounds(file: Path) -> None:
    levels, wide = 4, 6
    kinds = ["groupchat"] * (levels - 1) + ["assistant"]
    agents = [(level * wide + each + 1, kinds[level]) for level in range(levels) for each in range(wide)]
    rows: Tables = {
        "agent": [{"id": number, "type": kind, "config": agent_config(f"a{number}")} for number, kind in agents],
        "agentlink": [
            {"parent_id": number, "agent_id": (number - 1) // wide * wide + wide + each + 1}
            for number, kind in agents
            if kind == "groupchat"
            for each in range(wide)
        ],
        "workflow": [{"id": 1, "name": "Wide", "description": "", "type": "autonomous"}],
        "workflowagentlink": [{"workflow_id": 1, "agent_id": 1, "agent_type": "receiver", "sequence_id": 0}],
    }
    found = read(file, rows)
    assert len(found.flows[0].document.nodes) <= linked_workflows.MAX_TOGETHER + 1
    assert "too_much" in {each.code for each in found.report.findings}


def test_a_large_skill_that_many_agents_have_is_not_taken_in_again_and_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linked_workflows, "MAX_BYTES", 100_000)
    agents = range(1, 21)
    rows: Tables = {
        "skill": [{"id": 1, "name": "large", "content": "# " + "x" * 20_000}],
        "agent": [{"id": each, "type": "assistant", "config": agent_config(f"a{each}")} for each in agents],
        "agentskilllink": [{"agent_id": each, "skill_id": 1} for each in agents],
        "workflow": [{"id": 1, "name": "Wide", "description": "", "type": "autonomous"}],
        "workflowagentlink": [{"workflow_id": 1, "agent_id": each, "agent_type": "sender", "sequence_id": 0} for each in agents],
    }
    found = read(file, rows)
    assert [each.text for each in found.report.findings if each.code == "too_much"] == [
        "Not all that belongs to workflow 1 was brought in: at most 200 agents in groups 6 deep, and 5 MB."
    ]


def test_the_first_studio_holds_everything_in_its_workflows_and_sessions(file: Path) -> None:
    found = read(file, first_studio(), SCHEMA_0_0)
    assert [flow.document.name for flow in found.flows] == ["Travel", "Pair", "alone", "Models and skills"]
    group, pair, _, rest = (flow.document for flow in found.flows)
    assert [agent.name for agent in resolve(group).participants] == ["planner", "local", "userproxy"]
    assert next(node for node in group.nodes if node.kind == "team").config == {"selection": {"kind": "round_robin"}, "max_turns": 9}
    assert next(node for node in pair.nodes if node.kind == "human").config["executor"] == {"kind": "local"}
    assert [node.kind for node in rest.nodes] == ["python_tool"]
    first, second = found.runs
    assert (first.flow, first.session, first.task) == (1, "x-2", "Three days?")
    events: list[Any] = list(first.events)
    said = [(event.source, event.text) for event in events if event.type == "message"]
    assert said == [("you", "Three days?"), ("planner", "A plan."), ("assistant", "In short: a plan.")]
    assert (second.flow, second.session, second.task) == (0, "gallery g-1", "Hello?")
    assert told(found) == [("session", "Sessions without a run, which leave no history: 1.")]


def test_an_older_database_is_recognised_by_its_content(file: Path) -> None:
    brought = read_file(database(file, travel(), SCHEMA_0_1))
    assert (len(brought.flows), len(brought.runs)) == (4, 2)


@pytest.mark.parametrize(("rows", "schema"), [(travel, SCHEMA_0_1), (first_studio, SCHEMA_0_0)], ids=["0.1", "0.0"])
def test_rows_of_every_type_end_in_flows_or_in_a_line(file: Path, rows: Any, schema: str) -> None:
    hostile: list[Any] = [
        "{",
        "[" * 20_000,
        "null",
        3,
        -1,
        b"\xff\x00",
        "x" * 5_000,
        '{"a": NaN}',
        '"\\ud800"',
        "[[[1]]]",
        '{"x": {}}',
        "",
    ]
    chance = random.Random(7)
    for number in range(8):
        tables = rows()
        for table in tables.values():
            for row in table:
                for column in row:
                    if (
                        column not in ("user_id", "timestamp", "version", *(("id",) if schema is SCHEMA_0_1 else ()))
                        and chance.random() < 0.2
                    ):
                        row[column] = chance.choice(hostile)
        free = re.sub(r",\s+(?:UNIQUE|PRIMARY KEY) \([a-z_, ]+\)|NOT NULL", "", schema)
        found = read(file.with_name(f"{number}.db"), tables, free)
        for run in found.runs:
            assert [event.seq for event in run.events] == list(range(1, len(run.events) + 1))
            assert [event_from_json(event_to_json(event)) for event in run.events] == list(run.events)


@pytest.mark.parametrize(("rows", "schema"), [(travel, SCHEMA_0_1), (first_studio, SCHEMA_0_0)], ids=["0.1", "0.0"])
def test_broken_older_databases_end_in_a_sentence_or_in_what_could_be_read(file: Path, rows: Any, schema: str) -> None:
    data = database(file, rows(), schema).read_bytes()
    chance = random.Random(4)
    for _ in range(25):
        file.write_bytes(damaged(data, chance))
        try:
            found = from_database(file, from_autogen)
        except ForeignFileError as refused:
            if not refused.sentence:
                raise
            continue
        for run in found.runs:
            assert [event.seq for event in run.events] == list(range(1, len(run.events) + 1))
