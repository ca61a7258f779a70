"""What a flow keeps of foreign programs, in its own program: a statement each that nothing runs, and back from there to the same nodes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from studio.engine.kept import Kept
from studio.flow.document import MAX_NODES, FlowDocument, Node
from studio.flow.edits.apply import apply_edit
from studio.flow.edits.model import Remove
from studio.flow.findings import Finding, ForeignFileError, Place
from studio.flow.layout import arrange
from studio.formats.python_text.kept import KEPT
from studio.formats.python_text.literals import literal
from studio.texts import text

FIELDS = ("provider", "component_type", "original")
"""The fields of a kept node that its statement says."""


@dataclass(frozen=True, slots=True)
class KeptPiece:
    """A statement of a program, as it was read; `line` counts from 1."""

    kept: Kept
    line: int


def kept_in(document: FlowDocument) -> tuple[Node, ...]:
    """What lies in teams and is only kept: it stops whoever runs the flow."""
    return tuple(node for node in _foreign_in(document) if _is_told(node.config.get("original")))


def _foreign_in(document: FlowDocument) -> tuple[Node, ...]:
    """The same, with those whose source stands in the code alone."""
    return tuple(node for node in document.nodes if node.parent is not None and node.kind.startswith(KEPT))


def without(document: FlowDocument, kept: Sequence[Node]) -> FlowDocument:
    """The flow without these nodes and their wires; what names them still does."""
    return apply_edit(document, Remove(nodes=tuple(node.id for node in kept))).document if kept else document


def as_call(node: Node, use: Callable[[str], str]) -> str:
    """The call that keeps a node's source in a program."""
    said = {"name": node.name, "kind": node.kind, **{name: value for name in FIELDS if _is_told(value := node.config.get(name))}}
    return f"{use(Kept.__name__)}({', '.join(f'{name}={literal(value)}' for name, value in said.items())})"


def beside(node: Node) -> dict[str, object]:
    """The fields of a kept node that its statement does not say."""
    return {name: value for name, value in node.config.items() if name not in FIELDS or not _is_told(value)}


def put_back(document: FlowDocument, pieces: Sequence[KeptPiece], team: str) -> FlowDocument:
    """The document with the kept nodes that a program has: those that were there with its words, new ones in a team, others gone.

    Raises ForeignFileError for more nodes than a flow may have.
    """
    nodes = {node.id: node for node in document.nodes}
    left = list(pieces)
    gone = []
    for node in _foreign_in(document):
        piece = next((each for each in left if (each.kept.name, each.kept.kind) == (node.name, node.kind)), None)
        if piece is None:
            gone.append(node)
            continue
        left.remove(piece)
        nodes[node.id] = _said(node, piece.kept)
    new = list(_born(left, nodes, team))
    if len(nodes) + len(new) > MAX_NODES:
        raise ForeignFileError(text("edit.too_many_nodes", limit=MAX_NODES))
    if not (gone or new) and tuple(nodes.values()) == document.nodes:
        return document
    found = without(document.model_copy(update={"nodes": (*nodes.values(), *new)}), gone)
    return apply_edit(found, arrange(found, only={node.id for node in new})).document if new else found


def findings(document: FlowDocument, pieces: Sequence[KeptPiece]) -> Iterator[Finding]:
    """What there is to say of the kept nodes of a flow that was read."""
    lines = {(piece.kept.name, piece.kept.kind): piece.line for piece in pieces}
    for node in kept_in(document):
        place = Place(line=lines.get((node.name, node.kind)))
        said = text("code_in.kept", name=node.name or node.kind)
        yield Finding("decision", "program_kept", said, text("code_in.kept.remedy"), (node.id,), place, node.id)


def _is_told(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _told(kept: Kept) -> dict[str, object]:
    """The fields of a node that a statement says."""
    return {name: value for name in FIELDS if (value := str(getattr(kept, name)))}


def _said(node: Node, kept: Kept) -> Node:
    """A node with the words of its statement."""
    config = {**beside(node), **_told(kept)}
    return node if config == node.config else node.model_copy(update={"config": config})


def _born(pieces: Sequence[KeptPiece], taken: dict[str, Node], team: str) -> Iterator[Node]:
    for number, piece in enumerate(pieces):
        kept = piece.kept
        parts = "\0".join((kept.kind, kept.name, kept.original, str(number)))
        key = f"n_{hashlib.sha256(parts.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}"
        if key not in taken:
            yield Node(id=key, kind=kept.kind, name=kept.name[:200], config=_told(kept), parent=team or None)
