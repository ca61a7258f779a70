"""The edit that draws a wire: only what fits, each wire once, and one where only one fits."""

from __future__ import annotations

from collections.abc import Mapping

from studio.flow.catalogue.wire_forms import ARROW, TOOL_WIRE
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.edits.model import Arrow, Connect, EditRefused
from studio.flow.kinds import category
from studio.flow.ports import label, makes_loop, misfit, port
from studio.texts import text


def connect(document: FlowDocument, edit: Connect) -> FlowDocument:
    by_id = {node.id: node for node in document.nodes}
    if any(edge.id == edit.edge.id for edge in document.edges):
        raise EditRefused(text("edit.id_taken", id=edit.edge.id), edit.edge.id)
    for end in (edit.edge.source, edit.edge.target):
        if category(node_of(by_id, end).kind) == "unknown":
            raise EditRefused(text("wire.unknown_kind", node=label(by_id[end]), kind=by_id[end].kind), end)
    return wired(document, edit.edge, by_id)


def wired(document: FlowDocument, edge: Edge, by_id: Mapping[str, Node]) -> FlowDocument:
    """The document with the wire in it. Raises EditRefused, naming the node that does not take it.

    Wires of unknown kinds are let through: a paste must not lose them, and only their own kind could tell what fits.
    """
    source, target = node_of(by_id, edge.source), node_of(by_id, edge.target)
    facts = {"source": label(source), "target": label(target)}
    edges = document.edges
    if "unknown" not in (category(source.kind), category(target.kind)):
        why = misfit(edge.kind, source, target)
        if why is not None:
            raise EditRefused(why, target.id)
        if makes_loop(document, by_id, edge):
            raise EditRefused(text("wire.loop.tool" if edge.kind == "tool" else "wire.loop", **facts), target.id)
        wanted = port(target.kind, edge.kind)
        if any((item.kind, item.source, item.target) == (edge.kind, edge.source, edge.target) for item in edges):
            raise EditRefused(text("wire.twice", **facts), target.id)
        if wanted is not None and not wanted.many:
            edges = tuple(item for item in edges if (item.kind, item.target) != (edge.kind, edge.target))
    return document.model_copy(update={"edges": (*edges, edge)})


def arrow(document: FlowDocument, edit: Arrow) -> FlowDocument:
    """Set what an arrow, or the wire of an agent that is a tool, says.

    Values need not be valid: what is typed is kept, and the checks say what is wrong with it.
    """
    found = next((item for item in document.edges if item.id == edit.id), None)
    if found is None:
        raise EditRefused(text("edit.no_edge", id=edit.id), edit.id)
    source = next((node for node in document.nodes if node.id == found.source), None)
    calls = found.kind == "tool" and source is not None and category(source.kind) == "agent"
    if found.kind != "speaks" and not calls:
        raise EditRefused(text("edit.no_arrow"), edit.id)
    defaults = (TOOL_WIRE if calls else ARROW).defaults
    config = dict(found.config)
    for name, value in edit.values.items():
        if name not in defaults:
            raise EditRefused(text("edit.no_field", node=text("edit.arrow"), field=name), edit.id)
        if value is None or value == defaults[name]:
            config.pop(name, None)
        elif isinstance(value, bool) if isinstance(defaults[name], bool) else isinstance(value, str) and len(value) <= 1_000:
            config[name] = value
        else:
            raise EditRefused(text("edit.no_field", node=text("edit.arrow"), field=name), edit.id)
    changed = found.model_copy(update={"config": config})
    return document.model_copy(update={"edges": tuple(changed if item.id == edit.id else item for item in document.edges)})


def node_of(by_id: Mapping[str, Node], node_id: str) -> Node:
    """Raises EditRefused for an id that no node has."""
    node = by_id.get(node_id)
    if node is None:
        raise EditRefused(text("edit.no_node", id=node_id), node_id)
    return node
