"""The words of kinds and fields: the message catalogue's where it has them, otherwise the component's own."""

from __future__ import annotations

from studio.engine.component import Component
from studio.flow.kinds import Part
from studio.texts import catalogue, text


def kind_title(component: type[Component]) -> str:
    return catalogue().get(f"kind.{component.kind}.title", component.title or component.kind)


def kind_summary(component: type[Component]) -> str:
    return catalogue().get(f"kind.{component.kind}.summary", component.summary)


def field_title(component: type[Component], part: Part) -> str:
    return _word(component, f"{part.name}.title") or part.info.title or part.name.replace("_", " ")


def field_help(component: type[Component], part: Part) -> str:
    return _word(component, f"{part.name}.help") or part.info.description or ""


def row_titles(component: type[Component], part: Part) -> tuple[str, ...]:
    """What the two sides of a row are called; empty where names and values say enough."""
    sides = (_word(component, f"{part.name}.row.key"), _word(component, f"{part.name}.row.value"))
    return sides if all(sides) else ()


def choice_title(component: type[Component], part: Part, value: str) -> str:
    return _word(component, f"{part.name}.choice.{value}") or value or text("field.choice.nothing")


def _word(component: type[Component], key: str) -> str:
    """The catalogue's word for a field: that of the kind itself, or of the kind from which it has the field."""
    words = catalogue()
    kinds = (item.kind for item in component.__mro__ if issubclass(item, Component) and item.kind)
    return next((words[found] for kind in kinds if (found := f"field.{kind}.{key}") in words), "")
