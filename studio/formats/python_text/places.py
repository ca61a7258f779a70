"""Where things come from: the node on the canvas behind each component of a team, and the lines of the file that show it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from pydantic import ValidationError

from studio.engine.agents.agent import Agent
from studio.engine.component import Component, component_class
from studio.engine.conditions.combined import AllOf, AnyOf
from studio.engine.errors import UnknownKind
from studio.engine.teams.team import Team
from studio.flow.document import FlowDocument, Node

Lines = dict[str, list[tuple[int, int]]]
"""First and last line, counted from 1, of every place of a node, by the node's id."""


class Places:
    """The nodes of a document by what they stand for. `participants` are the node ids of a team's agents by name.

    A node that takes part stands for a component before one that equals it and lies unused, where `used` are the ids of those that do.
    """

    def __init__(self, document: FlowDocument, participants: Mapping[str, str], used: Collection[str] = ()) -> None:
        self._document = document
        self._participants = participants
        self._nodes: dict[str, list[Node]] = {}
        for node in document.nodes:
            try:
                component = component_class(node.kind).model_validate(node.config)
            except (UnknownKind, ValidationError):
                continue
            self._nodes.setdefault(_key(component), []).append(node)
        if used:
            self._nodes = {key: [node for node in nodes if node.id in used] or nodes for key, nodes in self._nodes.items()}

    def nodes(self, component: Component) -> list[Node]:
        """The nodes that are drawn for a component: several when several are equal, none for what the form of another one holds."""
        if isinstance(component, Agent):
            found = self._document.node(self._participants.get(component.name, ""))
            if found is not None and component_class(found.kind) is type(component):
                return [found]
            return self._outermost() if isinstance(component, Team) else []
        return self._nodes.get(_key(component), [])

    def _outermost(self) -> list[Node]:
        """The nodes of the teams that are members of none."""
        inside = {node.id for node in self._document.nodes if node.id in self._participants.values()}
        parents = {node.parent for node in self._document.nodes if node.id in inside}
        return [node for node in self._document.nodes if node.id in parents - inside]

    def with_combinations(self, lines: Lines) -> Lines:
        """The lines with those of combined stop rules, which are the lines of what they combine."""
        inputs: dict[str, list[str]] = {}
        for edge in self._document.edges:
            if edge.kind == "stop":
                inputs.setdefault(edge.target, []).append(edge.source)
        combined = [node.id for node in self._document.nodes if node.kind in (AnyOf.kind, AllOf.kind)]
        for node_id in combined:
            found = sorted({place for leaf in _leaves(node_id, inputs) for place in lines.get(leaf, ())})
            if found and node_id not in lines:
                lines[node_id] = found
        return lines


def _leaves(node_id: str, inputs: Mapping[str, Sequence[str]]) -> set[str]:
    seen, ends = set[str](), [node_id]
    while ends:
        node = ends.pop()
        if node not in seen:
            seen.add(node)
            ends.extend(inputs.get(node, ()))
    return seen - {node_id}


def _key(component: Component) -> str:
    return component.model_dump_json()
