"""Wires that begin or end nowhere, and wires that do not fit what they are wired to: they count for nothing."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.problem import Problem, problem
from studio.flow.edits.model import Remove
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for edge in drawing.dangling:
        ends = [drawing.by_id[end] for end in dict.fromkeys((edge.source, edge.target)) if end in drawing.by_id]
        where = label(ends[0]) if ends else edge.id
        yield problem("dangling_wire", "warning", ends, where=where, repair=Remove(edges=(edge.id,)))
    for edge, why in drawing.misfits:
        ends = [drawing.by_id[end] for end in dict.fromkeys((edge.source, edge.target))]
        yield problem("misfit_wire", "warning", ends, why=why, repair=Remove(edges=(edge.id,)))
