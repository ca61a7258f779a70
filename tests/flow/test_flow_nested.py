"""Teams within teams, teams as tools, graphs with conditions, memories: from the drawing to the team that runs."""

from __future__ import annotations

from typing import Any

import pytest
from flow_drawings import changed, refusal

from studio.engine.agents.assistant import Assistant
from studio.engine.errors import FlowError
from studio.engine.memory.list_memory import ListMemory
from studio.engine.teams.graph import Graph, GraphEdge
from studio.engine.teams.society import Society
from studio.engine.teams.team import Team
from studio.engine.tools.team_tool import TeamTool
from studio.flow.checks import check
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.layout import place
from studio.flow.resolve import resolve, resolve_with_ids
from studio.flow.sizes import box_of
from studio.flow.view import graph_view
from studio.flow.wires import Drawing


def node(key: str, kind: str, parent: str | None = None, **config: Any) -> Node:
    return Node(id=key, kind=kind, name=key, parent=parent, config=config)


def wired(kind: Any, source: str, target: str, **config: Any) -> Edge:
    return Edge(id=f"{kind}_{source}_{target}", kind=kind, source=source, target=target, config=config)


def nested(*more: Node, edges: tuple[Edge, ...] = ()) -> FlowDocument:
    nodes = (
        node("top", "team"),
        node("m", "practice"),
        node("us", "society", "top"),
        node("ann", "assistant", "us"),
        node("bob", "assistant", "us"),
        node("cat", "assistant", "top"),
        *more,
    )
    return FlowDocument(nodes=nodes, edges=(wired("model", "m", "top"), *edges))


def test_a_society_within_a_team_becomes_a_participant_and_everybody_has_a_place() -> None:
    team, places = resolve_with_ids(nested())
    society = team.participants[0]
    assert isinstance(society, Society)
    assert [agent.name for agent in society.participants] == ["ann", "bob"]
    assert [agent.name for agent in team.participants] == ["us", "cat"]
    assert places == {"us": "us", "ann": "ann", "bob": "bob", "cat": "cat"}
    assert not [problem for problem in check(nested()) if problem.level == "error"]


def test_a_name_may_stand_once_in_a_whole_flow() -> None:
    twice = nested(node("x", "assistant", "top"))
    twice = changed(twice, type="rename", id="x", name="ann")
    with pytest.raises(FlowError):
        resolve(twice)
    assert "name_twice" in {problem.code for problem in check(twice)}


def test_a_team_that_is_wired_as_a_tool_is_no_second_team() -> None:
    document = nested(
        node("experts", "team", description="They know."), node("eve", "assistant", "experts"), edges=(wired("tool", "experts", "cat"),)
    )
    team = resolve(document)
    cat = team.participants[1]
    assert isinstance(cat, Assistant)
    tool = cat.tools[0]
    assert isinstance(tool, TeamTool)
    assert tool.team.name == "experts"
    assert "two_teams" not in {problem.code for problem in check(document)}
    back = wired("tool", "experts", "eve")
    assert "experts would call itself" in str(refusal(document, type="connect", edge=back.model_dump()))
    loop = document.model_copy(update={"edges": (*document.edges, back)})
    with pytest.raises(FlowError, match="tool within itself"):
        resolve(loop)
    assert "tool_loop" in {problem.code for problem in check(loop)}


def test_a_member_can_be_no_tool_and_arrows_need_a_team() -> None:
    assert "member" in str(refusal(nested(), type="connect", edge=wired("tool", "us", "cat").model_dump()))
    apart = changed(nested(), type="add", nodes=[node("other", "team").model_dump()])
    assert "not members" in str(refusal(apart, type="connect", edge=wired("speaks", "top", "other").model_dump()))


def test_arrows_of_a_graph_carry_conditions_into_the_team() -> None:
    edges = (wired("speaks", "us", "cat", condition="yes"), wired("speaks", "cat", "us", how="otherwise", join="any"))
    document = nested(edges=edges)
    document = changed(document, type="configure", id="top", values={"selection": {"kind": "graph"}})
    team = resolve(document)
    assert team.selection == Graph(
        edges=(GraphEdge(source="us", target="cat", condition="yes"), GraphEdge(source="cat", target="us", how="otherwise", join="any"))
    )
    assert team.transitions is None
    labels = {edge["id"]: edge["label"] for edge in graph_view(document, ())["edges"]}
    assert labels["speaks_us_cat"] == "“yes”"
    assert labels["speaks_cat_us"] == "otherwise"


def test_what_an_arrow_says_is_an_edit_that_can_be_undone() -> None:
    from studio.flow.edits import apply_edit, parse_edit

    document = nested(edges=(wired("speaks", "us", "cat"),))
    applied = apply_edit(document, parse_edit({"type": "arrow", "id": "speaks_us_cat", "values": {"condition": "go", "join": "any"}}))
    assert applied.document.edges[1].config == {"condition": "go", "join": "any"}
    assert apply_edit(applied.document, applied.inverse).document == document
    back = changed(applied.document, type="arrow", id="speaks_us_cat", values={"condition": "", "join": None})
    assert back.edges[1].config == {}
    assert "Only arrows" in str(refusal(document, type="arrow", id="model_m_top", values={"condition": "x"}))
    assert "no wire" in str(refusal(document, type="arrow", id="gone", values={}))


def test_a_memory_is_wired_to_an_agent() -> None:
    document = nested(node("facts", "list_memory", facts=["It rains."]), edges=(wired("memory", "facts", "cat"),))
    cat = resolve(document).participants[1]
    assert isinstance(cat, Assistant)
    assert cat.memory == (ListMemory(facts=("It rains.",)),)
    spare = nested(node("facts", "list_memory"))
    assert "unused_memory" in {problem.code for problem in check(spare)}


def test_a_team_within_a_team_uses_the_model_of_the_outer_one() -> None:
    assert "missing_model" not in {problem.code for problem in check(nested())}
    team = resolve(nested())
    assert team.model is not None
    assert isinstance(team.participants[0], Team)
    assert team.participants[0].model is None


def test_teams_within_teams_are_laid_out_without_overlaps_and_inside_their_team() -> None:
    deep = nested(node("in", "team", "us"), node("dan", "assistant", "in"), node("eve", "human", "in"), node("fay", "assistant", "top"))
    document = place(deep)
    drawing = Drawing(document)
    for team in drawing.teams:
        boxes = [box_of(member, drawing) for member in drawing.inside(team)]
        outer = box_of(team, drawing)
        assert all(box.right <= outer.width and box.bottom <= outer.height for box in boxes)
        assert not any(one.overlaps(other) for index, one in enumerate(boxes) for other in boxes[index + 1 :])
    order = [item["id"] for item in graph_view(document, ())["nodes"]]
    assert order.index("top") < order.index("us") < order.index("in")
    assert place(document) == document
