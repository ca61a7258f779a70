"""What a page asks for by name, as an edit of the drawing as it is when it is made: a field, a layout, a repair, a copy."""

from __future__ import annotations

from typing import Any

from studio.flow.checks import check
from studio.flow.checks.repairing import repair_of_all
from studio.flow.copies import copy_of
from studio.flow.document import Edge, FlowDocument
from studio.flow.edits import Edit, EditRefused
from studio.flow.laying import laid_into
from studio.flow.layout import arrange
from studio.flow.words import shorten
from studio.texts import text

MAX_TYPED = 300
"""Characters of what was typed into a node that is gone; the whole of it would not fit into a notice."""


class FieldGone(EditRefused):
    """What somebody typed into was removed meanwhile; the remedy holds what they typed."""

    def __init__(self, owner: str, value: Any) -> None:
        typed = text("library.field_gone.typed", text=shorten(value, MAX_TYPED)) if isinstance(value, str) and value.strip() else ""
        super().__init__(text("library.field_gone"), owner, typed or text("library.field_gone.remedy"))


def edit_of(document: FlowDocument, change: dict[str, Any]) -> dict[str, Any] | None:
    """The edit that a change means in this drawing; None where there is nothing to do.

    By name there are `{type: "field", owner, field, value}`, `{type: "arrange"}`, `{type: "repair", problem}` (a problem's identity),
    `{type: "repair_all"}`, `{type: "copy", id}`, `{type: "lay", id, team}` (team "" is the canvas), `rekind` of a wire, and
    `{type: "allow", id, tool, allowed, of}` (one of the tools `of` a server). All others are edits of the map's table themselves.
    Raises FieldGone.
    """
    match change:
        case {"type": "field"}:
            return field_edit(document, str(change.get("owner") or ""), str(change.get("field") or ""), change.get("value"))
        case {"type": "arrange"}:
            return _raw(arrange(document))
        case {"type": "repair", "problem": problem}:
            # One that is gone already needs none.
            found = next((each for each in check(document) if each.identity == problem), None)
            return _raw(found.repair) if found is not None else None
        case {"type": "repair_all"}:
            return _raw(repair_of_all(document))
        case {"type": "copy", "id": str(node)}:
            return copy_of(document, node) if document.node(node) is not None else None
        case {"type": "lay", "id": str(node), "team": team}:
            return _raw(laid_into(document, node, team or None))
        case {"type": "allow", "id": str(node), "tool": str(tool), "allowed": bool(allowed), "of": [*tools]}:
            return _allowed(document, node, tool, allowed, [str(each) for each in tools])
        case {"type": "rekind", "id": str(key), "kind": kind}:
            wire = next((edge for edge in document.edges if edge.id == key), None)
            return _other_wire(wire, kind) if wire is not None else change
    return change


def field_edit(document: FlowDocument, owner: str, field: str, value: Any) -> dict[str, Any]:
    """One field of the inspector as an edit: the flow's own (no owner), a node's name, a field of its component, or what an arrow says.

    Raises FieldGone where the owner was removed.
    """
    if not owner:
        nothing: Any = [] if field == "flow_sample_tasks" else ""
        return {"type": "describe", field.removeprefix("flow_"): nothing if value is None else value}
    node = document.node(owner)
    if node is None and all(edge.id != owner for edge in document.edges):
        raise FieldGone(owner, value)
    if field == "name":
        return {"type": "rename", "id": owner, "name": value or ""}
    if node is None:
        return {"type": "arrow", "id": owner, "values": {field: value}}
    return {"type": "configure", "id": owner, "values": {field: value}}


def _allowed(document: FlowDocument, owner: str, tool: str, allowed: bool, tools: list[str]) -> dict[str, Any]:
    """Allows a tool of a server or takes it away; all of them allowed is no list, so that new ones are allowed too."""
    node = document.node(owner)
    if node is None:
        raise FieldGone(owner, None)
    before = node.config.get("allow") or tools
    names = [each for each in tools if (allowed if each == tool else each in before)]
    return field_edit(document, owner, "allow", [] if len(names) == len(tools) else names)


def _other_wire(wire: Edge, kind: Any) -> dict[str, Any]:
    """The same wire, meaning something else."""
    anew = {"id": wire.id, "kind": kind, "source": wire.source, "target": wire.target}
    return {"type": "several", "edits": [{"type": "remove", "nodes": [], "edges": [wire.id]}, {"type": "connect", "edge": anew}]}


def _raw(edit: Edit | None) -> dict[str, Any] | None:
    return edit.model_dump(mode="json") if edit is not None else None
