"""A drawing with more nodes than fit on the screen."""

from __future__ import annotations

from typing import Any

from e2e_flows import node
from playwright.sync_api import expect
from visitor import Visitor

COLUMNS = 20
AGENTS = 220


def chain() -> dict[str, Any]:
    """Agents in rows, each of whom may speak after the one before."""
    agents = [
        node(f"n_{index}", "assistant", f"agent_{index}", 220 * (index % COLUMNS), 110 * (index // COLUMNS), parent=None)
        for index in range(AGENTS)
    ]
    edges = [{"id": f"e_{index}", "kind": "speaks", "source": f"n_{index - 1}", "target": f"n_{index}"} for index in range(1, AGENTS)]
    return {"name": "Crowd", "nodes": agents, "edges": edges}


def test_wires_of_a_large_drawing_are_there_however_it_is_looked_at(visitor: Visitor) -> None:
    visitor.import_flow(chain())
    expect(visitor.nodes).to_have_count(AGENTS)
    expect(visitor.edges("speaks")).to_have_count(AGENTS - 1)
    expect(visitor.find("canvas")).to_have_attribute("data-far", "2")
    name = visitor.page.locator(".cv-agent .cv-name").first.bounding_box()
    assert name is not None
    assert name["height"] > 4, "from afar a name is more than the line that it would be"

    x, y, width, height = (visitor.find("canvas").bounding_box() or {}).values()
    visitor.page.mouse.move(x + width / 2, y + height / 2)
    for _ in range(6):
        visitor.page.mouse.wheel(0, -250)
    expect(visitor.find("zoom-level")).not_to_have_text("17 %")
    expect(visitor.edges("speaks").first).to_be_attached()
    assert visitor.nodes.count() < AGENTS

    visitor.page.mouse.move(x + 10, y + 10)
    visitor.page.mouse.down()
    visitor.page.mouse.move(x + 10 - 400, y + 10, steps=6)
    visitor.page.mouse.up()
    shown = {str(each.get_attribute("data-id")) for each in visitor.nodes.all()}
    pairs = [(f"n_{index - 1}", f"n_{index}") for index in range(1, AGENTS)]
    expected = [f"edge-e_{index}" for index, pair in enumerate(pairs, 1) if set(pair) <= shown and index % COLUMNS]
    assert expected
    for test_id in expected:
        expect(visitor.find(test_id)).to_be_attached()


def test_what_was_arranged_is_brought_into_view(visitor: Visitor) -> None:
    far_apart = [node(f"n_{index}", "assistant", f"agent_{index}", 1_500 * index, 900 * index, parent=None) for index in range(3)]
    visitor.import_flow({"name": "Wide", "nodes": far_apart, "edges": []})
    expect(visitor.nodes).to_have_count(3)
    visitor.find("arrange").click()
    expect(visitor.find("zoom-level")).to_have_text("100 %")
    for index in range(3):
        expect(visitor.node(f"agent_{index}")).to_be_in_viewport(ratio=1)
