"""Going through everything that a team is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from studio.engine.component import Component
from studio.engine.teams.team import Team

C = TypeVar("C", bound=Component)


def inner_first(component: Component) -> Iterator[Component]:
    """The component and all that it is made of, each after its own parts."""
    for part in parts(component):
        yield from inner_first(part)
    yield component


def distinct(team: Team, category: type[C]) -> list[C]:
    """The different components of a category, those that others are made of before these, the team's own first of all."""
    found: dict[tuple[type[Component], str], C] = {}
    own_first = sorted(parts(team), key=lambda part: not isinstance(part, category))
    for component in own_first:
        for each in inner_first(component):
            if isinstance(each, category):
                found.setdefault((type(each), each.model_dump_json()), each)
    return list(found.values())


def parts(component: Component) -> Iterator[Component]:
    """The components in the fields of a component."""
    for name in type(component).model_fields:
        for each in _each(getattr(component, name)):
            if isinstance(each, Component):
                yield each


def _each(value: Any) -> Iterable[Any]:
    if isinstance(value, list | tuple):
        return value
    return value.values() if isinstance(value, Mapping) else (value,)
