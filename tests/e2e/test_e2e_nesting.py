"""Teams within teams, arrows of a graph, and the wires of memories and of teams as tools: each gesture, and the way back."""

from __future__ import annotations

from typing import Any

from e2e_flows import assistant, node
from playwright.sync_api import Locator, expect
from visitor import Visitor, middle


def sized(held: dict[str, Any], width: float, height: float) -> dict[str, Any]:
    return {**held, "size": {"width": width, "height": height}}


def wire(kind: str, source: str, target: str, **config: Any) -> dict[str, Any]:
    return {"id": f"e_{kind}_{source}_{target}", "kind": kind, "source": f"n_{source}", "target": f"n_{target}", "config": config}


def press_room(*edges: dict[str, Any]) -> dict[str, Any]:
    """A graph of ann, a panel that holds eve, and bob; facts and experts lie beside it."""
    inner = {**assistant("eve", "You doubt.", 24, 60), "parent": "n_panel"}
    expert = {**assistant("zoe", "You know.", 24, 60), "parent": "n_experts"}
    return {
        "name": "Press room",
        "nodes": [
            sized(node("n_team", "team", "team", parent=None, selection={"kind": "graph"}), 720, 420),
            assistant("ann", "You write.", 24, 60),
            sized(node("n_panel", "society", "panel", 260, 60, max_turns=1), 240, 150),
            inner,
            assistant("bob", "You decide.", 520, 300),
            sized(node("n_experts", "team", "experts", 780, 0, parent=None, max_turns=1), 280, 160),
            expert,
            node("n_facts", "list_memory", "facts", 780, 220, parent=None),
            node("n_m", "practice", "practice", 0, 480, parent=None),
        ],
        "edges": [wire("model", "m", "team"), wire("model", "m", "experts"), *edges],
    }


def drag(visitor: Visitor, grip: Locator, to: tuple[float, float]) -> None:
    grip.hover()  # waits until it stands still
    x, y = middle(grip)
    visitor.page.mouse.move(x, y)
    visitor.page.mouse.down()
    visitor.page.mouse.move(x + 8, y + 8, steps=2)
    visitor.page.mouse.move(*to, steps=8)
    visitor.page.mouse.up()


def inner(visitor: Visitor, name: str) -> Locator:
    """A team, when it lies in another one."""
    return visitor.node(name).locator(".cv-team[data-inner=true]")


def test_a_team_is_built_within_a_team_dragged_out_and_brought_back(visitor: Visitor) -> None:
    visitor.new_flow()
    visitor.drag_in("team", 420, 120)
    visitor.drag_onto("society", "team", 300, 120)
    expect(inner(visitor, "society")).to_have_count(1)
    visitor.drag_onto("assistant", "society", 120, 100)
    expect(visitor.field("parent")).to_have_value(str(visitor.node("society").get_attribute("data-id")))
    visitor.drag_onto("human", "society", 300, 100)

    left, top, width, height = (visitor.find("canvas").bounding_box() or {}).values()
    drag(visitor, visitor.node("society").locator(".cv-team-name"), (left + width / 2, top + height - 60))
    expect(inner(visitor, "society")).to_have_count(0)
    visitor.find("undo").click()
    expect(inner(visitor, "society")).to_have_count(1)
    visitor.reload()
    expect(inner(visitor, "society")).to_have_count(1)
    expect(visitor.nodes).to_have_count(4)


def test_a_team_goes_away_and_comes_back_with_all_that_lies_in_it(visitor: Visitor) -> None:
    visitor.import_flow(press_room())
    visitor.choose("team")
    visitor.page.keyboard.press("Control+d")
    expect(visitor.nodes).to_have_count(9 + 5)
    expect(inner(visitor, "panel_2")).to_have_count(1)
    visitor.page.keyboard.press("Delete")
    expect(visitor.nodes).to_have_count(9)
    visitor.choose("team")
    visitor.page.keyboard.press("Delete")
    expect(visitor.nodes).to_have_count(4)
    visitor.find("undo").click()
    expect(visitor.nodes).to_have_count(9)
    expect(inner(visitor, "panel")).to_have_count(1)


