"""Type hints as JSON Schema, from source text and from living objects, with the same outcome for both."""

from __future__ import annotations

import ast
import dataclasses
import enum
import inspect
import math
import typing
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from studio.engine.code.calling import LISTS, OBJECTS, SETS
from studio.engine.parsing import parsed_expression
from studio.texts import text

Schema = dict[str, Any]
Classes = Mapping[str, ast.ClassDef]

MAX_DEPTH = 20
_SIMPLE: dict[str, Schema] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "None": {"type": "null"},
    "Any": {},
    "object": {},
}
_TEXTS: dict[str, Schema] = {
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "time"},
    "UUID": {"type": "string", "format": "uuid"},
    "Decimal": {"type": "string"},
    "Path": {"type": "string"},
}
_TEXT_MODULES = frozenset({"datetime", "uuid", "decimal", "pathlib"})
_LISTS = frozenset({"list", "List", "Sequence", "Iterable", "Collection"})
_SETS = frozenset({"set", "Set", "frozenset", "FrozenSet"})
_TUPLES = frozenset({"tuple", "Tuple"})
_OBJECTS = frozenset({"dict", "Dict", "Mapping", "MutableMapping"})


class UnknownHint(Exception):
    """A hint that says nothing to a model; the message names it."""


# From source text -----------------------------------------------------------------------------------------------------


def schema_of_node(node: ast.expr, classes: Classes | None = None, depth: int = 0) -> Schema:
    """The schema of an annotation as it stands in source text. Evaluates nothing. Raises UnknownHint.

    `classes` are those of the same source: enumerations, dataclasses and TypedDicts among them are described.
    """
    classes = classes or {}
    if depth > MAX_DEPTH:
        raise UnknownHint(text("engine.source.deep_type"))
    match node:
        case ast.Constant(value=None):
            return _SIMPLE["None"]
        case ast.Constant(value=str() as quoted):
            return schema_of_node(_parsed(quoted), classes, depth + 1)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _any_of([schema_of_node(left, classes, depth + 1), schema_of_node(right, classes, depth + 1)])
        case ast.Subscript(value=value, slice=inner):
            parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            return _of_generic(_last_name(value), parts, classes, depth)
        case ast.Name() | ast.Attribute():
            name = _last_name(node)
            if name in _SIMPLE:
                return dict(_SIMPLE[name])
            if name in _LISTS | _SETS | _TUPLES:
                return _array(None, unique=name in _SETS)
            if name in _OBJECTS:
                return {"type": "object"}
            if name in classes:
                return _of_class(classes[name], classes, depth)
            if name in _TEXTS:
                return dict(_TEXTS[name])
    raise UnknownHint(_short(node))


def _of_generic(name: str, parts: list[ast.expr], classes: Classes, depth: int) -> Schema:
    if name == "Literal":
        return _enumeration(_literals(parts))
    if name == "Annotated":
        described = next((said for part in parts[1:] if (said := _description_of(part))), "")
        return _described(schema_of_node(parts[0], classes, depth + 1), described)
    if name in _TUPLES and len(parts) == 2 and isinstance(parts[1], ast.Constant) and parts[1].value is ...:
        return _array(schema_of_node(parts[0], classes, depth + 1))
    inner = [schema_of_node(part, classes, depth + 1) for part in parts]
    if name == "Optional":
        return _any_of([inner[0], _SIMPLE["None"]])
    if name == "Union":
        return _any_of(inner)
    if name in _LISTS | _SETS:
        return _array(inner[0], unique=name in _SETS)
    if name in _TUPLES:
        return _row(inner)
    if name in _OBJECTS and len(inner) == 2:
        return _object(inner[1])
    raise UnknownHint(name)


def _of_class(found: ast.ClassDef, classes: Classes, depth: int) -> Schema:
    """An enumeration's values, or the fields of a dataclass or a TypedDict."""
    if any(_last_name(base).endswith("Enum") for base in found.bases):
        values = [each.value for each in found.body if isinstance(each, ast.Assign)]
        return _enumeration(_literals(values))
    typed = any(_last_name(base) == "TypedDict" for base in found.bases)
    if not typed and not any(_last_name(each.func if isinstance(each, ast.Call) else each) == "dataclass" for each in found.decorator_list):
        raise UnknownHint(found.name)
    fields = [each for each in found.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)]
    names = [each.target.id for each in fields if isinstance(each.target, ast.Name)]
    schemas = [schema_of_node(each.annotation, classes, depth + 1) for each in fields]
    required = [name for name, each in zip(names, fields, strict=True) if each.value is None]
    return _fields(dict(zip(names, schemas, strict=True)), required)


