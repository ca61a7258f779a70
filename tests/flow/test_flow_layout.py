"""Automatic layout: who speaks after whom goes from left to right, and everything has its place."""

from __future__ import annotations

from flow_drawings import drawing, node, two_agents, wire

from studio.flow.document import Edge, FlowDocument, Node, Size
from studio.flow.edits import apply_edit
from studio.flow.layout import arrange, place
from studio.flow.sizes import Box, below, box_of, room_for
from studio.flow.wires import Drawing


def boxes(document: FlowDocument) -> dict[str, Box]:
    drawn = Drawing(document)
    return {item.id: box_of(item, drawn) for item in document.nodes}


def test_arrows_lead_from_left_to_right_and_back_arrows_do_not_count() -> None:
    document = two_agents()
    arrows = [
        wire("speaks", "a", "b"),
        wire("speaks", "b", "c"),
        wire("speaks", "c", "a"),
        wire("speaks", "a", "d"),
        wire("speaks", "d", "c"),
    ]
    more = (node("c", "assistant", "c", "t"), node("d", "human", "d", "t"))
    placed = boxes(place(document.model_copy(update={"nodes": document.nodes + more, "edges": document.edges + tuple(arrows)})))
    assert placed["a"].x < placed["b"].x == placed["d"].x < placed["c"].x
    assert placed["b"].y != placed["d"].y


def test_many_teams_stand_in_rows_with_what_they_use_below_them() -> None:
    teams = [node(f"t{number}", "team") for number in range(40)]
    members = [node(f"a{number}", "assistant", f"a{number}", f"t{number}") for number in range(40)]
    models = [node(f"m{number}", "practice") for number in range(40)]
    wires = [wire("model", f"m{number}", f"t{number}") for number in range(40)]
    placed = boxes(place(drawing(*teams, *members, *models, *wires)))
    outside = [placed[each.id] for each in (*teams, *models)]
    assert below(outside, []) == outside
    rows = {placed[each.id].y for each in teams}
    assert 5 <= len(rows) <= 8
    assert all(placed[f"m{number}"].y > placed[f"t{number}"].bottom for number in range(40))


def test_without_arrows_members_stand_in_the_order_of_their_turns() -> None:
    members = [node(f"a{number}", "assistant", parent="t") for number in range(3)]
    placed = boxes(place(drawing(node("t", "team"), *members)))
    assert placed["a0"].x < placed["a1"].x < placed["a2"].x
    assert placed["a0"].y == placed["a1"].y == placed["a2"].y


def test_a_team_is_as_large_as_its_members_need() -> None:
    members = [node(f"a{number}", "assistant", parent="t") for number in range(9)]
    placed = boxes(place(drawing(node("t", "team"), *members)))
    assert placed["t"].width >= max(placed[item.id].right for item in members)
    assert placed["t"].height >= max(placed[item.id].bottom for item in members)
    assert min(placed[item.id].y for item in members) >= 44


def test_what_a_team_uses_lies_below_it() -> None:
    placed = boxes(place(two_agents()))
    assert placed["m"].y > placed["t"].bottom
    assert placed["m"].x == placed["t"].x


def test_the_same_drawing_is_always_laid_out_the_same() -> None:
    assert place(two_agents()) == place(two_agents())
    assert arrange(place(two_agents())).model_dump() == {"type": "move", "moves": ()}


def test_arranging_is_one_change_that_can_be_undone() -> None:
    document = two_agents()
    applied = apply_edit(document, arrange(document))
    assert applied.document != document
    assert apply_edit(applied.document, applied.inverse).document == document


def test_some_members_are_arranged_where_they_are_and_beside_the_others() -> None:
    members: list[Node | Edge] = [node(f"a{number}", "assistant", parent="t", x=40, y=60) for number in range(4)]
    document = drawing(node("t", "team").model_copy(update={"size": Size(width=320, height=200)}), *members)
    after = boxes(apply_edit(document, arrange(document, {"a0", "a1", "a2"})).document)
    assert after["a3"].x == 40
    assert not any(after[key].overlaps(after["a3"]) for key in ("a0", "a1", "a2"))
    assert after["t"].width >= after["a2"].right


