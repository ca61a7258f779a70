"""Applies an edit to a document: purely, whole or not at all, and with the edit that undoes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from studio.flow.document import MAX_EDGES, MAX_NODES, FlowDocument
from studio.flow.edits import content, structure, wiring
from studio.flow.edits.inverse import restored, undoing
from studio.flow.edits.model import (
    Add,
    Arrow,
    Configure,
    Connect,
    Describe,
    Edit,
    EditRefused,
    Move,
    Rekind,
    Remove,
    Rename,
    Reorder,
    Replace,
    Resize,
    Restore,
    Several,
)
from studio.flow.wellformed import Malformed, check_nesting, check_wellformed
from studio.texts import text


@dataclass(frozen=True, slots=True)
class Applied:
    """The new document, the edit that brings the old one back, and the ids of the nodes that look different now."""

    document: FlowDocument
    inverse: Edit
    touched: frozenset[str]


def apply_edit(document: FlowDocument, edit: Edit) -> Applied:
    """The document after the edit. Raises EditRefused, which names the place; the document given is never changed."""
    after = _after(document, edit)
    if len(after.nodes) > MAX_NODES:
        raise EditRefused(text("edit.too_many_nodes", limit=MAX_NODES))
    if len(after.edges) > MAX_EDGES:
        raise EditRefused(text("edit.too_many_edges", limit=MAX_EDGES))
    if isinstance(edit, Add | Connect | Move | Several):
        _checked(after, check_nesting)
    return Applied(after, undoing(document, after), _touched(document, after))


def _after(document: FlowDocument, edit: Edit) -> FlowDocument:
    return _APPLY[type(edit)](document, edit)


def _several(document: FlowDocument, edit: Several) -> FlowDocument:
    for part in edit.edits:
        document = _after(document, part)
    return document


def _replace(_: FlowDocument, edit: Replace) -> FlowDocument:
    return _checked(edit.document, check_wellformed)


def _restore(document: FlowDocument, edit: Restore) -> FlowDocument:
    for item in edit.nodes:
        if item.node is not None and item.node.id != item.id:
            raise EditRefused(text("edit.other_id", id=item.id, other=item.node.id), item.id)
    for wire in edit.edges:
        if wire.edge is not None and wire.edge.id != wire.id:
            raise EditRefused(text("edit.other_id", id=wire.id, other=wire.edge.id), wire.id)
    return _checked(restored(document, edit), check_wellformed)


def _checked(document: FlowDocument, check: Callable[[FlowDocument], None]) -> FlowDocument:
    try:
        check(document)
    except Malformed as error:
        raise EditRefused(error.sentence, error.where) from None
    return document


_APPLY: dict[type[Any], Callable[[FlowDocument, Any], FlowDocument]] = {
    Add: structure.add,
    Remove: structure.remove,
    Move: structure.move,
    Resize: structure.resize,
    Reorder: structure.reorder,
    Connect: wiring.connect,
    Arrow: wiring.arrow,
    Configure: content.configure,
    Rename: content.rename,
    Rekind: content.rekind,
    Describe: content.describe,
    Replace: _replace,
    Restore: _restore,
    Several: _several,
}


def _touched(before: FlowDocument, after: FlowDocument) -> frozenset[str]:
    was, now = {node.id: node for node in before.nodes}, {node.id: node for node in after.nodes}
    touched = {key for key in was.keys() | now.keys() if was.get(key) is not now.get(key) and was.get(key) != now.get(key)}
    old_edges, new_edges = {edge.id: edge for edge in before.edges}, {edge.id: edge for edge in after.edges}
    for key in old_edges.keys() | new_edges.keys():
        if old_edges.get(key) != new_edges.get(key):
            touched |= {end for edge in (old_edges.get(key), new_edges.get(key)) if edge for end in (edge.source, edge.target)}
    return frozenset(touched)
