"""What undoes an edit: how everything that it touched was before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from studio.flow.document import FlowDocument
from studio.flow.edits.model import Edit, Replace, Restore, RestoredEdge, RestoredNode


class _Item(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Item)


def undoing(before: FlowDocument, after: FlowDocument) -> Edit:
    """The edit that turns `after` into `before` exactly, order included."""
    nodes = _differences(before.nodes, after.nodes)
    edges = _differences(before.edges, after.edges)
    if nodes is None or edges is None or (before.format, before.version) != (after.format, after.version):
        return Replace(document=before)
    facts: dict[str, Any] = {
        field: getattr(before, field)
        for field in ("name", "description", "sample_tasks")
        if getattr(before, field) != getattr(after, field)
    }
    return Restore(
        nodes=tuple(RestoredNode(id=key, at=at, node=item) for key, at, item in nodes),
        edges=tuple(RestoredEdge(id=key, at=at, edge=item) for key, at, item in edges),
        **facts,
    )


def difference(before: FlowDocument, after: FlowDocument) -> Edit:
    """The one edit that makes `after` of `before`, order included."""
    return undoing(after, before)


def restored(document: FlowDocument, edit: Restore) -> FlowDocument:
    """The document with the items of the edit put back; the first place in the order that is too large means the end."""
    nodes = _put_back(document.nodes, [(item.id, item.at, item.node) for item in edit.nodes])
    edges = _put_back(document.edges, [(item.id, item.at, item.edge) for item in edit.edges])
    facts = {field: value for field in ("name", "description", "sample_tasks") if (value := getattr(edit, field)) is not None}
    return document.model_copy(update={"nodes": nodes, "edges": edges, **facts})


def _differences(before: Sequence[T], after: Sequence[T]) -> list[tuple[str, int, T | None]] | None:
    """(id, place before, item before or None) of all that differs; None when the order of what stayed differs too."""
    if before is after:
        return []
    was = {item.id: item for item in before}
    now = {item.id: item for item in after}
    if len(was) < len(before) or len(now) < len(after):
        return None
    if [item.id for item in before if item.id in now] != [item.id for item in after if item.id in was]:
        return None
    changed: list[tuple[str, int, T | None]] = [(key, 0, None) for key in now if key not in was]
    for at, item in enumerate(before):
        other = now.get(item.id)
        if other is not item and not same(other, item):
            changed.append((item.id, at, item))
    return changed


def same(one: Any, other: Any) -> bool:
    """Equality that also sees the order of keys and tells 1 from 1.0 and True, as JSON does."""
    if one is other:
        return True
    return bool(one == other) and repr(one) == repr(other)


def _put_back(items: Sequence[T], changes: Sequence[tuple[str, int, T | None]]) -> tuple[T, ...]:
    was = {key: item for key, _, item in changes}
    present = {item.id for item in items}
    result = [was.get(item.id, item) for item in items]
    kept = [item for item in result if item is not None]
    for key, at, item in sorted(changes, key=lambda change: change[1]):
        if item is not None and key not in present:
            kept.insert(at, item)
    return tuple(kept)
