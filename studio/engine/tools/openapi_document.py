"""OpenAPI 3.0 and 3.1 documents: read as text, never fetched, and taken apart into operations that a model can call."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from studio.engine.errors import ConveneError
from studio.engine.models.base import ToolSchema
from studio.engine.tools.json_schema import Schema, plain_schema, resolved
from studio.texts import text

MAX_DOCUMENT = 900_000
"""Characters of a document."""
MAX_OPERATIONS = 2_000

_METHODS = ("get", "put", "post", "delete", "patch", "head")
_RESERVED_HEADERS = frozenset({"accept", "content-type", "authorization"})


class DocumentUnreadable(ConveneError):
    """A text that is no OpenAPI document."""

    code = "document_unreadable"


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument with a place in the request: `place` is path, query or header, `name` what the service calls it.

    `joined` says that a list is written as one text with commas.
    """

    argument: str
    name: str
    place: str
    required: bool
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Security:
    """How a key is sent: in the `header` or the `query` called `name`, after `before`."""

    place: str = "header"
    name: str = "Authorization"
    before: str = "Bearer "
    encoded: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: `key` is `GET /pets/{id}`; `body` "json", "form" or "" ; `body_argument` is set where one argument is the body."""

    key: str
    method: str
    path: str
    schema: ToolSchema
    parameters: tuple[Parameter, ...]
    body: str
    body_argument: str
    security: Security | None


@dataclass(frozen=True, slots=True)
class OpenApi:
    """What a document describes. `server` is its first address, empty or relative where it names none."""

    title: str
    server: str
    operations: tuple[Operation, ...]


@lru_cache(maxsize=32)
def read_openapi(source: str) -> OpenApi:
    """The operations of a document in JSON, or in YAML where PyYAML is installed. Nothing is fetched. Raises DocumentUnreadable."""
    document = _loaded(source)
    version = str(document.get("openapi", ""))
    if not version.startswith("3."):
        raise DocumentUnreadable(_other_version(document, version), text("engine.openapi.version.remedy"))
    info = document.get("info")
    title = str(info.get("title", ""))[:200] if isinstance(info, Mapping) else ""
    names: set[str] = set()
    operations = [_operation(document, path, method, common, raw, names) for path, method, common, raw in _raw_operations(document)]
    if not operations:
        raise DocumentUnreadable(text("engine.openapi.no_operation"))
    return OpenApi(title, _server(document), tuple(operations))


def _other_version(document: Mapping[str, Any], version: str) -> str:
    if "swagger" in document:
        return text("engine.openapi.old_swagger", version=str(document["swagger"])[:52])
    return text("engine.openapi.other_version", version=version[:52]) if version else text("engine.openapi.no_version")


def _loaded(source: str) -> Mapping[str, Any]:
    if len(source) > MAX_DOCUMENT:
        raise DocumentUnreadable(text("engine.openapi.too_long", count=f"{len(source):,}", limit=f"{MAX_DOCUMENT:,}"))
    if not source.strip():
        raise DocumentUnreadable(text("engine.openapi.empty"), text("engine.openapi.empty.remedy"))
    try:
        found = json.loads(source) if source.lstrip().startswith("{") else _from_yaml(source)
    except RecursionError:
        raise DocumentUnreadable(text("engine.openapi.too_deep")) from None
    except json.JSONDecodeError as mistake:
        raise DocumentUnreadable(text("engine.openapi.no_json.at", line=mistake.lineno, column=mistake.colno)) from None
    except ValueError:
        raise DocumentUnreadable(text("engine.openapi.no_json")) from None
    if not isinstance(found, Mapping):
        raise DocumentUnreadable(text("engine.openapi.no_object"))
    return found


def _from_yaml(source: str) -> Any:
    try:
        import yaml  # type: ignore[import-untyped]
    except ImportError:
        raise DocumentUnreadable(text("engine.openapi.yaml_missing"), text("engine.openapi.yaml_missing.remedy")) from None

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(source, Loader=loader)):
            # Aliases can make a small text endlessly large.
            raise DocumentUnreadable(text("engine.openapi.yaml_aliases"), text("engine.openapi.yaml_aliases.remedy"))
        return yaml.load(source, Loader=loader)  # noqa: S506  either loads plain data alone
    except yaml.YAMLError as mistake:
        place = getattr(mistake, "problem_mark", None)
        if place is None:
            raise DocumentUnreadable(text("engine.openapi.no_yaml")) from None
        raise DocumentUnreadable(text("engine.openapi.no_yaml.at", line=place.line + 1, column=place.column + 1)) from None


def _server(document: Mapping[str, Any]) -> str:
    servers = document.get("servers")
    first = servers[0] if isinstance(servers, list) and servers else None
    if not isinstance(first, Mapping) or not isinstance(first.get("url"), str):
        return ""
    url: str = first["url"]
    variables = first.get("variables")
    for name, variable in variables.items() if isinstance(variables, Mapping) else ():
        if isinstance(variable, Mapping):
            url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
    return url.rstrip("/")


def _raw_operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, list[Any], Mapping[str, Any]]]:
    paths = document.get("paths")
    count = 0
    for path, item in paths.items() if isinstance(paths, Mapping) else ():
        if isinstance(item, Mapping) and isinstance(item.get("$ref"), str):
            item = resolved(item["$ref"], document)
        if not isinstance(item, Mapping) or not str(path).startswith("/"):
            continue
        common = item.get("parameters")
        for method in _METHODS:
            if isinstance(raw := item.get(method), Mapping):
                count += 1
                if count > MAX_OPERATIONS:
                    raise DocumentUnreadable(text("engine.openapi.too_many_operations", limit=f"{MAX_OPERATIONS:,}"))
                yield str(path), method, common if isinstance(common, list) else [], raw


def _operation(
    document: Mapping[str, Any], path: str, method: str, common: list[Any], raw: Mapping[str, Any], names: set[str]
) -> Operation:
    properties: dict[str, Schema] = {}
    required: list[str] = []
    parameters: list[Parameter] = []
    own = raw.get("parameters")
    for given in _merged(document, path, common, own if isinstance(own, list) else []):
        parameter, schema = _parameter(document, given, properties)
        if parameter is not None:
            parameters.append(parameter)
            properties[parameter.argument] = schema
            required += [parameter.argument] if parameter.required else []
    body, body_argument = _body(document, raw, properties, required)
    key = f"{method.upper()} {path}"
    for parameter in parameters:
        if parameter.place == "path":
            path = path.replace(f"{{{parameter.name}}}", f"{{{parameter.argument}}}")
    said = " ".join(str(raw[part]).strip() for part in ("summary", "description") if isinstance(raw.get(part), str) and raw[part].strip())
    shape: Schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    offered = ToolSchema(_name(raw, method, path, names), (" ".join(said.split()) or key)[:1024], shape)
    return Operation(key, method.upper(), path, offered, tuple(parameters), body, body_argument, _security(document, raw))


def _merged(document: Mapping[str, Any], path: str, common: list[Any], own: list[Any]) -> list[Mapping[str, Any]]:
    """The parameters of a path and of its operation, which take the place of the path's; and those that only the path itself shows."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for each in [*common, *own][:200]:
        if isinstance(each, Mapping) and isinstance(each.get("$ref"), str):
            each = resolved(each["$ref"], document)
        if isinstance(each, Mapping) and isinstance(each.get("name"), str):
            found[str(each.get("in")), each["name"]] = each
    for name in re.findall(r"\{([^{}]{1,64})\}", path):
        found.setdefault(("path", name), {"name": name, "in": "path", "schema": {"type": "string"}})
    return list(found.values())


