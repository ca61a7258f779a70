"""Classes of a script that say what shape an answer has, as JSON Schema. Read with `ast`, never built."""

from __future__ import annotations

import ast
from typing import Any

from studio.engine.tools.hints import UnknownHint, schema_of_node
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.values import Class

MAX_DEPTH = 8
_LISTS = frozenset(("list", "List", "Sequence", "set", "Set", "tuple", "Iterable"))


def shape_of(script: Script, definition: Class, depth: int = 0) -> dict[str, Any]:
    """The JSON Schema of a pydantic model or a dataclass; a field whose hint says nothing may be anything."""
    definition.taken = True
    properties: dict[str, Any] = {}
    required: list[str] = []
    for base in definition.bases:
        if isinstance(base, Class) and depth < MAX_DEPTH:
            inherited = shape_of(script, base, depth + 1)
            properties.update(inherited["properties"])
            required += inherited.get("required", [])
    for each in definition.node.body:
        if not isinstance(each, ast.AnnAssign) or not isinstance(each.target, ast.Name) or each.target.id.startswith("_"):
            continue
        schema = _hint(script, each.annotation, depth)
        description = _description(each.value)
        properties[each.target.id] = {**schema, "description": description} if description else schema
        if each.value is None or (isinstance(each.value, ast.Call) and not _has_default(each.value)):
            required.append(each.target.id)
    shape: dict[str, Any] = {"type": "object", "title": definition.name, "properties": properties}
    described = ast.get_docstring(definition.node)
    if described:
        shape["description"] = described[:1_000]
    return {**shape, "required": required} if required else shape


def _hint(script: Script, node: ast.expr, depth: int) -> dict[str, Any]:
    if depth > MAX_DEPTH:
        return {}
    if isinstance(node, ast.Name) and isinstance(found := script.names.get(node.id), Class):
        try:
            return dict(schema_of_node(node, {found.name: found.node}))
        except UnknownHint:
            return shape_of(script, found, depth + 1)
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name | ast.Attribute):
        name = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
        if name in _LISTS and not isinstance(node.slice, ast.Tuple):
            return {"type": "array", "items": _hint(script, node.slice, depth + 1)}
        if name == "Optional":
            return {"anyOf": [_hint(script, node.slice, depth + 1), {"type": "null"}]}
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return {"anyOf": [_hint(script, node.left, depth + 1), _hint(script, node.right, depth + 1)]}
    try:
        return dict(schema_of_node(node))
    except (UnknownHint, RecursionError):
        return {}


def _description(value: ast.expr | None) -> str:
    if isinstance(value, ast.Call):
        for keyword in value.keywords:
            if keyword.arg == "description" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
                return keyword.value.value
    return ""


def _has_default(call: ast.Call) -> bool:
    given = [call.args[0]] if call.args else [each.value for each in call.keywords if each.arg in ("default", "default_factory")]
    return bool(given) and not (isinstance(given[0], ast.Constant) and given[0].value is ...)
