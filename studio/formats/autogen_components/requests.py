"""Our HTTP requests as AutoGen's HttpTool: an address in its parts, and headers that hold nothing secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from studio.engine.errors import FlowError
from studio.engine.tools.http_tool import HttpTool

_PORTS = {"http": 80, "https": 443}
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Request:
    """The fields of an HttpTool, and the headers that are left out because they take a key or an argument."""

    config: dict[str, Any]
    headers_left_out: tuple[str, ...]


def request_of(fields: Mapping[str, Any]) -> Request | None:
    """What AutoGen's class needs to make the same request; None where it has no way to make it."""
    try:
        tool = HttpTool.model_validate(fields)
        schema = tool.schema_for_model()
        parts = urlsplit(tool.url)
        port = parts.port or _PORTS.get(parts.scheme)
    except (ValidationError, ValueError, FlowError):
        return None
    usual = "json" if tool.method in ("POST", "PUT", "PATCH") else "query"
    if (
        tool.method not in _METHODS
        or tool.query
        or parts.query
        or tool.arguments_in not in ("auto", usual)
        or not parts.hostname
        or port is None
    ):
        return None
    kept = {name: value for name, value in tool.headers.items() if "{" not in value}
    config = {
        "name": tool.name,
        "description": schema.description,
        "scheme": parts.scheme,
        "host": parts.hostname,
        "port": port,
        "path": parts.path or "/",
        "method": tool.method,
        "headers": kept or None,
        "json_schema": schema.parameters,
        "return_type": "text",
        "timeout": tool.timeout,
    }
    return Request(config, tuple(name for name in tool.headers if name not in kept))
