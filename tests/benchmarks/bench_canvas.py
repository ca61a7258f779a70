"""How smoothly a node of a large drawing is dragged: the time of every frame while the mouse moves.

Run: PYTHONPATH=. python tests/benchmarks/bench_canvas.py. The drawing has 300 nodes and 750 wires; it is dragged once as it opens, with
everything in view, and once at full size. A page on which nothing moves is measured beside it: what it loses, the machine loses.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from bench_flow import large_drawing
from serving import FRAMES, Figure, Visitor, browser, percentile, report, studio
from visitor import middle

from studio.flow.layout import place

MOVES = 180


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


def main() -> None:
    document = json.loads(place(large_drawing()).model_dump_json())
    with studio() as served, browser() as chromium:
        visitor = Visitor(chromium, served).enter()
        visitor.page.set_default_timeout(60_000)
        visitor.import_flow(document)
        visitor.nodes.first.wait_for()
        visitor.page.wait_for_timeout(3000)
        still = frames_while(visitor, lambda: visitor.page.wait_for_timeout(2000))
        shown = visitor.nodes.count()
        far = drag(visitor, "agent 7")
        visitor.page.wait_for_timeout(500)
        visitor.page.keyboard.press("Escape")
        zoom = visitor.page.get_by_role("button", name="Zoom to 100 %")
        near: list[float] = []
        if zoom.count():
            zoom.click()
            visitor.page.wait_for_timeout(1000)
            name = visitor.page.evaluate(IN_VIEW)
            near = drag(visitor, name)
        visitor.leave()
    figures = [Figure("drag with all of 300 nodes in view, p95", percentile(far, 0.95), 33, None, "ms", facts(far, f"{shown} drawn"))]
    if near:
        figures.append(Figure("drag at full size, p95", percentile(near, 0.95), 33, None, "ms", facts(near)))
    figures.append(Figure("a page on which nothing moves, p95", percentile(still, 0.95), 33, None, "ms", facts(still)))
    report(figures)


IN_VIEW = """
() => {
  const pane = document.querySelector("[data-testid=canvas]").getBoundingClientRect();
  const names = [...document.querySelectorAll("[data-testid^='node-agent']")].filter((node) => {
    const box = node.getBoundingClientRect();
    return box.left > pane.left + 80 && box.right < pane.right - 80 && box.top > pane.top + 80 && box.bottom < pane.bottom - 120;
  });
  return names[0].dataset.testid.replace("node-", "");
}
"""


def facts(frames: list[float], more: str = "") -> str:
    return ", ".join(filter(None, [f"{len(frames)} frames, median {percentile(frames, 0.5):.1f}, longest {max(frames):.0f}", more]))


if __name__ == "__main__":
    main()
