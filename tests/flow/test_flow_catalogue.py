"""The palette and the forms: what is offered, what is asked, and how a wrong value is named."""

from __future__ import annotations

from typing import Any

from studio.engine.component import kinds
from studio.flow.catalogue import FieldSpec, fields, palette, validate_config
from studio.flow.catalogue.forms import literals
from studio.flow.catalogue.palette import COMMON
from studio.flow.catalogue.titles import choice_title
from studio.flow.document import FlowDocument, Node
from studio.flow.edits import Add, apply_edit
from studio.flow.kinds import DRAWN, NESTED, category, parts


def form(kind: str, **config: Any) -> dict[str, FieldSpec]:
    return {spec.name: spec for spec in fields(kind, config)}


def test_the_palette_offers_every_kind_once_and_every_way_to_choose_as_a_team() -> None:
    groups = {group.group: [entry.id for entry in group.entries] for group in palette()}
    assert list(groups) == ["agents", "teams", "models", "tools", "stop", "notes"]
    assert groups["agents"][:3] == ["assistant", "human", "code_runner"]
    assert groups["models"][:2] == ["model", "practice"]
    assert groups["tools"][:1] == ["tool"]
    assert groups["stop"][:3] == ["stop", "max_messages", "max_turns"]
    entries = [entry for group in palette() for entry in group.entries]
    assert {entry.kind for entry in entries} == {item.kind for item in DRAWN}
    assert len({entry.id for entry in entries}) == len(entries)
    assert all(entry.title and entry.summary for entry in entries)
    ways = [item.kind for item in NESTED["selection"][1:]]
    assert groups["teams"][: len(ways) + 1] == ["team", *ways]
    given = {entry.id: entry.config for entry in entries if entry.config and entry.id != "retrieval_agent"}
    assert given == {kind: {"selection": {"kind": kind}} for kind in ways}


def test_a_retrieval_agent_is_an_assistant_that_comes_with_documents() -> None:
    (entry,) = [entry for group in palette() for entry in group.entries if entry.id == "retrieval_agent"]
    assert (entry.kind, [each.kind for each in entry.brings]) == ("assistant", ["documents"])
    assert "cite" in entry.config["system_message"]
    (held,) = [each for group in palette() for each in group.to_dict()["entries"] if each["id"] == "retrieval_agent"]
    assert held["brings"][0]["gives"] == "memory"


def test_every_group_shows_what_is_used_most_and_folds_the_rest() -> None:
    for group in palette():
        shown = [entry.id for entry in group.entries if entry.common]
        assert 1 <= len(shown) <= 6, group.group
    known = {entry.id for group in palette() for entry in group.entries}
    assert known >= COMMON


def test_what_other_frameworks_call_it_finds_it() -> None:
    words = {entry.id: entry.words for group in palette() for entry in group.entries}
    for asked, entry in (
        ("magentic", "planner"),
        ("triage", "swarm"),
        ("group chat", "team"),
        ("nested chat", "chat"),
        ("selector", "model_choice"),
    ):
        assert asked in words[entry]


def test_every_palette_entry_makes_a_node_with_nothing_wrong_in_its_form() -> None:
    for group in palette():
        for entry in group.entries:
            added = apply_edit(FlowDocument(), Add(nodes=(Node(id="n", kind=entry.kind, config=entry.config),))).document.nodes[0]
            assert added.name
            assert validate_config(added.kind, added.config) == {}


def test_every_kind_of_the_engine_is_in_the_palette_or_in_a_form() -> None:
    nested = {choice["value"] for item in DRAWN for spec in fields(item.kind, {}) if spec.type == "component" for choice in spec.choices}
    drawable = {kind for kind, item in kinds().items() if item.__module__.startswith("studio.") and item.drawable}
    left_out = drawable - {item.kind for item in DRAWN} - nested
    assert not left_out, left_out


def test_ports_come_from_the_fields_that_hold_components() -> None:
    ports = {
        entry.id: (entry.gives, {item.port: (item.categories, item.many) for item in entry.takes})
        for group in palette()
        for entry in group.entries
    }
    speaks = (("agent", "team"), True)
    assert ports["assistant"] == (
        "speaks",
        {"model": (("model",), False), "tool": (("tool", "team", "agent"), True), "memory": (("memory",), True), "speaks": speaks},
    )
    assert ports["team"] == ("speaks", {"stop": (("condition",), True), "model": (("model",), False), "speaks": speaks})
    assert ports["any_of"] == ("stop", {"stop": (("condition",), True)})
    assert ports["model"] == ("model", {})
    assert ports["note"] == (None, {})


def test_a_form_has_no_fields_for_names_wires_and_members() -> None:
    assert {"description", "system_message", "handoffs", "max_tool_rounds"} <= set(form("assistant"))
    assert not {"name", "model", "tools", "memory"} & set(form("assistant"))
    assert {"selection.kind", "max_turns"} <= set(form("team"))
    assert not {"name", "model", "stop", "participants", "transitions"} & set(form("team"))
    assert set(form("any_of")) == set()
    assert form("martian", legs=3) == {}