def test_there_is_room_below_whatever_lies_there() -> None:
    near, stack = Box(0, 0, 320, 200), [Box(0, 200 + 100 * number, 5_000, 90) for number in range(50)]
    free = room_for(7, (150, 44), near, stack)
    assert len(free) == 7
    assert not any(box.overlaps(other) for box in free for other in stack)
    assert below([near], []) == [near]


def test_nobody_stands_on_an_arrow_that_leads_back_over_two_columns() -> None:
    names = ("planner", "coder", "tester", "reviewer")
    members = [node(name, "assistant", parent="t") for name in names]
    arrows = [wire("speaks", *pair) for pair in (names[:2], names[1:3], names[2:4], ("tester", "coder"), ("reviewer", "coder"))]
    placed = boxes(place(drawing(node("t", "team"), *members, *arrows)))
    assert placed["coder"].x < placed["tester"].x < placed["reviewer"].x
    on_the_way = (placed["coder"].y + placed["coder"].bottom + placed["reviewer"].y + placed["reviewer"].bottom) / 4
    assert not placed["tester"].y <= on_the_way <= placed["tester"].bottom


def test_an_arrow_between_two_members_leaves_them_where_they_are() -> None:
    names = ("writer", "facts", "tone", "editor")
    members = [node(name, "assistant", parent="t") for name in names]
    pairs = (("writer", "facts"), ("writer", "tone"), ("facts", "editor"), ("tone", "editor"), ("editor", "writer"))
    placed = boxes(place(drawing(node("t", "team"), *members, *(wire("speaks", *pair) for pair in pairs))))
    assert placed["writer"].y == placed["editor"].y
    assert placed["facts"].y < placed["writer"].y < placed["tone"].y


def test_wide_teams_stand_below_each_other() -> None:
    chats = [node(f"c{number}", "chat", parent="t") for number in range(3)]
    members = [node(f"m{number}{place}", "assistant", parent=f"c{number}") for number in range(3) for place in range(2)]
    placed = boxes(place(drawing(node("t", "team"), *chats, *members)))
    assert placed["c0"].x == placed["c1"].x == placed["c2"].x
    assert placed["c0"].bottom < placed["c1"].y < placed["c1"].bottom < placed["c2"].y


def test_notes_stand_below_what_they_speak_of() -> None:
    placed = boxes(place(drawing(node("n", "note"), node("t", "team"), node("a", "assistant", parent="t"))))
    assert placed["t"].y == 0
    assert placed["n"].y > placed["t"].bottom


def test_notes_of_any_length_lie_on_none_of_the_others() -> None:
    notes = [node(f"n{number}", "note", text="words of a note " * length) for number, length in enumerate((1, 60, 2, 30, 9, 90, 1, 40, 5))]
    placed = list(boxes(place(drawing(*notes))).values())
    assert not any(one.overlaps(other) for at, one in enumerate(placed) for other in placed[at + 1 :])
    assert placed[0].y == placed[1].y == placed[2].y
    assert max(box.bottom for box in placed) < 1.5 * max(box.right for box in placed)


def test_a_second_row_of_what_a_team_uses_stands_between_the_boxes_above_it() -> None:
    tools = [node(f"p{number}", "python_tool") for number in range(6)]
    document = two_agents()
    wires = tuple(wire("tool", tool.id, "a") for tool in tools)
    placed = boxes(place(document.model_copy(update={"nodes": document.nodes + tuple(tools), "edges": document.edges + wires})))
    below_team = [placed[each.id] for each in document.nodes if each.parent is None and each.kind != "team"] + [
        placed[tool.id] for tool in tools
    ]
    first, second, *_ = sorted({box.y for box in below_team})
    above = [box for box in below_team if box.y == first]
    for box in (each for each in below_team if each.y == second):
        middle = box.x + box.width / 2
        assert not any(other.x <= middle <= other.right for other in above)


def test_what_a_team_within_a_team_uses_lies_right_below_the_outer_one() -> None:
    nodes = (
        node("outer", "team"),
        node("inner", "team", "inner", "outer"),
        node("a", "assistant", "a", "inner"),
        node("m", "practice"),
        node("stop", "text_mention"),
    )
    placed = boxes(place(drawing(*nodes, wire("model", "m", "inner"), wire("stop", "stop", "inner"))))
    assert placed["m"].y == placed["stop"].y > placed["outer"].bottom
