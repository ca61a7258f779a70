"""Edits of what a node says: its fields, its name, its kind; and the description of the flow."""

from __future__ import annotations

from typing import Any

from studio.engine.component import Component
from studio.flow.bounds import Unbounded, check_json
from studio.flow.document import FlowDocument, Node
from studio.flow.edits.model import Configure, Describe, EditRefused, Rekind, Rename
from studio.flow.edits.wiring import node_of
from studio.flow.kinds import Part, category, drawn_class, nested_classes, parts
from studio.flow.names import follow
from studio.flow.ports import gives, label, takes
from studio.texts import text


def configure(document: FlowDocument, edit: Configure) -> FlowDocument:
    """Set fields of a node. Values need not be valid: what is typed is kept, and the checks say what is wrong with it."""
    node = node_of({item.id: item for item in document.nodes}, edit.id)
    config = dict(node.config)
    for path, value in edit.values.items():
        try:
            check_json(value, path)
        except Unbounded as error:
            raise EditRefused(error.sentence, node.id) from None
        _set(node, config, path, value)
    return _with_node(document, node.model_copy(update={"config": config}))


def rename(document: FlowDocument, edit: Rename) -> FlowDocument:
    """Another name, trimmed; fields that mention an agent's or a team's old name follow it."""
    node = node_of({item.id: item for item in document.nodes}, edit.id)
    name = edit.name.strip()
    after = _with_node(document, node.model_copy(update={"name": name}))
    if category(node.kind) in ("agent", "team") and name and name != node.name:
        after = follow(after, node.name, name)
    return after


def rekind(document: FlowDocument, edit: Rekind) -> FlowDocument:
    node = node_of({item.id: item for item in document.nodes}, edit.id)
    new = drawn_class(edit.kind)
    if new is None:
        raise EditRefused(text("edit.no_kind", kind=edit.kind), node.id)
    if category(edit.kind) != category(node.kind):
        raise EditRefused(text("edit.other_category", node=label(node), kind=new.title), node.id)
    if edit.kind == node.kind:
        return document
    kept = {name: value for name, value in node.config.items() if name in parts(new)}
    ports = {item.port for item in takes(edit.kind)}
    given = (gives(edit.kind), gives(edit.kind, member=False))
    edges = tuple(
        edge
        for edge in document.edges
        if not (edge.target == node.id and edge.kind not in ports) and not (edge.source == node.id and edge.kind not in given)
    )
    after = _with_node(document, node.model_copy(update={"kind": edit.kind, "config": kept}))
    return after.model_copy(update={"edges": edges})


def describe(document: FlowDocument, edit: Describe) -> FlowDocument:
    facts = {field: value for field in ("name", "description", "sample_tasks") if (value := getattr(edit, field)) is not None}
    return document.model_copy(update=facts)


def _with_node(document: FlowDocument, changed: Node) -> FlowDocument:
    return document.model_copy(update={"nodes": tuple(changed if node.id == changed.id else node for node in document.nodes)})


def _set(node: Node, config: dict[str, Any], path: str, value: Any) -> None:
    """Set one field, or one of a nested component, in `config`. Raises EditRefused for a field that cannot be set."""
    found = drawn_class(node.kind)
    field, _, inner = path.partition(".")
    if found is None or (value is None and (not inner or path in config)):
        _put(config, path, value)
        return
    part = parts(found).get(field)
    if part is None:
        raise EditRefused(text("edit.no_field", node=label(node), field=field), node.id)
    if part.role not in ("plain", "nested"):
        raise EditRefused(text(f"edit.field_is_{part.role}", node=label(node), field=field), node.id)
    if not inner:
        emptied = value == "" and _clears(part)
        _put(config, field, None if emptied else value, keep_none=emptied and part.info.default is not None)
    elif part.role != "nested" or part.component is None:
        raise EditRefused(text("edit.no_field", node=label(node), field=path), node.id)
    else:
        config[field] = _nested(node, part, config.get(field), inner, value)
        if config[field] is None:
            del config[field]


def _nested(node: Node, part: Part, current: Any, inner: str, value: Any) -> dict[str, Any] | None:
    """The nested component with one field set; its kind is the field `kind`, and nothing (None) is the kind ""."""
    classes = nested_classes(part.component or Component)
    default = part.info.default
    now = dict(current) if isinstance(current, dict) else {"kind": default.kind} if isinstance(default, Component) else {}
    if inner == "kind":
        if value in (None, ""):
            return None
        if not isinstance(value, str) or value not in classes:
            raise EditRefused(text("edit.no_kind", kind=value), node.id)
        return {"kind": value} | {name: kept for name, kept in now.items() if name != "kind" and name in parts(classes[value])}
    if now.get("kind") not in classes:
        raise EditRefused(text("edit.choose_first", node=label(node), field=part.info.title or part.name), node.id)
    if value is None:
        now.pop(inner, None)
    elif inner not in parts(classes[now["kind"]]):
        raise EditRefused(text("edit.no_field", node=label(node), field=f"{part.name}.{inner}"), node.id)
    else:
        now[inner] = value
    return now


def _clears(part: Part) -> bool:
    """Whether an emptied form field means "none" rather than an empty text."""
    return part.optional and part.info.annotation != str | None


def _put(config: dict[str, Any], field: str, value: Any, keep_none: bool = False) -> None:
    if value is None and not keep_none:
        config.pop(field, None)
    else:
        config[field] = value
