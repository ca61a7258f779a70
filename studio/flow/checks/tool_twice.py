"""Two tools of one agent whose functions are called the same: a model could not tell them apart."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.problem import Problem, problem
from studio.flow.document import Node
from studio.flow.ports import label
from studio.flow.wires import Drawing
from studio.flow.words import signature, value


def problems(drawing: Drawing) -> Iterator[Problem]:
    for agent in drawing.of("agent"):
        called: dict[str, list[Node]] = {}
        for tool in drawing.tools_of(agent):
            if (signed := signature(value(tool, "source"))) is not None:
                called.setdefault(signed[0], []).append(tool)
        for name, tools in called.items():
            if len(tools) > 1:
                yield problem("tool_twice", "error", [agent, *tools], field="source", agent=label(agent), name=name)
