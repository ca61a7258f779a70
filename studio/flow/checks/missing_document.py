"""Documents of a node that are not on this machine: those of a flow that came from another one, for instance."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from studio.engine.documents.document import Document, Shelf
from studio.engine.documents.searching import DocumentSearch
from studio.flow.checks.problem import Problem, problem
from studio.flow.document import Node
from studio.flow.kinds import drawn_class
from studio.flow.ports import label
from studio.flow.wires import Drawing

MOST_NAMED = 3
"""Names that a sentence lists."""


def problems(drawing: Drawing, shelf: Shelf) -> Iterator[Problem]:
    """Waits for the disk, which is asked for names only."""
    for node in drawing.nodes:
        missing = [document.name for document in documents_of(node) if not shelf.has(document)]
        if missing:
            names = ", ".join(missing[:MOST_NAMED]) + (" …" if len(missing) > MOST_NAMED else "")
            yield problem("missing_document", "error", [node], field="documents", node=label(node), documents=names)


def documents_of(node: Node) -> list[Document]:
    """The documents of a node whose kind searches in some; what is written wrongly is left to the form."""
    kind = drawn_class(node.kind)
    held = node.config.get("documents")
    if kind is None or not issubclass(kind, DocumentSearch) or not isinstance(held, list | tuple):
        return []
    found = []
    for each in held:
        try:
            found.append(Document.model_validate(each))
        except ValidationError:
            continue
    return found