def _parsed(written: str) -> ast.expr:
    try:
        return parsed_expression(written.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise UnknownHint(repr(written[:40])) from None


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _short(node: ast.expr) -> str:
    return _last_name(node) or type(node).__name__


def _literals(parts: list[ast.expr]) -> list[Any]:
    try:
        return [ast.literal_eval(part) for part in parts]
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        raise UnknownHint("Literal") from None


def _description_of(node: ast.expr) -> str:
    """The text of `Annotated[…, "text"]`, or of a Field's description."""
    match node:
        case ast.Constant(value=str() as said):
            return said
        case ast.Call(keywords=keywords):
            for keyword in keywords:
                if keyword.arg == "description" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
                    return keyword.value.value
    return ""


# From living objects --------------------------------------------------------------------------------------------------


def schema_of_type(hint: Any, definitions: dict[str, Schema], depth: int = 0) -> Schema:
    """The schema of an evaluated annotation. What pydantic models define besides goes to `definitions`. Raises UnknownHint."""
    if depth > MAX_DEPTH:
        raise UnknownHint(text("engine.source.deep_type"))
    if hint is None or hint is type(None):
        return dict(_SIMPLE["None"])
    if hint in (str, int, float, bool):
        return dict(_SIMPLE[hint.__name__])
    if hint in (Any, object):
        return {}
    origin, parts = typing.get_origin(hint), typing.get_args(hint)

    def inner(part: Any) -> Schema:
        return schema_of_type(part, definitions, depth + 1)

    if origin is Annotated:
        described = next((said for part in parts[1:] if (said := part if isinstance(part, str) else getattr(part, "description", ""))), "")
        return _described(inner(parts[0]), described)
    if origin is Literal:
        return _enumeration(parts)
    kind = origin or hint
    if kind in LISTS or kind in SETS:
        return _array(inner(parts[0]) if parts else None, unique=kind in SETS)
    if kind is tuple:
        if len(parts) == 2 and parts[1] is Ellipsis:
            return _array(inner(parts[0]))
        return _row([inner(part) for part in parts]) if parts else _array(None)
    if kind in OBJECTS:
        return _object(inner(parts[1])) if len(parts) == 2 else {"type": "object"}
    if parts and (origin is typing.Union or type(hint).__name__ == "UnionType"):
        return _any_of([inner(part) for part in parts])
    if inspect.isclass(hint) and issubclass(hint, enum.Enum):
        return _enumeration(member.value for member in hint)
    if inspect.isclass(hint) and hint.__module__.partition(".")[0] in _TEXT_MODULES and hint.__name__ in _TEXTS:
        return dict(_TEXTS[hint.__name__])
    if (dataclasses.is_dataclass(hint) and inspect.isclass(hint)) or typing.is_typeddict(hint):
        return _of_fields(hint, definitions, depth)
    if inspect.isclass(hint) and hasattr(hint, "model_json_schema"):
        schema: Schema = hint.model_json_schema()
        definitions.update(schema.pop("$defs", {}))
        return schema
    raise UnknownHint(getattr(hint, "__name__", str(hint))[:60])


def _of_fields(found: Any, definitions: dict[str, Schema], depth: int) -> Schema:
    """The fields of a dataclass or a TypedDict."""
    try:
        hints = typing.get_type_hints(found, include_extras=True)
    except Exception:
        raise UnknownHint(found.__name__) from None
    if dataclasses.is_dataclass(found):
        fields = [each for each in dataclasses.fields(found) if each.init]
        missing = dataclasses.MISSING
        required = [each.name for each in fields if each.default is missing and each.default_factory is missing]
        names = [each.name for each in fields]
    else:
        names, required = list(hints), [name for name in hints if name in found.__required_keys__]
    return _fields({name: schema_of_type(hints[name], definitions, depth + 1) for name in names}, required)


# What both become -----------------------------------------------------------------------------------------------------


def _fields(properties: dict[str, Schema], required: list[str]) -> Schema:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _array(items: Schema | None, unique: bool = False) -> Schema:
    schema: Schema = {"type": "array"}
    if items:
        schema["items"] = items
    if unique:
        schema["uniqueItems"] = True
    return schema


def _row(items: list[Schema]) -> Schema:
    different = [item for index, item in enumerate(items) if item not in items[:index]]
    schema = _array(different[0] if len(different) == 1 else {"anyOf": different})
    return schema | {"minItems": len(items), "maxItems": len(items)}


def _object(values: Schema) -> Schema:
    return {"type": "object", "additionalProperties": values} if values else {"type": "object"}


def _enumeration(values: Iterable[Any]) -> Schema:
    choices: list[Any] = []
    for value in values:
        if value is not None and not isinstance(value, str | int | bool):
            raise UnknownHint("Literal")
        if not any(type(value) is type(choice) and value == choice for choice in choices):
            choices.append(value)
    names = {str: "string", int: "integer", bool: "boolean", type(None): "null"}
    kinds = list(dict.fromkeys(names[type(choice)] for choice in choices))
    return {"enum": choices} | ({"type": kinds[0]} if len(kinds) == 1 else {})


def _any_of(schemas: list[Schema]) -> Schema:
    flat: list[Schema] = []
    for schema in schemas:
        for each in schema["anyOf"] if list(schema) == ["anyOf"] else [schema]:
            if each not in flat:
                flat.append(each)
    if {} in flat:
        return {}
    return flat[0] if len(flat) == 1 else {"anyOf": flat}


def _described(schema: Schema, said: str) -> Schema:
    return {**schema, "description": said.strip()} if said.strip() else schema


def json_default(value: Any) -> tuple[bool, Any]:
    """Whether a default is a plain JSON value worth showing, and that value. None says only 'optional' and is not shown."""
    if type(value) in (str, bool, int):
        return True, value
    if type(value) is float:
        return math.isfinite(value), value
    if type(value) in (list, tuple):
        items = [json_default(item) if item is not None else (True, None) for item in value]
        return all(fine for fine, _ in items), [item for _, item in items]
    if type(value) is dict:
        pairs = {key: json_default(item) if item is not None else (True, None) for key, item in value.items()}
        return all(type(key) is str and fine for key, (fine, _) in pairs.items()), {key: item for key, (_, item) in pairs.items()}
    return False, None
