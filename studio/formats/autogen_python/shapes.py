"""The shape of an answer, a JSON Schema, as a pydantic class of the script."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from typing import Any

from studio.formats.autogen_python.program import Program
from studio.formats.python_text.literals import docstring, literal, quoted

_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
_KNOWN = {"type", "properties", "required", "description", "title", "additionalProperties", "items", "enum", "default"}
_TAKEN = frozenset({"copy", "dict", "json", "schema", "validate", "construct", "model_config"})
DEEPEST = 4


def answer_class(program: Program, schema: Mapping[str, Any], agent: str) -> str | None:
    """The class for what an agent answers; None for a shape that no such class says exactly."""
    classes: list[str] = []
    name = _class(program, schema, _camel(str(schema.get("title") or f"{agent} answer")), classes, 1)
    if name is None:
        return None
    for definition in classes:
        program.help(definition, definition)
    return name


def _class(program: Program, schema: Mapping[str, Any], wanted: str, classes: list[str], depth: int) -> str | None:
    properties = schema.get("properties")
    if schema.get("type", "object") != "object" or not isinstance(properties, Mapping) or not properties or depth > DEEPEST:
        return None
    if not _known(schema) or not all(_usable(field) for field in properties) or schema.get("additionalProperties", False) is not False:
        return None
    lines = []
    for field, inner in properties.items():
        hint = _hint(program, inner, f"{wanted}{_camel(field)}", classes, depth) if isinstance(inner, Mapping) else None
        if hint is None:
            return None
        optional = field not in (schema.get("required") or ())
        lines.append(_field(program, field, f"{hint} | None" if optional else hint, str(inner.get("description") or ""), optional))
    name = program.new_class(wanted)
    base = program.use("BaseModel", "pydantic")
    told = docstring(str(schema.get("description") or "The shape of an answer."), "")
    classes.append("\n".join([f"class {name}({base}):", *(f"    {line}" for line in (told, "", *lines))]))
    return name


def _field(program: Program, name: str, hint: str, description: str, optional: bool) -> str:
    if description:
        default = "default=None, " if optional else ""
        return f"{name}: {hint} = {program.use('Field', 'pydantic')}({default}description={quoted(description)})"
    return f"{name}: {hint} = None" if optional else f"{name}: {hint}"


def _hint(program: Program, schema: Mapping[str, Any], wanted: str, classes: list[str], depth: int) -> str | None:
    """The type of a field; None for what types of Python do not say."""
    if not _known(schema) or "default" in schema:
        return None
    if "enum" in schema:
        choices = schema["enum"]
        plain = isinstance(choices, list) and choices and all(isinstance(each, str) for each in choices)
        return f"{program.use('Literal', 'typing')}[{', '.join(literal(each) for each in choices)}]" if plain else None
    kind = schema.get("type")
    if kind == "array":
        items = schema.get("items")
        inner = _hint(program, items, wanted, classes, depth + 1) if isinstance(items, Mapping) else None
        return f"list[{inner}]" if inner is not None else None
    if kind == "object":
        return _class(program, schema, wanted, classes, depth + 1)
    return _PLAIN.get(kind) if isinstance(kind, str) else None


def _known(schema: Mapping[str, Any]) -> bool:
    return schema.keys() <= _KNOWN


def _usable(field: Any) -> bool:
    """Whether a pydantic class can have a field of this name."""
    usable = isinstance(field, str) and field.isidentifier() and field.isascii()
    return usable and not keyword.iskeyword(field) and not field.startswith(("_", "model_")) and field not in _TAKEN


def _camel(text: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in re.findall(r"[a-zA-Z0-9]+", text)) or "Answer"
