"""What fits on what: the one table of typed ports that the edits, the checks and the browser share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from studio.flow.document import Edge, EdgeKind, FlowDocument, Node
from studio.flow.kinds import Category, category, drawn_class, parts
from studio.texts import text

GIVES: dict[Category, EdgeKind] = {"model": "model", "tool": "tool", "condition": "stop", "agent": "speaks"}
"""The wire that starts at a node of a category."""


@dataclass(frozen=True, slots=True)
class Port:
    """Where wires of one kind end. `many` is whether several may, otherwise a new one takes the old one's place."""

    port: EdgeKind
    categories: tuple[Category, ...]
    many: bool


def gives(kind: str) -> EdgeKind | None:
    return GIVES.get(category(kind))


@cache
def takes(kind: str) -> tuple[Port, ...]:
    """The ports of a kind: one for each field that a wire fills, and `speaks` for agents.

    A place for a stop rule takes several, also where the field holds one: they count as any of them.
    """
    found = drawn_class(kind)
    if found is None:
        return ()
    ports = []
    for item in parts(found).values():
        if item.role == "wired" and item.component is not None:
            wanted: Category = item.component.category  # type: ignore[assignment]
            ports.append(Port(GIVES[wanted], (wanted,), item.many or wanted == "condition"))
    if category(kind) == "agent":
        ports.append(Port("speaks", ("agent",), True))
    return tuple(ports)


def port(kind: str, edge_kind: EdgeKind) -> Port | None:
    return next((item for item in takes(kind) if item.port == edge_kind), None)


def misfit(kind: EdgeKind, source: Node, target: Node) -> str | None:
    """Why a wire of this kind cannot go from source to target, as a sentence; None when it fits."""
    facts = {"source": label(source), "target": label(target)}
    if gives(source.kind) != kind:
        return text(f"wire.gives_no_{kind}", **facts)
    wanted = port(target.kind, kind)
    if wanted is None or category(source.kind) not in wanted.categories:
        return text(f"wire.takes_no_{kind}", **facts)
    if kind == "speaks" and source.parent != target.parent:
        return text("wire.other_team", **facts)
    if kind != "speaks" and source.id == target.id:
        return text("wire.itself", **facts)
    return None


def label(node: Node) -> str:
    """What people call a node: its name, or else what it is."""
    found = drawn_class(node.kind)
    return node.name.strip() or (found.title if found is not None else node.kind) or node.id


def makes_loop(document: FlowDocument, edge: Edge) -> bool:
    """Whether a stop wire would let a stop rule be a part of itself."""
    if edge.kind != "stop":
        return False
    seen, open_ends = set(), [edge.target]
    while open_ends:
        node = open_ends.pop()
        if node == edge.source:
            return True
        if node not in seen:
            seen.add(node)
            open_ends.extend(other.target for other in document.edges if other.kind == "stop" and other.source == node)
    return False
