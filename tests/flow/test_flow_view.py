"""What the canvas draws: words, chips, colours, and patches."""

from __future__ import annotations

from typing import Any

import pytest
from flow_drawings import drawing, node, two_agents, wire

from studio.flow.checks import check
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.edits import apply_edit, parse_edit
from studio.flow.view import colors, graph_view, patch
from studio.flow.words import shorten


def seen(document: FlowDocument, node_id: str) -> dict[str, Any]:
    view = graph_view(document, check(document))
    return next(item for item in view["nodes"] if item["id"] == node_id)


def test_a_picture_has_everything_that_the_canvas_needs() -> None:
    view = graph_view(two_agents(), (), flow="f1", rev=7)
    assert (view["flow"], view["rev"]) == ("f1", 7)
    (wire,) = view["edges"]
    assert wire == {
        "id": "e_model_m_t",
        "kind": "model",
        "source": "m",
        "target": "t",
        "label": "",
        "join": "",
        "order": None,
        "barred": False,
        "config": {},
    }
    coder = next(item for item in view["nodes"] if item["id"] == "a")
    assert {key: coder[key] for key in ("kind", "category", "name", "title", "parent", "gives", "width", "text", "problems")} == {
        "kind": "assistant",
        "category": "agent",
        "name": "coder",
        "title": "Assistant",
        "parent": "t",
        "gives": "speaks",
        "width": None,
        "text": "",
        "problems": [],
    }
    assert {"port": "model", "categories": ["model"], "many": False} in coder["takes"]


def test_problems_lie_on_their_nodes() -> None:
    document = two_agents(max_turns=0)
    assert [item["level"] for item in seen(document, "t")["problems"]] == ["error"]
    assert seen(document, "a")["problems"] == []


@pytest.mark.parametrize(
    ("kind", "config", "line"),
    [
        ("assistant", {"description": "writes Python"}, "writes Python"),
        ("assistant", {"system_message": "You judge texts.  Be kind.\nBe short."}, "You judge texts"),
        ("human", {}, "is asked at every turn"),
        ("human", {"input_mode": "never"}, "answers by itself"),
        ("code_runner", {}, "Runs the code that others write"),
        ("openai", {"account": "local", "model": "qwen"}, "local · qwen"),
        ("openai", {}, "openai · default model"),
        ("practice", {"script": {"a": [], "b": []}}, "plays scripted replies of 2 agents"),
        ("python_tool", {}, "Say what this does."),
        ("text_mention", {"text": "DONE"}, "stops at “DONE”"),
        ("text_mention", {"text": "OK", "sources": ["critic", "judge"]}, "stops at “OK” by critic or judge"),
        ("max_messages", {"max_messages": 1}, "stops at 1 message"),
        ("max_turns", {}, "stops at 12 turns"),
        ("time_limit", {"seconds": 90}, "stops at 1.5 min"),
        ("token_limit", {}, "stops at 100,000 tokens"),
        ("token_limit", {"total": None, "prompt": 5}, "stops at 5 tokens"),
        ("money_limit", {}, "stops at $0.50"),
        ("money_limit", {"dollars": 0.002}, "stops at $0.002"),
        ("hand_off", {}, "stops at a hand-off to user"),
        ("any_of", {}, "stops at nothing yet"),
        ("max_turns", {"max_turns": "soon"}, "stops at soon turns"),
        ("note", {"text": "Remember"}, ""),
        ("martian", {}, ""),
    ],
)
def test_a_line_says_in_words_what_a_node_is_for(kind: str, config: dict[str, Any], line: str) -> None:
    assert seen(drawing(node("x", kind, **config)), "x")["line"] == line


def test_a_teams_chips_say_who_chooses_and_when_it_stops() -> None:
    assert seen(two_agents(), "t")["chips"] == ["everybody in turn", "stops at “DONE”, or after 50 turns"]
    more = drawing(
        node("t", "team", selection={"kind": "model_choice"}),
        node("s", "text_mention", parent="t", text="DONE"),
        node("u", "max_turns", parent="t"),
        node("v", "money_limit"),
        wire("stop", "v", "t"),
    )
    assert seen(more, "t")["chips"] == ["model chooses", "stops at “DONE” or 12 turns or $0.50"]
    assert seen(drawing(node("t", "team", max_turns=7)), "t")["chips"][1] == "at most 7 turns"


def rules(*things: Node | Edge, **config: Any) -> str:
    """The chip of a team with these stop rules inside it."""
    return str(seen(drawing(node("t", "team", **config), *things), "t")["chips"][1])


def test_a_teams_own_limit_is_said_where_it_may_come_before_its_rules() -> None:
    many = node("s", "max_messages", parent="t", max_messages=300)
    assert rules(many) == "stops at 300 messages, or after 50 turns"
    assert rules(many, max_turns=299) == "stops at 300 messages"
    assert rules(many, max_turns=1) == "stops at 300 messages, or after 1 turn"
    assert rules(many, node("u", "max_turns", parent="t")) == "stops at 300 messages or 12 turns"
    assert rules(node("u", "max_turns", parent="t", max_turns="soon")) == "stops at soon turns, or after 50 turns"
    assert rules(max_turns=1) == "at most 1 turn"
    both = (node("all", "all_of", parent="t"), node("s", "max_messages", max_messages=9), node("u", "max_turns", max_turns=60))
    wires = (wire("stop", "s", "all"), wire("stop", "u", "all"))
    assert rules(*both, *wires) == "stops at 9 messages and 60 turns, or after 50 turns"
    long = node("s", "text_mention", parent="t", text="x " * 60, sources=[f"agent{number}" for number in range(30)])
    assert rules(long).endswith("…, or after 50 turns")


