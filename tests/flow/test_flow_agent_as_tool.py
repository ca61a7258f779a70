"""Agents that are tools: what the drawing lets through, what the team becomes, and what the checks say."""

from __future__ import annotations

from typing import Any

import pytest
from flow_drawings import changed, drawing, node, refusal, wire

from studio.engine.agents.assistant import Assistant
from studio.engine.errors import FlowError
from studio.engine.tools.team_tool import AgentTool
from studio.flow.checks import check
from studio.flow.document import Edge, FlowDocument
from studio.flow.edits import apply_edit, parse_edit
from studio.flow.layout import place
from studio.flow.resolve import resolve, resolve_with_ids
from studio.flow.sizes import box_of
from studio.flow.view import graph_view
from studio.flow.wires import Drawing


def desk(*more: Any) -> FlowDocument:
    """An editor in a team, and a librarian outside of it that nobody calls yet; the team has the only model."""
    return drawing(
        node("t", "team", "desk", max_turns=1),
        node("e", "assistant", "editor", "t"),
        node("l", "assistant", "librarian", description="Finds books."),
        node("m", "practice", "model"),
        wire("model", "m", "t"),
        *more,
    )


def calling(document: FlowDocument, source: str = "l", target: str = "e", **config: Any) -> FlowDocument:
    return changed(document, type="connect", edge=wire("tool", source, target).model_copy(update={"config": config}).model_dump())


def codes(document: FlowDocument) -> set[str]:
    return {problem.code for problem in check(document)}


def test_an_agent_outside_of_the_team_becomes_a_tool_by_a_wire() -> None:
    document = calling(desk())
    team, places = resolve_with_ids(document)
    editor = team.participants[0]
    assert isinstance(editor, Assistant)
    tool = editor.tools[0]
    assert isinstance(tool, AgentTool)
    assert (tool.agent.name, tool.remembers, tool.heard) == ("librarian", True, "last")
    schema = tool.schema_for_model()
    assert (schema.name, schema.description) == ("librarian", "Finds books.")
    assert places == {"editor": "e", "librarian": "l"}
    assert "loose_agent" in codes(desk())
    assert not {problem.code for problem in check(document) if problem.level != "hint"} - {"no_stop"}


def test_the_wire_says_what_calls_share_and_what_the_caller_reads() -> None:
    document = changed(calling(desk()), type="arrow", id="e_tool_l_e", values={"remembers": False, "heard": "all"})
    assert document.edges[-1].config == {"remembers": False, "heard": "all"}
    editor = resolve(document).participants[0]
    assert isinstance(editor, Assistant)
    tool = editor.tools[0]
    assert isinstance(tool, AgentTool)
    assert (tool.remembers, tool.heard) == (False, "all")
    assert changed(document, type="arrow", id="e_tool_l_e", values={"remembers": True, "heard": None}).edges[-1].config == {}
    refusal(document, type="arrow", id="e_tool_l_e", values={"agent": "x"})
    refusal(document, type="arrow", id="e_tool_l_e", values={"remembers": "yes"})


def test_an_agent_that_two_call_is_one_agent() -> None:
    document = calling(calling(desk(node("f", "assistant", "fact_checker", "t"))), target="f")
    first, second = resolve(document).participants
    assert isinstance(first, Assistant)
    assert isinstance(second, Assistant)
    one, other = first.tools[0], second.tools[0]
    assert isinstance(one, AgentTool)
    assert isinstance(other, AgentTool)
    assert one.agent is other.agent


def test_an_agent_that_is_called_may_call_others_and_runs_beside_one_agent_alone() -> None:
    document = drawing(
        node("e", "assistant", "editor"),
        node("l", "assistant", "librarian"),
        node("k", "assistant", "clerk"),
        node("m", "practice", "model"),
    )
    document = calling(calling(document), source="k", target="l")
    team = resolve(document)
    assert [agent.name for agent in team.participants] == ["editor"]
    assert not {problem.code for problem in check(document) if problem.level == "error"}


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [("e", "l", "member of a team"), ("h", "e", "is a person"), ("l", "l", "itself"), ("l", "t", "does not use tools")],
)
def test_what_cannot_be_called_is_refused_with_a_reason(source: str, target: str, words: str) -> None:
    document = desk(node("h", "human", "you"))
    assert words in str(refusal(document, type="connect", edge=wire("tool", source, target).model_dump()))