def test_a_node_is_laid_into_a_team_by_the_keyboard_alone(visitor: Visitor) -> None:
    visitor.import_flow(press_room())
    visitor.choose("ann")
    visitor.field("parent").select_option(label="panel")
    expect(visitor.field("parent").locator("option:checked")).to_have_text("panel")
    visitor.choose("panel")
    expect(visitor.find("turns")).to_contain_text("ann")
    visitor.find("undo").click()
    expect(visitor.find("turns")).to_have_count(0)


def test_arranging_keeps_everybody_in_their_team(visitor: Visitor) -> None:
    visitor.import_flow(press_room())
    visitor.page.get_by_role("button", name="Arrange").click()
    expect(visitor.find("undo")).to_be_enabled()
    visitor.choose("eve")
    expect(visitor.field("parent").locator("option:checked")).to_have_text("panel")
    expect(inner(visitor, "panel")).to_have_count(1)


def test_an_arrow_says_when_it_is_taken_and_takes_it_back(visitor: Visitor) -> None:
    visitor.import_flow(press_room(wire("speaks", "ann", "panel"), wire("speaks", "panel", "bob"), wire("speaks", "bob", "ann")))
    label = visitor.find("edge-bob-ann").locator(".cv-wire-label")
    expect(label).to_have_count(0)
    visitor.find("edge-e_speaks_bob_ann").focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.find("wire-ends")).to_have_text("bob → ann")
    visitor.fill("condition", "once more")
    expect(label).to_contain_text("once more")

    visitor.field("how").select_option("expression")
    expect(visitor.find("error-condition")).to_contain_text("once more")
    visitor.fill("condition", "visits < 3")
    expect(visitor.find("error-condition")).to_have_count(0)
    expect(label).to_have_text("visits < 3")
    for _ in range(3):
        visitor.find("undo").click()
    expect(label).to_have_count(0)


def test_where_arrows_meet_it_is_seen_whether_all_are_waited_for(visitor: Visitor) -> None:
    visitor.import_flow(press_room(wire("speaks", "ann", "bob"), wire("speaks", "panel", "bob")))
    join = visitor.find("edge-ann-bob").locator(".cv-wire-join")
    expect(join).to_have_attribute("data-join", "all")
    visitor.find("edge-e_speaks_ann_bob").focus()
    visitor.page.keyboard.press("Enter")
    visitor.find("inspector").locator(".segment", has_text="Begin with any").click()
    expect(join).to_have_attribute("data-join", "any")


def test_memories_and_teams_are_wired_to_who_may_use_them(visitor: Visitor) -> None:
    visitor.import_flow(press_room())
    visitor.grab_wire("facts")
    expect(visitor.node("panel").locator(".cv-team")).to_have_attribute("data-fit", "no")
    expect(visitor.node("ann").locator(".cv-agent")).to_have_attribute("data-fit", "yes")
    visitor.move_to("ann")
    visitor.page.mouse.up()
    expect(visitor.edges("memory")).to_have_count(1)

    visitor.choose("experts")
    x, y = middle(visitor.node("experts").locator(".cv-port.react-flow__handle-top"))
    visitor.page.mouse.move(x, y)
    visitor.page.mouse.down()
    visitor.page.mouse.move(x - 12, y + 12, steps=3)
    expect(visitor.node("panel").locator(".cv-team")).to_have_attribute("data-fit", "no")
    expect(visitor.node("zoe").locator(".cv-agent")).to_have_attribute("data-fit", "no")
    visitor.move_to("bob")
    visitor.page.mouse.up()
    expect(visitor.edges("tool")).to_have_count(1)
    visitor.find("undo").click()
    expect(visitor.edges("tool")).to_have_count(0)
