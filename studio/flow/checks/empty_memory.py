"""Memories in which nothing is and into which nothing comes, and searches in no documents."""

from __future__ import annotations

from collections.abc import Iterator

from studio.engine.documents.searching import DocumentSearch
from studio.flow.checks.problem import Problem, problem
from studio.flow.held import value
from studio.flow.kinds import drawn_class
from studio.flow.ports import label
from studio.flow.wires import Drawing

KIND = "vector_memory"


def problems(drawing: Drawing) -> Iterator[Problem]:
    for node in (*drawing.of("memory"), *drawing.of("tool")):
        kind = drawn_class(node.kind)
        if kind is not None and issubclass(kind, DocumentSearch) and not value(node, "documents"):
            yield problem("empty_documents", "warning", [node], field="documents", node=label(node))
    for node in drawing.of("memory"):
        if node.kind != KIND or not drawing.out_of(node, "memory"):
            continue
        shared = value(node, "scope") == "everywhere"
        if not shared and not value(node, "texts") and value(node, "keeps") == "nothing":
            yield problem("empty_memory", "warning", [node], field="texts", node=label(node))