def test_members_of_a_round_have_the_place_of_their_turn() -> None:
    members = (node("a", "assistant", parent="t"), node("h", "human", parent="t"), node("m", "openai", parent="t"))
    document = drawing(node("t", "team"), *members, node("b", "assistant"))
    assert [seen(document, each)["turn"] for each in ("a", "h", "m", "b", "t")] == [1, 2, None, None, None]
    chosen = drawing(node("t", "team", selection={"kind": "model_choice"}), *members)
    assert seen(chosen, "a")["turn"] is None


def test_rules_of_rules_are_read_with_brackets() -> None:
    document = drawing(
        node("t", "team"),
        node("all", "all_of", parent="t"),
        node("s", "text_mention", text="DONE"),
        node("u", "max_turns", max_turns=3),
        node("v", "money_limit", parent="t"),
        wire("stop", "s", "all"),
        wire("stop", "u", "all"),
    )
    assert seen(document, "all")["line"] == "stops at “DONE” and 3 turns"
    assert seen(document, "t")["chips"][1] == "stops at “DONE” and 3 turns or $0.50, or after 50 turns"
    nested = document.model_copy(
        update={
            "nodes": (*document.nodes, node("any", "any_of")),
            "edges": (*document.edges, wire("stop", "all", "any"), wire("stop", "v", "any")),
        }
    )
    assert seen(nested, "any")["line"] == "stops at (“DONE” and 3 turns) or $0.50"


def test_an_agents_chips_say_what_it_uses() -> None:
    document = drawing(
        node("a", "assistant"),
        node("m", "openai", model="gpt"),
        node("p", "python_tool", source="def look_up(x: str) -> str:\n    'Look.'\n    return x\n"),
        node("q", "python_tool", "broken", source="nonsense("),
        node("r", "code_runner", executor={"kind": "docker"}),
        node("h", "human", executor={"kind": "local"}),
        wire("model", "m", "a"),
        wire("tool", "p", "a"),
        wire("tool", "q", "a"),
    )
    assert seen(document, "a")["chips"] == ["gpt", "look_up", "broken"]
    assert seen(document, "r")["chips"] == ["Docker"]
    assert seen(document, "h")["chips"] == ["runs code: This machine"]
    crowd = [node(f"p{number}", "python_tool", f"tool{number}", source="x") for number in range(6)]
    wires = [wire("tool", item.id, "a") for item in crowd]
    assert seen(drawing(node("a", "assistant"), *crowd, *wires), "a")["chips"] == ["tool0", "tool1", "tool2", "+3"]


def test_an_agent_keeps_its_colour_when_others_come_and_names_change() -> None:
    agents = [node(f"n{number}", "assistant") for number in range(8)]
    before = colors(drawing(*agents[:5]))
    after = colors(drawing(*[agent.model_copy(update={"name": "x"}) for agent in agents]))
    assert {key: after[key] for key in before} == before
    assert sorted(color for color in after.values() if color is not None) == list(range(8))
    assert colors(drawing(node("h", "human"), node("m", "openai"))) == {"h": None}


def test_teams_come_before_their_members() -> None:
    document = drawing(node("a", "assistant", parent="t"), node("t", "team"))
    assert [item["id"] for item in graph_view(document, ())["nodes"]] == ["t", "a"]


def test_a_patch_holds_only_what_changed() -> None:
    before = two_agents()
    after = apply_edit(before, parse_edit({"type": "remove", "nodes": ["m"]})).document
    one, other = graph_view(before, check(before)), graph_view(after, check(after))
    changes = patch(one, other, 3, 4)
    assert (changes["seq"], changes["rev"]) == (3, 4)
    assert changes["nodes"]["m"] is None
    assert changes["edges"] == {"e_model_m_t": None}
    assert set(changes["nodes"]) == {"m", "a", "b"}


def test_words_are_cut_between_words() -> None:
    assert shorten("one two three", 100) == "one two three"
    assert shorten("one two three four", 12) == "one two…"
    assert len(shorten("x" * 500, 90)) == 90


def test_an_arrow_of_who_may_not_speak_is_marked_and_its_team_says_so() -> None:
    flow = two_agents(transitions_type="disallowed", selection={"kind": "model_choice"})
    document = drawing(*flow.nodes, *flow.edges, wire("speaks", "a", "b"))
    picture = graph_view(document, ())
    assert {edge["kind"]: edge["barred"] for edge in picture["edges"]} == {"model": False, "speaks": True}
    assert seen(document, "t")["chips"] == ["model chooses", "✕ may not speak next", "stops at “DONE”, or after 50 turns"]
    allowed = drawing(*two_agents().nodes, *two_agents().edges, wire("speaks", "a", "b"))
    assert not any(edge["barred"] for edge in graph_view(allowed, ())["edges"])
