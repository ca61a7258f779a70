"""How smoothly a node of a large drawing is dragged: the time of every frame while the mouse moves.

Run: PYTHONPATH=. python tests/benchmarks/bench_canvas.py. The drawing has 300 nodes and 750 wires, all in view; a node is dragged there
and at full size, and once where the automatic layout puts everything. A page on which nothing moves is measured beside it: the frames
that it loses, the machine loses.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from bench_flow import large_drawing
from serving import FRAMES, Figure, Visitor, browser, percentile, report, studio
from visitor import middle

from studio.flow.document import FlowDocument, Position, Size
from studio.flow.layout import place

MOVES = 180
COLUMNS = 20


def in_a_grid(document: FlowDocument) -> FlowDocument:
    """The same drawing with its nodes side by side, so that all of them can be seen at once."""
    nodes = []
    for number, node in enumerate(document.nodes):
        if node.kind == "team":
            nodes.append(node.model_copy(update={"position": Position(x=0, y=0), "size": Size(width=COLUMNS * 200, height=17 * 110)}))
        else:
            place = Position(x=20 + (number - 1) % COLUMNS * 198, y=50 + (number - 1) // COLUMNS * 106)
            nodes.append(node.model_copy(update={"position": place}))
    return document.model_copy(update={"nodes": tuple(nodes)})


def frames_while(visitor: Visitor, action: Callable[[], Any]) -> list[float]:
    """Milliseconds of every frame while `action` is done."""
    visitor.page.evaluate(FRAMES)
    action()
    times: list[float] = visitor.page.evaluate("endFrames()")
    return times


def drag(visitor: Visitor, name: str) -> list[float]:
    """Milliseconds of every frame while an agent is dragged in a circle, from the first move to the last."""
    node = visitor.node(name)
    x, y = middle(node)
    mouse = visitor.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 4, y + 4)

    def around() -> None:
        for move in range(MOVES):
            mouse.move(x + move % 60, y + move // 2 % 40)

    frames = frames_while(visitor, around)
    mouse.up()
    return frames


def opened(visitor: Visitor, document: FlowDocument) -> int:
    """Imports a drawing and waits for it; returns how many nodes are drawn."""
    visitor.home()
    visitor.import_flow(json.loads(document.model_dump_json()))
    visitor.nodes.first.wait_for()
    visitor.page.wait_for_timeout(3000)
    return visitor.nodes.count()


def main() -> None:
    document = large_drawing()
    with studio() as served, browser() as chromium:
        visitor = Visitor(chromium, served).enter()
        visitor.context.set_default_timeout(30_000)
        drawn = opened(visitor, in_a_grid(document))
        still = frames_while(visitor, lambda: visitor.page.wait_for_timeout(2000))
        far = drag(visitor, visitor.page.evaluate(IN_VIEW))
        visitor.page.locator(".cv-zoom .cv-percent").click()
        visitor.page.wait_for_timeout(1000)
        near = drag(visitor, visitor.page.evaluate(IN_VIEW))
        opened(visitor, place(document))
        arranged = drag(visitor, visitor.page.evaluate(IN_VIEW))
        visitor.leave()
    report(
        [
            Figure("drag, all of 300 nodes in view, p95", percentile(far, 0.95), 33, None, "ms", facts(far, f"{drawn} drawn")),
            Figure("drag at full size, p95", percentile(near, 0.95), 33, None, "ms", facts(near)),
            Figure("drag as the layout arranges them, p95", percentile(arranged, 0.95), 33, None, "ms", facts(arranged)),
            Figure("a page on which nothing moves, p95", percentile(still, 0.95), 33, None, "ms", facts(still)),
        ]
    )


IN_VIEW = """
() => {
  const pane = document.querySelector("[data-testid=canvas]").getBoundingClientRect();
  const middle = { x: pane.left + pane.width / 2, y: pane.top + pane.height / 2 };
  const far = (node) => {
    const box = node.getBoundingClientRect();
    return Math.hypot(box.left + box.width / 2 - middle.x, box.top + box.height / 2 - middle.y);
  };
  const nodes = [...document.querySelectorAll("[data-testid^='node-agent']")].sort((one, other) => far(one) - far(other));
  return nodes[0].dataset.testid.replace("node-", "");
}
"""
"""The name of the agent that is nearest to the middle of the canvas."""


def facts(frames: list[float], more: str = "") -> str:
    return ", ".join(filter(None, [f"{len(frames)} frames, median {percentile(frames, 0.5):.1f}, longest {max(frames):.0f}", more]))


if __name__ == "__main__":
    main()