def test_nobody_calls_themselves_directly_or_through_others() -> None:
    document = calling(calling(desk(node("k", "assistant", "clerk")), source="k", target="l"))
    back = wire("tool", "l", "k")
    assert "would call itself" in str(refusal(document, type="connect", edge=back.model_dump()))
    drawn = document.model_copy(update={"edges": (*document.edges, back)})
    with pytest.raises(FlowError, match="call itself"):
        resolve(drawn)
    (problem,) = [each for each in check(drawn) if each.code == "tool_loop"]
    assert problem.repair is not None
    assert "tool_loop" not in codes(apply_edit(drawn, parse_edit(problem.repair.model_dump(mode="json"))).document)


def test_a_wire_that_cannot_be_read_is_a_problem_that_repairs_itself() -> None:
    broken = Edge(id="e_tool_l_e", kind="tool", source="l", target="e", config={"heard": "loudly", "pace": 3})
    document = desk(broken)
    with pytest.raises(FlowError, match="librarian"):
        resolve(document)
    found = [each for each in check(document) if each.code == "tool_wire"]
    assert found
    assert found[0].repair is not None
    assert "tool_wire" not in codes(apply_edit(document, parse_edit(found[0].repair.model_dump(mode="json"))).document)


def test_who_is_called_hands_over_to_nobody_and_needs_a_name_of_its_own() -> None:
    document = changed(calling(desk()), type="configure", id="l", values={"handoffs": ["editor"]})
    assert "called_hands_over" in codes(document)
    twice = calling(desk()).model_copy(
        update={"nodes": tuple(each.model_copy(update={"name": "editor"}) if each.id == "l" else each for each in desk().nodes)}
    )
    assert "name_twice" in codes(twice)
    with pytest.raises(FlowError):
        resolve(twice)


def test_a_called_agent_without_a_model_uses_that_of_its_callers_team_and_is_missed_without_one() -> None:
    document = calling(desk())
    drawn = Drawing(document)
    assert drawn.model_for(drawn.by_id["l"]) is drawn.by_id["m"]
    without = changed(document, type="remove", nodes=["m"], edges=[])
    missed = next(each for each in check(without) if each.code == "missing_model" and "l" in each.nodes)
    assert "librarian" in missed.text


def test_laid_into_a_team_it_is_a_member_and_its_tool_wire_counts_for_nothing() -> None:
    document = changed(calling(desk()), type="move", moves=[{"id": "l", "x": 40, "y": 90, "parent": "t"}])
    assert "misfit_wire" in codes(document)
    assert [agent.name for agent in resolve(document).participants] == ["editor", "librarian"]


def test_the_canvas_is_told_which_wire_begins_at_an_agent() -> None:
    def gives(document: FlowDocument) -> dict[str, str]:
        return {each["name"]: each["gives"] for each in graph_view(document, ())["nodes"] if each["category"] == "agent"}

    assert gives(desk(node("h", "human", "you"))) == {"editor": "speaks", "librarian": "tool", "you": "speaks"}
    alone = drawing(node("a", "assistant", "ann"), node("b", "assistant", "bob"))
    assert gives(alone) == {"ann": "speaks", "bob": "speaks"}
    assert gives(calling(alone, "b", "a")) == {"ann": "speaks", "bob": "tool"}


def test_the_layout_puts_who_is_called_below_the_callers_team() -> None:
    document = place(calling(desk(node("p", "practice", "own"), wire("model", "p", "l"))))
    drawn = Drawing(document)
    boxes = {each.id: box_of(each, drawn) for each in document.nodes}
    assert boxes["l"].y >= boxes["t"].bottom
    assert boxes["p"].y >= boxes["t"].bottom
    chips = {each["id"]: each["chips"] for each in graph_view(document, ())["nodes"]}
    assert "librarian" in chips["e"]
