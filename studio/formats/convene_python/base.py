"""The drawing that a program is laid over: its nodes with what they mean, so that the program's components find theirs again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from studio.flow.document import EdgeKind, FlowDocument, Node
from studio.flow.kinds import drawn_class, parts
from studio.flow.ports import takes
from studio.flow.wires import Drawing
from studio.formats.convene_python.made import OWN, digest_of, own_values
from studio.formats.python_text.functions import functions_of

USES: tuple[EdgeKind, ...] = ("model", "tool", "memory", "stop")


@dataclass(frozen=True, slots=True)
class Hints:
    """What a program says of a node beside its code: its digest, its function, and the fields that the code does not hold.

    `held` are fields as they stood on the canvas where the code would give them otherwise, `packed` such texts as the code can
    unpack them, `left_out` fields that were not on the canvas although the code has them. `whole` nodes have no code at all.
    """

    digest: str = ""
    function: str = ""
    held: Mapping[str, Any] = field(default_factory=dict)
    packed: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    whole: bool = False


class Base:
    """A document as it was. With `hints` its nodes have no fields: the program brings them."""

    def __init__(self, document: FlowDocument, hints: Mapping[str, Hints] | None = None) -> None:
        self.document = document
        self.hints = hints
        self.drawing = Drawing(document)
        self._digests: dict[str, str] = {}

    @property
    def main(self) -> Node | None:
        """The team that runs; None in a drawing of one agent alone, or without a team."""
        return self.drawing.main_teams[0] if len(self.drawing.main_teams) == 1 else None

    @property
    def alone(self) -> Node | None:
        return self.drawing.alone

    def uses(self, node: Node) -> dict[EdgeKind, list[Node]]:
        """What a node gets by wires, or by what lies within it, as it counts when the flow runs."""
        kinds = {item.port for item in takes(node.kind)}
        if self.drawing.categories[node.id] != "team":
            found: dict[EdgeKind, list[Node]] = {kind: list(self.drawing.into(node, kind)) for kind in USES if kind in kinds}
            if self.drawing.categories[node.id] == "agent":
                found["model"] = found.get("model", [])[:1]
            return found
        model = self.drawing.team_model(node)
        return {"model": [model] if model is not None else [], "stop": list(self.drawing.stops_of(node))}

    def uses_alone(self) -> dict[EdgeKind, list[Node]]:
        """What a team of one gets from what lies loose beside the agent."""
        alone = self.drawing.alone
        if alone is None:
            return {}
        own = self.drawing.own_model(alone)
        model = self.drawing.model_for(alone) if own is None else None
        return {"model": [model] if model is not None else [], "stop": list(self.drawing.loose_stops)}

    @cached_property
    def used(self) -> frozenset[str]:
        """The ids of all nodes that take part when the flow runs."""
        seen: set[str] = set()
        waiting: list[Node] = [node for node in (self.main, self.alone) if node is not None]
        waiting += [node for several in self.uses_alone().values() for node in several]
        while waiting:
            node = waiting.pop()
            if node.id in seen:
                continue
            seen.add(node.id)
            waiting += [below for several in self.uses(node).values() for below in several]
            if self.drawing.categories[node.id] == "team":
                waiting += self.drawing.agents_in(node)
        return frozenset(seen)

    def digest(self, node: Node) -> str:
        """What the node means, in eight characters: of agents and teams their own fields, of everything else all that it is made of."""
        if self.hints is not None:
            return self.hints[node.id].digest if node.id in self.hints else ""
        if node.id not in self._digests:
            self._digests[node.id] = ""  # a stop rule that is a part of itself means nothing
            self._digests[node.id] = self._digest(node)
        return self._digests[node.id]

    def _digest(self, node: Node) -> str:
        found = drawn_class(node.kind)
        if found is None:
            return ""
        speaks = self.drawing.categories[node.id] in ("agent", "team")
        below: dict[str, list[str]] = {}
        if not speaks:
            below = {kind: [self.digest(each) for each in several] for kind, several in self.uses(node).items() if several}
        return digest_of(node.kind, own_values(found, own_config(node)), below)

    def function(self, node: Node) -> str:
        """The name of a Python tool's function."""
        if self.hints is not None:
            return self.hints[node.id].function if node.id in self.hints else ""
        functions = functions_of(str(node.config.get("source", "")))
        return functions.function if functions is not None else ""


def own_config(node: Node) -> dict[str, Any]:
    """The fields of a node that are its own to hold."""
    found = drawn_class(node.kind)
    own = parts(found) if found is not None else {}
    return {name: value for name, value in node.config.items() if name in own and own[name].role in OWN}
