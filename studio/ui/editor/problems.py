"""Problems of a flow as a list that leads to their nodes and repairs what can be repaired with one click."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from studio.flow.checks.problem import LEVELS, Problem
from studio.flow.document import FlowDocument
from studio.flow.ports import label


class ProblemRow(TypedDict):
    """`id` finds the problem again after another check; `names` are the nodes that it is about."""

    id: str
    level: str
    text: str
    hint: str
    nodes: list[str]
    names: str
    repairable: bool


def problem_rows(document: FlowDocument, problems: Sequence[Problem]) -> list[ProblemRow]:
    """The rows, errors first."""
    named = {node.id: label(node) or node.kind for node in document.nodes}
    return [
        {
            "id": each.identity,
            "level": each.level,
            "text": each.text,
            "hint": each.hint,
            "nodes": list(each.nodes),
            "names": ", ".join(named[node] for node in each.nodes if node in named),
            "repairable": each.repair is not None,
        }
        for each in sorted(problems, key=lambda each: LEVELS[each.level])
    ]
