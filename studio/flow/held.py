"""What a drawn node holds: the values of its fields, the classes chosen in them, the functions that it offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from studio.engine.component import Component
from studio.engine.errors import ConveneError, FlowError
from studio.engine.tools.base import Tool
from studio.engine.tools.python_tool import PythonTool
from studio.engine.tools.schema import schema_of_source
from studio.flow.document import Node
from studio.flow.kinds import drawn_class, nested_classes, parts


def value(node: Node, field: str) -> Any:
    """A field's value: the node's own, or the class's default."""
    if field in node.config:
        return node.config[field]
    found = drawn_class(node.kind)
    part = parts(found).get(field) if found is not None else None
    return part.info.default if part is not None else None


def nested_class(node: Node, field: str) -> type[Component] | None:
    """The class chosen in a nested field (`executor`, `selection`); None when nothing, or nothing known, is chosen."""
    held = value(node, field)
    if isinstance(held, Component):
        return type(held)
    found = drawn_class(node.kind)
    part = parts(found).get(field) if found is not None else None
    if part is None or part.component is None or not isinstance(held, Mapping):
        return None
    kind = held.get("kind")
    return nested_classes(part.component).get(kind) if isinstance(kind, str) else None


def signature(source: Any) -> tuple[str, str] | None:
    """A tool's function as (name, first line of its docstring); None when the source holds no usable one."""
    try:
        schema = schema_of_source(source) if isinstance(source, str) else None
    except FlowError:
        return None
    if schema is None:
        return None
    says = schema.description.strip().splitlines()
    return schema.name, says[0].strip() if says else ""


def functions(node: Node) -> tuple[tuple[str, str], ...]:
    """The functions that a drawn tool offers by its form alone, as (name, what it does).

    Empty while the form is not right, and for tools that have to be asked.
    """
    if (signed := signature(value(node, "source"))) is not None:
        return (signed,)
    found = drawn_class(node.kind)
    if found is None or not issubclass(found, Tool) or node.kind == PythonTool.kind:
        return ()
    own = {name: held for name, held in node.config.items() if name in parts(found)}
    try:
        return tuple((schema.name, schema.description) for schema in found(**own).schemas({}))
    except (ValidationError, ConveneError):
        return ()