def test_a_field_says_how_it_is_edited_and_within_which_bounds() -> None:
    rounds = form("assistant")["max_tool_rounds"]
    assert (rounds.type, rounds.min, rounds.max, rounds.default, rounds.advanced) == ("integer", 1, 100, 10, True)
    message = form("assistant")["system_message"]
    assert (message.type, message.title, message.advanced) == ("text", "System message", False)
    assert message.placeholder
    money = form("money_limit")["dollars"]
    assert (money.type, money.widget, money.above, money.value) == ("number", "money", 0, 0.5)
    assert form("openai")["account"].type == "account"
    assert form("openai")["temperature"].nullable
    assert form("practice")["script"].type == "script"
    assert form("python_tool")["source"].type == "code"
    assert form("code_runner")["approval"].type == "bool"
    assert [choice["value"] for choice in form("human")["input_mode"].choices] == ["always", "terminate", "never"]


def test_a_form_shows_what_a_recording_says_until_there_is_a_script_of_its_own() -> None:
    recorded = form("practice", recording="debate")
    assert set(recorded["script"].value) == {"advocate", "opponent", "judge"}
    assert not recorded["script"].changed
    assert {"value": "debate", "title": "Debate with a judge", "help": ""} in recorded["recording"].choices
    assert form("practice", recording="debate", script={"ann": ["Hi."]})["script"].value == {"ann": ["Hi."]}
    assert form("practice", recording="nothing")["script"].value == {}


def test_a_nested_component_is_a_choice_with_the_fields_of_what_is_chosen() -> None:
    human = form("human")
    assert [choice["value"] for choice in human["executor.kind"].choices][:4] == ["", "auto", "docker", "local"]
    assert "executor.timeout" not in human
    runner = form("code_runner", executor={"kind": "docker", "timeout": 5})
    assert (runner["executor.kind"].value, runner["executor.kind"].changed) == ("docker", True)
    assert (runner["executor.timeout"].value, runner["executor.timeout"].default, runner["executor.timeout"].changed) == (5, 60.0, True)
    assert runner["executor.memory_mb"].advanced
    assert "selection.instruction" in form("team", selection={"kind": "model_choice"})


def test_a_value_that_does_not_fit_is_named_at_its_field_and_kept() -> None:
    for kind, config, path, words in [
        ("assistant", {"max_tool_rounds": 0}, "max_tool_rounds", "Must be at least 1."),
        ("assistant", {"max_tool_rounds": "many"}, "max_tool_rounds", "Must be a whole number."),
        ("code_runner", {"sources": ["a", 3]}, "sources", "2: Must be a text."),
        ("code_runner", {"executor": {"kind": "docker", "timeout": 0}}, "executor.timeout", "Must be more than 0."),
        ("code_runner", {"executor": {"kind": "moon"}}, "executor.kind", "'moon' is none of the choices."),
        ("code_runner", {"executor": "docker"}, "executor", "Choose one of the kinds."),
        ("text_mention", {"text": ""}, "text", "Must not be empty."),
        ("python_tool", {"approval": "perhaps"}, "approval", "Must be 'never', 'always' or 'matching'."),
        ("assistant", {"model": {"kind": "openai"}}, "model", "Comes from the drawing, not from a form."),
        ("assistant", {"tone": "kind"}, "tone", "There is no such field."),
    ]:
        assert validate_config(kind, config) == {path: words}
    spec = form("assistant", max_tool_rounds=0)["max_tool_rounds"]
    assert (spec.value, spec.error) == (0, "Must be at least 1.")
    assert form("code_runner", executor={"kind": "moon"})["executor.kind"].error


def test_the_category_of_a_nested_or_unknown_kind_is_unknown() -> None:
    assert category("docker") == category("round_robin") == category("martian") == "unknown"


def test_no_choice_shows_the_word_that_only_files_hold() -> None:
    for item in (*DRAWN, *(nested for group in NESTED.values() for nested in group)):
        for part in parts(item).values():
            for value in literals(part):
                assert choice_title(item, part, value) != value or value.isupper(), (item.kind, part.name, value)


def test_a_table_has_the_columns_of_its_model_and_offers_names() -> None:
    hears = form("filter")["hears"]
    assert hears.type == "table"
    assert [(each["name"], each["type"], each["names"], each["nullable"]) for each in hears.columns] == [
        ("source", "line", True, False),
        ("position", "choice", False, False),
        ("count", "integer", False, True),
    ]
    guards = form("assistant")["guards"]
    assert guards.type == "table"
    assert [(each["name"], each["type"], each["names"]) for each in guards.columns] == [
        ("looks_at", "choice", False),
        ("how", "choice", False),
        ("what", "line", False),
        ("message", "line", False),
        ("hand_to", "line", True),
    ]
    assert form("assistant")["handoff_when"].row_titles == ("Who", "When")
    assert form("assistant")["handoffs"].row_names == ("value",)
    assert not form("team")["variables"].text_values


def test_a_field_is_left_out_while_it_means_nothing_but_never_what_it_holds() -> None:
    assert "summary_prompt" not in form("chat")
    assert "summary_prompt" in form("chat", summarised="model")
    assert "summary_prompt" in form("chat", summary_prompt="Short.")
    assert "summary_source" not in form("chat", summarised="model")
    assert form("chat", summarised="function")["summary_source"].type == "code"
    assert "selection.kind" not in form("filter")
    assert "fields" not in form("human")
    assert form("human", form="form")["fields"].type == "shape"
    assert form("assistant")["output"].type == "shape"