def _parameter(document: Mapping[str, Any], given: Mapping[str, Any], taken: Mapping[str, Any]) -> tuple[Parameter | None, Schema]:
    """A parameter and the schema of its argument; None for cookies and for headers that the request itself sets."""
    name, place = str(given["name"]), str(given.get("in"))
    if place not in ("path", "query", "header") or (place == "header" and name.lower() in _RESERVED_HEADERS):
        return None, {}
    raw = given.get("schema")
    content = given.get("content")
    if raw is None and isinstance(content, Mapping):
        raw = next((each.get("schema") for each in content.values() if isinstance(each, Mapping)), None)
    schema = plain_schema(raw, document)
    if isinstance(said := given.get("description"), str) and said.strip():
        schema["description"] = " ".join(said.split())[:1024]
    joined = place != "query" or given.get("explode") is False
    return Parameter(_argument(name, taken), name, place, place == "path" or given.get("required") is True, joined), schema


def _body(document: Mapping[str, Any], raw: Mapping[str, Any], properties: dict[str, Schema], required: list[str]) -> tuple[str, str]:
    """Put the arguments of a body to the others. Gives how it is written, and the argument that is the whole of it."""
    body = raw.get("requestBody")
    if isinstance(body, Mapping) and isinstance(body.get("$ref"), str):
        body = resolved(body["$ref"], document)
    content = body.get("content") if isinstance(body, Mapping) else None
    if not isinstance(body, Mapping) or not isinstance(content, Mapping):
        return "", ""
    kinds = {str(name).partition(";")[0].strip().lower(): each for name, each in content.items() if isinstance(each, Mapping)}
    written = next((name for name in kinds if name == "application/json" or name.endswith("+json")), "")
    form = "application/x-www-form-urlencoded"
    if not written and form not in kinds:
        return "", ""
    schema = plain_schema(kinds[written or form].get("schema"), document)
    inner = schema.get("properties")
    must = body.get("required") is True
    if isinstance(inner, dict) and inner and all(_argument(name, properties) == name for name in inner):
        properties |= inner
        required += [name for name in schema.get("required", ()) if name in inner] if must else []
        return ("json" if written else "form"), ""
    if not written:
        return "", ""
    argument = _argument("body", properties)
    properties[argument] = schema
    required += [argument] if must else []
    return "json", argument


