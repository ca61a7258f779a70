"""Rules of rules to which no rule is wired, and models of models to which no model is."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.problem import Problem, problem
from studio.flow.edits.model import Remove
from studio.flow.ports import label, port
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for node in drawing.of("condition"):
        if port(node.kind, "stop") is not None and not drawing.into(node, "stop"):
            yield problem("empty_combination", "error", [node], node=label(node), repair=Remove(nodes=(node.id,)))
    for node in drawing.of("model"):
        if port(node.kind, "model") is not None and not drawing.into(node, "model"):
            yield problem("empty_models", "error", [node], node=label(node))
