"""JSON Schemas that people write or services publish: made fit for a model, and arguments fitted to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.engine.code.calling import BadArguments, fit

MAX_DEPTH = 12
MAX_PARTS = 5_000
"""Schemas within one schema; deeper or later ones take anything."""
MAX_TEXT = 1_024
"""Characters of a description."""

Schema = dict[str, Any]

_KEPT = (
    "type enum const title format default pattern minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength "
    "minItems maxItems uniqueItems required minProperties maxProperties"
).split()
_SIMPLE: dict[str, type] = {"string": str, "integer": int, "number": float, "boolean": bool, "null": type(None)}
_WORDS = {
    "object": "an object",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


class _Parts:
    """Counts the schemas of one result."""

    left = MAX_PARTS


def plain_schema(schema: Any, root: Mapping[str, Any]) -> Schema:
    """A schema with its references put in place and without what only tools for documentation read.

    `root` is the document in which `#/…` is found; references elsewhere, endless ones and what lies too deep take anything.
    OpenAPI 3.0's `nullable` and true or false for exclusive limits become JSON Schema's own forms.
    """
    return _plain(schema, root, (), _Parts())


def _plain(schema: Any, root: Mapping[str, Any], within: tuple[str, ...], parts: _Parts) -> Schema:
    parts.left -= 1
    if not isinstance(schema, Mapping) or len(within) > MAX_DEPTH or parts.left < 0:
        return {}
    if isinstance(reference := schema.get("$ref"), str):
        found = resolved(reference, root)
        if reference in within or not isinstance(found, Mapping):
            return {}
        schema = {**found, **{name: value for name, value in schema.items() if name != "$ref"}}
        within = (*within, reference)
    else:
        within = (*within, "")
    plain: Schema = {name: schema[name] for name in _KEPT if name in schema}
    if isinstance(described := schema.get("description"), str) and described.strip():
        plain["description"] = " ".join(described.split())[:MAX_TEXT]
    for name in ("anyOf", "oneOf", "allOf"):
        if isinstance(several := schema.get(name), list):
            plain["anyOf" if name == "oneOf" else name] = [_plain(each, root, within, parts) for each in several[:50]]
    if isinstance(properties := schema.get("properties"), Mapping):
        plain["properties"] = {
            str(name): _plain(inner, root, within, parts)
            for name, inner in properties.items()
            if not (isinstance(inner, Mapping) and inner.get("readOnly") is True)
        }
        if isinstance(wanted := plain.get("required"), list):
            plain["required"] = [name for name in wanted if isinstance(name, str) and name in plain["properties"]]
    if "items" in schema and isinstance(schema["items"], Mapping):
        plain["items"] = _plain(schema["items"], root, within, parts)
    if "additionalProperties" in schema:
        more = schema["additionalProperties"]
        plain["additionalProperties"] = more if isinstance(more, bool) else _plain(more, root, within, parts)
    return _modern(plain, schema.get("nullable") is True)


def _modern(plain: Schema, nullable: bool) -> Schema:
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(plain.get(exclusive), bool) and plain.pop(exclusive) and limit in plain:
            plain[exclusive] = plain.pop(limit)
    if isinstance(plain.get("required"), bool):
        del plain["required"]
    if nullable and isinstance(plain.get("type"), str):
        plain["type"] = [plain["type"], "null"]
        if isinstance(plain.get("enum"), list) and None not in plain["enum"]:
            plain["enum"] = [*plain["enum"], None]
    elif nullable and "anyOf" in plain:
        plain["anyOf"] = [*plain["anyOf"], {"type": "null"}]
    return plain


def resolved(reference: str, root: Mapping[str, Any]) -> Any:
    """What a reference within a document means, following up to 10 that lead to each other; None for anything else."""
    for _ in range(10):
        if not reference.startswith("#/"):
            return None
        found: Any = root
        for part in reference[2:].split("/"):
            part = part.replace("~1", "/").replace("~0", "~")
            found = found.get(part) if isinstance(found, Mapping) else None
        if isinstance(found, Mapping) and isinstance(found.get("$ref"), str) and len(found) == 1:
            reference = found["$ref"]
        else:
            return found
    return None


def fit_schema(value: Any, schema: Any, path: str = "") -> Any:
    """`value` as a plain schema wants it, with the small repairs that models need: "3" for 3. Raises BadArguments naming `path`."""
    return _fitted(value, schema, path, 0)


def _fitted(value: Any, schema: Any, path: str, depth: int) -> Any:
    if not isinstance(schema, Mapping) or depth > 2 * MAX_DEPTH:
        return value
    for each in schema.get("allOf", ()):
        value = _fitted(value, each, path, depth + 1)
    if "anyOf" in schema:
        value = _fitted_to_one(value, schema["anyOf"], path, depth)
    types = schema.get("type")
    types = [types] if isinstance(types, str) else [each for each in types if isinstance(each, str)] if isinstance(types, list) else []
    if types:
        value = _typed(value, types, path)
    if isinstance(choices := schema.get("enum"), list) and value not in choices:
        same = [choice for choice in choices if isinstance(value, (str, int, float)) and str(choice) == str(value)]
        if not same:
            raise BadArguments(f"The argument '{path}' must be one of {', '.join(map(str, choices[:30]))}.")
        value = same[0]
    if isinstance(value, dict):
        return _object(value, schema, path, depth)
    if isinstance(value, list) and "items" in schema:
        return [_fitted(each, schema["items"], f"{path}[{index}]", depth + 1) for index, each in enumerate(value)]
    _check_limits(value, schema, path)
    return value


def _typed(value: Any, types: list[Any], path: str) -> Any:
    exact = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    own = exact.get(type(value), "")
    if own in types or (own == "integer" and "number" in types):
        return value
    for name in types:
        if name in _SIMPLE:
            try:
                return fit(value, _SIMPLE[name], path)
            except BadArguments:
                if len(types) == 1:
                    raise
    wanted = " or ".join(_WORDS.get(name, str(name)) for name in types)
    raise BadArguments(f"The argument '{path or 'arguments'}' must be {wanted}.")


def _fitted_to_one(value: Any, schemas: Any, path: str, depth: int) -> Any:
    mistakes: list[BadArguments] = []
    for each in schemas if isinstance(schemas, list) else ():
        try:
            return _fitted(value, each, path, depth + 1)
        except BadArguments as mistake:
            mistakes.append(mistake)
    if mistakes:
        raise mistakes[0]
    return value


def _object(value: dict[str, Any], schema: Mapping[str, Any], path: str, depth: int) -> dict[str, Any]:
    properties = schema.get("properties", {})
    properties = properties if isinstance(properties, Mapping) else {}
    more = schema.get("additionalProperties", True)
    for name in schema.get("required", ()) if isinstance(schema.get("required"), list) else ():
        if isinstance(name, str) and name not in value:
            raise BadArguments(f"The argument '{_below(path, name)}' is missing.")
    fitted: dict[str, Any] = {}
    for name, inner in value.items():
        if name in properties:
            fitted[name] = _fitted(inner, properties[name], _below(path, name), depth + 1)
        elif more is False:
            known = ", ".join(map(str, properties)) or "none"
            raise BadArguments(f"There is no argument '{_below(path, name[:60])}'. Arguments that exist: {known[:1000]}.")
        else:
            fitted[name] = _fitted(inner, more, _below(path, name), depth + 1)
    return fitted


def _check_limits(value: Any, schema: Mapping[str, Any], path: str) -> None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not _within(value, schema, "minimum", "maximum"):
            raise BadArguments(f"The argument '{path}' must lie between {_limits(schema, 'minimum', 'maximum')}.")
    elif isinstance(value, str) and not _within(len(value), schema, "minLength", "maxLength"):
        raise BadArguments(f"The argument '{path}' must have between {_limits(schema, 'minLength', 'maxLength')} characters.")


def _within(value: float, schema: Mapping[str, Any], least: str, most: str) -> bool:
    low, high = schema.get(least), schema.get(most)
    return not ((isinstance(low, (int, float)) and value < low) or (isinstance(high, (int, float)) and value > high))


def _limits(schema: Mapping[str, Any], least: str, most: str) -> str:
    return f"{schema.get(least, '-∞')} and {schema.get(most, '∞')}"


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