def _argument(name: str, taken: Mapping[str, Any]) -> str:
    """A name that every model server takes, unlike those in `taken`."""
    plain = re.sub(r"[^a-zA-Z0-9_.-]", "_", name)[:60]
    if not re.match(r"[A-Za-z_]", plain):
        plain = f"_{plain}"
    wanted, number = plain, 2
    while wanted in taken:
        wanted, number = f"{plain}_{number}", number + 1
    return wanted


def _name(raw: Mapping[str, Any], method: str, path: str, names: set[str]) -> str:
    """What a model calls an operation: its operationId, or its method and path; unlike the names before it."""
    said = raw.get("operationId")
    own = said if isinstance(said, str) and said.strip() else f"{method}_{path}"
    plain = re.sub(r"_+", "_", re.sub(r"[^a-zA-Z0-9_-]", "_", own)).strip("_")[:56] or method
    wanted, number = plain, 2
    while wanted in names:
        wanted, number = f"{plain}_{number}", number + 1
    names.add(wanted)
    return wanted


def _security(document: Mapping[str, Any], raw: Mapping[str, Any]) -> Security | None:
    """How the first way of authorisation that takes one key sends it; None where the operation wants none."""
    wanted = raw.get("security", document.get("security"))
    components = document.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, Mapping) else None
    if not isinstance(wanted, list) or not isinstance(schemes, Mapping):
        return None
    for each in wanted:
        for name in each if isinstance(each, Mapping) else ():
            scheme = schemes.get(name)
            if isinstance(scheme, Mapping) and isinstance(scheme.get("$ref"), str):
                scheme = resolved(scheme["$ref"], document)
            if isinstance(scheme, Mapping) and (found := _way(scheme)) is not None:
                return found
    return None


def _way(scheme: Mapping[str, Any]) -> Security | None:
    match scheme.get("type"):
        case "http" if str(scheme.get("scheme")).lower() == "basic":
            return Security(before="Basic ", encoded=True)
        case "http" | "oauth2" | "openIdConnect":
            return Security()
        case "apiKey" if scheme.get("in") in ("header", "query") and isinstance(scheme.get("name"), str):
            return Security(str(scheme["in"]), scheme["name"], "")
    return None
