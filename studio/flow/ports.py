"""What fits on what: the one table of typed ports that the edits, the checks and the browser share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from studio.engine.agents.code_runner import CodeRunner
from studio.engine.agents.human import Human
from studio.engine.component import Component
from studio.flow.document import Edge, EdgeKind, FlowDocument, Node
from studio.flow.kinds import Category, category, drawn_class, parts
from studio.texts import text

GIVES: dict[Category, EdgeKind] = {"model": "model", "tool": "tool", "memory": "memory", "condition": "stop", "agent": "speaks"}
"""The wire that starts at a node of a category.

A team, or an agent that is no person, gives `speaks` to its fellow members, and outside of every team `tool` to agents that may call it.
"""

TAKERS: dict[EdgeKind, tuple[Category, ...]] = {"tool": ("tool", "team", "agent"), "speaks": ("agent", "team")}
"""What may be at the beginning of a wire, where that is more than its own category."""


@dataclass(frozen=True, slots=True)
class Port:
    """Where wires of one kind end. `many` is whether several may, otherwise a new one takes the old one's place."""

    port: EdgeKind
    categories: tuple[Category, ...]
    many: bool


def gives(kind: str, member: bool = True) -> EdgeKind | None:
    """The wire that starts at a node of this kind; of who can be called, whether it is the member of a team says which."""
    if can_be_called(kind):
        return "speaks" if member else "tool"
    return GIVES.get(category(kind))


def can_be_called(kind: str) -> bool:
    """Whether somebody of this kind may be another one's tool: teams, and agents that are no people."""
    return category(kind) in ("agent", "team") and kind != Human.kind


def takes(kind: str) -> tuple[Port, ...]:
    """The ports of a kind: one for each field that a wire fills, and `speaks` for agents.

    A place for a stop rule takes several, also where the field holds one: they count as any of them.
    """
    found = drawn_class(kind)
    return _ports(found) if found is not None else ()


@cache
def _ports(component: type[Component]) -> tuple[Port, ...]:
    ports = []
    for item in parts(component).values():
        if item.role == "wired" and item.component is not None:
            wanted: Category = item.component.category  # type: ignore[assignment]
            given = GIVES[wanted]
            ports.append(Port(given, TAKERS.get(given, (wanted,)), item.many or wanted == "condition"))
    if category(component.kind) in ("agent", "team"):
        ports.append(Port("speaks", TAKERS["speaks"], True))
    return tuple(ports)


def port(kind: str, edge_kind: EdgeKind) -> Port | None:
    found = drawn_class(kind)
    return _port(found, edge_kind) if found is not None else None


@cache
def _port(component: type[Component], edge_kind: EdgeKind) -> Port | None:
    return next((item for item in _ports(component) if item.port == edge_kind), None)


def needs_model(kind: str) -> bool:
    """Whether somebody of this kind says nothing without a model. A code runner takes one, but also runs what others wrote."""
    return kind != CodeRunner.kind and port(kind, "model") is not None


def misfit(kind: EdgeKind, source: Node, target: Node) -> str | None:
    """Why a wire of this kind cannot go from source to target, as a sentence; None when it fits."""
    why = _unfit(kind, source.kind, target.kind)
    if why is None and kind == "speaks" and source.parent != target.parent:
        why = "wire.other_team"
    elif why is None and kind == "speaks" and source.parent is None and "team" in (category(source.kind), category(target.kind)):
        why = "wire.no_members"
    elif why is None and kind == "tool" and can_be_called(source.kind) and source.parent is not None:
        why = f"wire.member_as_tool.{category(source.kind)}"
    elif why is None and kind != "speaks" and source.id == target.id:
        why = "wire.itself"
    return text(why, source=label(source), target=label(target)) if why is not None else None


@lru_cache(maxsize=4_096)
def _unfit(kind: EdgeKind, source: str, target: str) -> str | None:
    """The key of the sentence that says why the kinds do not fit."""
    if kind == "tool" and source == Human.kind:
        return "wire.person_as_tool"
    if kind not in (gives(source), gives(source, member=False)):
        return f"wire.gives_no_{kind}"
    wanted = port(target, kind)
    return f"wire.takes_no_{kind}" if wanted is None or category(source) not in wanted.categories else None


def label(node: Node) -> str:
    """What people call a node: its name, or else what it is."""
    found = drawn_class(node.kind)
    return node.name.strip() or (found.title if found is not None else node.kind) or node.id


def makes_loop(document: FlowDocument, by_id: Mapping[str, Node], edge: Edge) -> bool:
    """Whether a wire would let a stop rule, or a model, be a part of itself, or somebody call itself.

    Wires that do not fit lead nowhere.
    """
    if edge.kind not in ("stop", "model", "tool"):
        return False
    after: dict[str, list[str]] = {}
    for other in document.edges:
        source, target = by_id.get(other.source), by_id.get(other.target)
        if other.kind == edge.kind and source and target and _unfit(edge.kind, source.kind, target.kind) is None:
            after.setdefault(other.source, []).append(other.target)
    if edge.kind == "tool":  # whoever calls a member of a team that is a tool calls the member
        for member in by_id.values():
            team = by_id.get(member.parent or "")
            if team is not None and category(team.kind) == "team":
                after.setdefault(member.id, []).append(team.id)
    seen, open_ends = set(), [edge.target]
    while open_ends:
        node = open_ends.pop()
        if node == edge.source:
            return True
        if node not in seen:
            seen.add(node)
            open_ends.extend(after.get(node, ()))
    return False
