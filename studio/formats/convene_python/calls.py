"""Components as the calls that make them: a class's fields are the arguments, and only those that differ from their defaults are written.

A new kind of component needs nothing here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

import studio.engine
from studio.engine.component import Component
from studio.engine.conditions.combined import AllOf, AnyOf
from studio.engine.conditions.condition import Condition
from studio.engine.parsing import parsed_expression
from studio.formats.python_text.literals import literal


@dataclass(frozen=True, slots=True)
class Code:
    """Source text, and the component behind each call in it, in the order in which the calls begin (None for other calls)."""

    text: str
    calls: tuple[Component | None, ...] = ()


class Calls:
    """Writes components and remembers what has to be imported for them.

    A component that was given a name is written as that name from then on.
    """

    def __init__(self) -> None:
        self.imports: dict[str, set[str]] = {}
        self._same: dict[int, Code] = {}
        self._equal: dict[type[Component], list[tuple[Component, Code]]] = {}

    def name(self, component: Component, code: Code) -> None:
        """From now on this component, and every one that equals it, is written as `code`."""
        self._same[id(component)] = code
        self._equal.setdefault(type(component), []).append((component, code))

    def known(self, component: Component) -> Code | None:
        code = self._same.get(id(component))
        return code or next((code for named, code in self._equal.get(type(component), ()) if named == component), None)

    def use(self, name: str, module: str = "studio.engine") -> str:
        """`name`, which will be imported from `module`."""
        self.imports.setdefault(module, set()).add(name)
        return name

    def component(self, component: Component) -> Code:
        if (named := self.known(component)) is not None:
            return named
        if isinstance(component, AnyOf | AllOf) and _is_sum(component):
            return self._combination(component)
        return self.call(component)

    def call(self, component: Component) -> Code:
        """The constructor call, even of a component that has a name."""
        cls = type(component)
        public = getattr(studio.engine, cls.__name__, None) is cls
        name = self.use(cls.__name__, "studio.engine" if public else cls.__module__)
        told = list(cls.model_fields)[:1] if isinstance(component, Condition) else []  # a rule without its number says nothing
        arguments: list[str] = []
        calls: list[Component | None] = []
        for field, info in cls.model_fields.items():
            value = getattr(component, field)
            may_be_left_out = field not in told and not info.is_required()
            if may_be_left_out and _same(value, info.get_default(call_default_factory=True, validated_data={})):
                continue
            code = self.value(value, component, field)
            arguments.append(f"{field}={code.text}")
            calls += code.calls
        return Code(f"{name}({', '.join(arguments)})", (component, *calls))

    def value(self, value: Any, owner: Component, field: str) -> Code:
        if isinstance(value, Component):
            return self.component(value)
        if isinstance(value, BaseModel) and getattr(studio.engine, type(value).__name__, None) is type(value):
            return self._part(value, owner, field)
        if isinstance(value, list | tuple) and any(isinstance(each, BaseModel) for each in value):
            parts = [self.value(each, owner, field) for each in value]
            return Code(f"[{', '.join(part.text for part in parts)}]", _joined(parts))
        if isinstance(value, Mapping) and any(isinstance(each, Component) for each in value.values()):
            parts = [self.value(each, owner, field) for each in value.values()]
            pairs = (f"{literal(key)}: {part.text}" for key, part in zip(value, parts, strict=True))
            return Code(f"{{{', '.join(pairs)}}}", _joined(parts))
        return _plain(value, owner, field)

    def _part(self, value: BaseModel, owner: Component, field: str) -> Code:
        """A part of a component that the engine offers by name, such as an arrow of a graph: what differs from its defaults."""
        arguments: list[str] = []
        calls: list[Component | None] = [None]
        for name, info in type(value).model_fields.items():
            inner = getattr(value, name)
            if info.exclude or (not info.is_required() and _same(inner, info.get_default(call_default_factory=True, validated_data={}))):
                continue
            code = self.value(inner, owner, field)
            arguments.append(f"{name}={code.text}")
            calls += code.calls
        return Code(f"{self.use(type(value).__name__)}({', '.join(arguments)})", tuple(calls))

    def _combination(self, rule: AnyOf | AllOf) -> Code:
        """Rules joined by | or &, which make this very combination."""
        parts = [self.component(each) for each in rule.conditions]
        if isinstance(rule, AnyOf):
            return Code(" | ".join(part.text for part in parts), _joined(parts))
        texts = [
            f"({part.text})" if isinstance(each, AnyOf) and _is_sum(each) else part.text
            for each, part in zip(rule.conditions, parts, strict=True)
        ]
        return Code(" & ".join(texts), _joined(parts))


def _is_sum(rule: AnyOf | AllOf) -> bool:
    """Whether the operator makes the same nesting: it joins two or more rules, none of them a combination of its own kind."""
    return len(rule.conditions) > 1 and not any(type(each) is type(rule) for each in rule.conditions)


def _joined(parts: Iterable[Code]) -> tuple[Component | None, ...]:
    return tuple(call for part in parts for call in part.calls)


def _same(value: Any, default: Any) -> bool:
    return type(value) is type(default) and bool(value == default)


def _plain(value: Any, owner: Component, field: str) -> Code:
    """A value that is no component; one that has no literal is written as its JSON, which the constructor reads as well."""
    try:
        text = literal(value)
    except TypeError:
        text = literal(owner.model_dump(mode="json")[field])
    calls = sum(isinstance(node, ast.Call) for node in ast.walk(parsed_expression(text))) if "float(" in text else 0
    return Code(text, (None,) * calls)
