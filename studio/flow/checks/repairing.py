"""Every repair of a drawing that a check offers, as one change."""

from __future__ import annotations

from studio.flow.checks.check import check
from studio.flow.checks.problem import Problem
from studio.flow.document import FlowDocument
from studio.flow.edits.apply import apply_edit
from studio.flow.edits.model import Edit, EditRefused, Remove, Several

MOST = 100
"""So many repairs are made at once: one may show the next problem, and two must not undo each other for ever."""


def repairable(problem: Problem) -> bool:
    """Whether it is repaired with all others. What is only advice, or takes somebody's node away, is decided one by one."""
    return problem.repair is not None and problem.level != "hint" and _keeps_nodes(problem.repair)


def _keeps_nodes(edit: Edit) -> bool:
    if isinstance(edit, Several):
        return all(_keeps_nodes(part) for part in edit.edits)
    return not (isinstance(edit, Remove) and edit.nodes)


def repair_of_all(document: FlowDocument) -> Several | None:
    """The repairs of all errors and warnings, errors first, each for the drawing that those before it leave; None where there is none."""
    edits: list[Edit] = []
    tried: set[str] = set()
    while len(edits) < MOST:
        found = next((each for each in check(document) if repairable(each) and each.identity not in tried), None)
        if found is None or found.repair is None:
            break
        tried.add(found.identity)
        try:
            document = apply_edit(document, found.repair).document
        except EditRefused:
            continue
        edits.append(found.repair)
    return Several(edits=tuple(edits)) if edits else None
