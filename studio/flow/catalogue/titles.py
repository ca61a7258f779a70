"""The words of kinds and fields: the message catalogue's where it has them, otherwise the component's own."""

from __future__ import annotations

from studio.engine.component import Component
from studio.flow.kinds import Part
from studio.texts import catalogue


def kind_title(component: type[Component]) -> str:
    return catalogue().get(f"kind.{component.kind}.title", component.title or component.kind)


def kind_summary(component: type[Component]) -> str:
    return catalogue().get(f"kind.{component.kind}.summary", component.summary)


def field_title(component: type[Component], part: Part) -> str:
    return catalogue().get(f"field.{component.kind}.{part.name}.title", part.info.title or part.name.replace("_", " "))


def field_help(component: type[Component], part: Part) -> str:
    return catalogue().get(f"field.{component.kind}.{part.name}.help", part.info.description or "")


def row_titles(component: type[Component], part: Part) -> tuple[str, ...]:
    """What the two sides of a row are called; empty where names and values say enough."""
    key = f"field.{component.kind}.{part.name}.row"
    words = catalogue()
    return (words[f"{key}.key"], words[f"{key}.value"]) if f"{key}.key" in words else ()


def choice_title(component: type[Component], part: Part, value: str) -> str:
    return catalogue().get(f"field.{component.kind}.{part.name}.choice.{value}", value)
