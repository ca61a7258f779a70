"""What changed between two states of a flow, in sentences."""

from __future__ import annotations

import json
from typing import Any

from studio.engine.component import Component, kinds
from studio.flow.catalogue.titles import field_title, kind_title
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.kinds import category, drawn_class, parts
from studio.flow.ports import label
from studio.flow.wires import Drawing
from studio.flow.words import shorten
from studio.texts import text

MAX_VALUE = 60
"""Characters of a value in a sentence."""


def changes(before: FlowDocument, after: FlowDocument) -> list[str]:
    """One sentence for each thing that a person changed, the flow's own first; places on the canvas are one sentence together."""
    was, now = {node.id: node for node in before.nodes}, {node.id: node for node in after.nodes}
    found = _of_the_flow(before, after)
    found += [text("changes.added", kind=_kind(node), name=_name(node)) for key, node in now.items() if key not in was]
    found += [text("changes.removed", kind=_kind(node), name=_name(node)) for key, node in was.items() if key not in now]
    stayed = [(was[key], node) for key, node in now.items() if key in was]
    for old, new in stayed:
        found += _of_a_node(old, new, before, after)
    if [key for key in was if key in now] != [key for key in now if key in was]:
        found.append(text("changes.reordered"))
    found += _of_the_wires(before, after)
    moved = sum(1 for old, new in stayed if old.parent == new.parent and (old.position, old.size) != (new.position, new.size))
    if moved:
        found.append(text("changes.moved.one") if moved == 1 else text("changes.moved", count=moved))
    return found


def _of_the_flow(before: FlowDocument, after: FlowDocument) -> list[str]:
    found = []
    if before.name != after.name:
        found.append(text("changes.flow_renamed", old=before.name, new=after.name))
    if before.description != after.description:
        found.append(text("changes.described"))
    if before.sample_tasks != after.sample_tasks:
        found.append(text("changes.sample_tasks"))
    return found


def _of_a_node(old: Node, new: Node, before: FlowDocument, after: FlowDocument) -> list[str]:
    found = []
    if old.name != new.name:
        found.append(text("changes.renamed", old=_name(old), new=_name(new)))
    if old.kind != new.kind:
        found.append(text("changes.rekinded", name=_name(new), old=_kind(old), new=_kind(new)))
    if old.parent != new.parent:
        team = after.node(new.parent) if new.parent else None
        left = before.node(old.parent) if old.parent else None
        if team is not None:
            found.append(text("changes.joined", name=_name(new), team=_name(team)))
        elif left is not None:
            found.append(text("changes.left", name=_name(new), team=_name(left)))
    if old.config != new.config:
        found += _of_the_fields(old, new)
    return found


def _of_the_fields(old: Node, new: Node) -> list[str]:
    found = []
    for field in [*old.config, *(key for key in new.config if key not in old.config)]:
        one, other = old.config.get(field), new.config.get(field)
        if _differ(one, other):
            facts = {"name": _name(new), "field": _field(new, field)}
            one_shown, other_shown = _value(new, field, one), _value(new, field, other)
            if one_shown == other_shown:
                found.append(text("changes.configured.within", **facts))
            else:
                found.append(text("changes.configured", **facts, old=one_shown, new=other_shown))
    return found


def _of_the_wires(before: FlowDocument, after: FlowDocument) -> list[str]:
    was, now = {_ends(edge): edge for edge in before.edges}, {_ends(edge): edge for edge in after.edges}
    staying = {node.id for node in before.nodes} & {node.id for node in after.nodes}
    # A wire that came or went with one of its ends is said by that end already.
    new = [("changes.connected", edge, after) for key, edge in now.items() if key not in was and set(key[1:]) <= staying]
    gone = [("changes.disconnected", edge, before) for key, edge in was.items() if key not in now and set(key[1:]) <= staying]
    drawings = {id(document): Drawing(document) for document in (before, after)}
    return [
        text(_wire_key(key, edge, drawings[id(document)]), source=_end(document, edge.source), target=_end(document, edge.target))
        for key, edge, document in new + gone
    ]


def _wire_key(key: str, edge: Edge, drawing: Drawing) -> str:
    if edge.kind != "speaks":
        return key
    return f"{key}.speaks.barred" if drawing.is_barred(edge) else f"{key}.speaks"


def _ends(edge: Edge) -> tuple[str, str, str]:
    return edge.kind, edge.source, edge.target


def _end(document: FlowDocument, node_id: str) -> str:
    node = document.node(node_id)
    return _name(node) if node is not None else node_id


def _name(node: Node) -> str:
    return _short(label(node)) if category(node.kind) != "note" else text("changes.note")


def _kind(node: Node) -> str:
    found = drawn_class(node.kind)
    return kind_title(found) if found is not None else node.kind


def _field(node: Node, field: str) -> str:
    found = drawn_class(node.kind)
    part = parts(found).get(field) if found is not None else None
    return field_title(found, part) if found is not None and part is not None else field


def _value(node: Node, field: str, value: Any) -> str:
    if value is not None:
        return _written(value)
    found = drawn_class(node.kind)
    part = parts(found).get(field) if found is not None else None
    default = part.info.get_default() if part is not None else None
    return text("changes.default") if default in (None, "", (), {}) else _written(default)


def _written(value: Any) -> str:
    match value:
        case bool():
            return text("changes.yes" if value else "changes.no")
        case "":
            return text("changes.nothing")
        case str():
            return f"“{_short(value)}”"
        case Component():
            return kind_title(type(value))
        case {"kind": str(kind)} if kind in kinds():
            return kind_title(kinds()[kind])
        case _:
            return _short(json.dumps(value, ensure_ascii=False, default=str))


def _differ(one: Any, other: Any) -> bool:
    return bool(one != other) or type(one) is not type(other)


def _short(value: str) -> str:
    return shorten(value, MAX_VALUE)
