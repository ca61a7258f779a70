"""Two tools of one agent whose functions are called the same: a model could not tell them apart."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.problem import Problem, problem
from studio.flow.document import Node
from studio.flow.held import functions
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for agent in drawing.of("agent"):
        called: dict[str, list[Node]] = {}
        for tool in drawing.tools_of(agent):
            for name, _ in functions(tool):
                called.setdefault(name, []).append(tool)
        for name, tools in called.items():
            if len(tools) > 1:
                field = "source" if all("source" in tool.config for tool in tools) else None
                yield problem("tool_twice", "error", [agent, *tools], field=field, agent=label(agent), name=name)
