"""How long one edit of a drawing of 300 nodes takes until the canvas can draw it: run it, it prints milliseconds and a ratio.

The ratio is the time of all that one edit causes (apply, check, view, patch) against one frame of 33 ms.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from studio.flow.checks import check
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.edits import apply_edit, parse_edit
from studio.flow.layout import arrange
from studio.flow.resolve import resolve
from studio.flow.view import graph_view, patch

AGENTS = 250
FRAME = 33.0


def large_drawing() -> FlowDocument:
    team = [Node(id="t", kind="team", name="team")]
    agents = [
        Node(id=f"a{i}", kind="assistant", name=f"agent {i}", parent="t", config={"system_message": "Say DONE."}) for i in range(AGENTS)
    ]
    models = [Node(id=f"m{i}", kind="openai", name=f"model {i}") for i in range(10)]
    sources = [f'def look_up_{i}(word: str) -> str:\n    """Look a word up."""\n    return word\n' for i in range(29)]
    tools = [Node(id=f"p{i}", kind="python_tool", name=f"tool {i}", config={"source": source}) for i, source in enumerate(sources)]
    stops = [Node(id=f"s{i}", kind="text_mention", name=f"stop {i}", parent="t", config={"text": "DONE"}) for i in range(10)]
    arrows = [Edge(id=f"w{i}", kind="speaks", source=f"a{i}", target=f"a{(i + 1) % AGENTS}") for i in range(AGENTS)]
    wires = [Edge(id=f"x{i}", kind="model", source=f"m{i % 10}", target=f"a{i}") for i in range(AGENTS)]
    uses = [Edge(id=f"y{i}", kind="tool", source=f"p{i % 29}", target=f"a{i}") for i in range(AGENTS)]
    return FlowDocument(nodes=(*team, *agents, *models, *tools, *stops), edges=(*arrows, *wires, *uses))


def milliseconds(action: Callable[[], object], times: int = 20) -> float:
    """Of processor time, the fastest of several, after one to warm up."""
    action()
    taken = []
    for _ in range(times):
        start = time.process_time()
        action()
        taken.append(time.process_time() - start)
    return min(taken) * 1000


def main() -> None:
    document = large_drawing()
    before = graph_view(document, check(document))

    def one_edit() -> None:
        after = apply_edit(document, parse_edit({"type": "configure", "id": "a7", "values": {"description": "writes"}})).document
        patch(before, graph_view(after, check(after)), 1, 1)

    print(f"{len(document.nodes)} nodes, {len(document.edges)} wires")
    for name, action in {
        "check": lambda: check(document),
        "view": lambda: graph_view(document, ()),
        "resolve": lambda: resolve(document),
        "arrange": lambda: arrange(document),
    }.items():
        print(f"{name:>10} {milliseconds(action):8.1f} ms")
    whole = milliseconds(one_edit)
    print(f"{'one edit':>10} {whole:8.1f} ms   {whole / FRAME:.2f} frames")


if __name__ == "__main__":
    main()
