"""Nodes of a kind that this installation does not know: kept as they are, but they cannot run."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.problem import Level, Problem, problem
from studio.flow.edits.model import Remove
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for node in drawing.of("unknown"):
        takes_part = drawing.team_of(node) is not None or not drawing.is_loose(node)
        level: Level = "error" if takes_part else "warning"
        key = "kept_source" if isinstance(node.config.get("original"), str) else "unknown_kind"
        yield problem(key, level, [node], node=label(node), kind=node.kind, repair=Remove(nodes=(node.id,)))
