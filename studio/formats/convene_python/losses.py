"""What a program on our own engine does not take along: pieces that are only kept, and files that were dropped in."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.missing_document import documents_of
from studio.flow.document import FlowDocument
from studio.flow.findings import Finding
from studio.formats.convene_python.kept import kept_in
from studio.texts import text


def losses(document: FlowDocument) -> tuple[Finding, ...]:
    """A finding for each, with its node."""
    return (*kept(document), *_dropped_in(document))


def kept(document: FlowDocument) -> Iterator[Finding]:
    """What a program holds and nothing runs."""
    for node in kept_in(document):
        said = text("code_target.kept.own", name=node.name or node.kind)
        yield Finding("decision", "lost_kept", said, "", (node.id,), subject=node.id)


def _dropped_in(document: FlowDocument) -> Iterator[Finding]:
    for node in document.nodes:
        names = [each.name for each in documents_of(node) if each.digest]
        if names:
            said = text("code_target.documents", name=node.name or node.kind, files=", ".join(names)[:300])
            yield Finding("approximated", "lost_documents", said, "", (node.id,), subject=node.id)
