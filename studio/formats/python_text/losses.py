"""What a target that is a program cannot express: collected while it is written, with whatever nothing was made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import PydanticUndefined

from studio.engine.agents.agent import Agent
from studio.engine.component import Component
from studio.engine.teams.team import Team
from studio.flow.catalogue.titles import kind_title
from studio.flow.document import FlowDocument
from studio.flow.findings import Finding, Findings, Level
from studio.flow.ports import label
from studio.flow.wires import Drawing
from studio.formats.python_text.places import Places
from studio.formats.python_text.walk import inner_first, parts
from studio.texts import catalogue, text

NAMED = ("name", "participants")
"""Fields that every target writes, whatever it does with the rest."""


class Losses:
    """`target` is what people call the framework. A writer says of which fields it made something; `rest` tells of all others.

    What the form of a node of `team` holds, such as where its code runs, is told as that node's.
    """

    def __init__(self, document: FlowDocument, team: Team, participants: Mapping[str, str], target: str) -> None:
        self._document = document
        self._holders = _holders(team)
        self._places = Places(document, participants)
        self._target = target
        self._findings = Findings()
        self._said: dict[int, tuple[Component, set[str]]] = {}

    def said(self, component: Component, *fields: str) -> None:
        """Something was made of the component, and of these fields of it."""
        self._said.setdefault(id(component), (component, set()))[1].update(fields)

    def said_as(self, component: Component, first: Component) -> None:
        """The same was made of the component as of one that is equal to it."""
        self.said(component, *self._said.get(id(first), (first, ()))[1])

    def lose(self, code: str, component: Component, *fields: str, level: Level = "approximated", **facts: Any) -> None:
        """A loss with the sentence `code_target.<code>`; it speaks for the fields that are named."""
        self.said(component, *fields)
        nodes = tuple(dict.fromkeys(node.id for each in self._shown(component) for node in self._places.nodes(each)))
        sentence = text(f"code_target.{code}", name=self.called(component), target=self._target, **facts)
        self._findings.add(Finding(level, f"lost_{code}", sentence, "", nodes, subject=nodes[0] if nodes else ""))

    def called(self, component: Component) -> str:
        """What people call a component: by its own name, its node's, or its kind; what a node's form holds by that node's."""
        if isinstance(component, Agent):
            return component.name
        if not self._places.nodes(component) and len(holders := self._shown(component)) == 1 and holders[0] is not component:
            return self.called(holders[0])
        found = (node.name for node in self._places.nodes(component))
        return next((name for name in found if name), "") or kind_title(type(component))

    def _shown(self, component: Component) -> list[Component]:
        """The component itself where it is drawn, else what holds it."""
        if isinstance(component, Agent) or self._places.nodes(component):
            return [component]
        holders = [shown for holder in self._holders.get(id(component), ()) for shown in self._shown(holder)]
        return holders or [component]

    def label(self, component: Component) -> str:
        """The name of the component's node, empty without one."""
        return next((node.name for node in self._places.nodes(component) if node.name), "")

    def rest(self, team: Team) -> tuple[Finding, ...]:
        """All losses, those among them that nobody spoke of: components and filled-in fields of which nothing was made."""
        self._visit(team, set())
        self._loose()
        return self._findings.sorted()

    def _loose(self) -> None:
        """What lies in the drawing and is used by nobody."""
        drawing = Drawing(self._document)
        theirs = {drawing.alone.id, *(rule.id for rule in drawing.loose_stops)} if drawing.alone is not None else set()
        for node in drawing.nodes:
            used = node.id in theirs or not drawing.is_loose(node)
            if not used and drawing.categories[node.id] in ("agent", "model", "tool", "condition", "memory"):
                name = node.name.strip() or label(node)
                said = text("code_target.loose", name=name, target=self._target)
                self._findings.add(Finding("approximated", "lost_loose", said, "", (node.id,), subject=node.id))

    def _visit(self, component: Component, seen: set[int]) -> None:
        if id(component) in seen:
            return
        seen.add(id(component))
        known = self._said.get(id(component))
        if known is None:
            self.lose("left_out", component, level="decision")
            return
        for name, info in type(component).model_fields.items():
            value = getattr(component, name)
            default = info.get_default(call_default_factory=True, validated_data={})
            if default is not PydanticUndefined and value == default:
                continue
            if name == "guards" and name not in known[1] and value:
                self.lose("guards", component, "guards", level="decision")
                continue
            inner = list(_components(value))
            for each in inner:
                self._visit(each, seen)
            if not inner and name not in known[1] and name not in NAMED and value not in (None, "", (), {}):
                self.lose("field", component, field=_title(type(component), name))


def _holders(team: Team) -> dict[int, list[Component]]:
    """What each component is a part of, by its identity; one that is nobody's is missing."""
    found: dict[int, list[Component]] = {}
    for component in inner_first(team):
        for part in parts(component):
            known = found.setdefault(id(part), [])
            if not any(each is component for each in known):
                known.append(component)
    return found


def _components(value: Any) -> Iterator[Component]:
    if isinstance(value, Component):
        yield value
    elif isinstance(value, list | tuple):
        yield from (each for each in value if isinstance(each, Component))
    elif isinstance(value, Mapping):
        yield from (each for each in value.values() if isinstance(each, Component))


def _title(component: type[Component], name: str) -> str:
    words = catalogue()
    kinds = (item.kind for item in component.__mro__ if issubclass(item, Component) and item.kind)
    found = next((words[key] for kind in kinds if (key := f"field.{kind}.{name}.title") in words), "")
    return found or component.model_fields[name].title or name.replace("_", " ")
