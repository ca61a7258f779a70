"""Tools that are services: servers that speak the Model Context Protocol, and requests to the web. Nothing is started or asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.flow.catalogue.validation import validate_config
from studio.formats.autogen_components.envelope import Envelope
from studio.formats.autogen_components.mapping import ClassMap
from studio.formats.autogen_components.reading import Reading
from studio.texts import text

_TRANSPORTS = {"StdioServerParams": "stdio", "SseServerParams": "sse", "StreamableHttpServerParams": "streamable_http"}
_READ = ("type", "command", "args", "env", "url", "headers", "read_timeout_seconds", "sse_read_timeout")
_USUAL = {"encoding": "utf-8", "encoding_error_handler": "strict", "timeout": 5, "sse_read_timeout": 300, "terminate_on_close": True}
"""What servers are asked with anyway."""


def read_server(reading: Reading, found: Envelope, table: ClassMap) -> str:
    """Draws an MCP server. The values of its environment and headers may be secrets and are not taken over."""
    given = found.config.get("server_params")
    params: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    kind = _TRANSPORTS.get(str(params.get("type")))
    at = found.at("server_params")
    transport: dict[str, Any] = {"kind": kind}
    secrets: list[str] = []
    if kind == "stdio":
        transport |= {"command": params.get("command"), "args": params.get("args") or []}
        if isinstance(params.get("env"), Mapping):
            secrets = [str(name) for name in params["env"]]
            transport["environment"] = dict.fromkeys(secrets, "")
    else:
        transport["url"] = params.get("url")
        if isinstance(params.get("headers"), Mapping):
            secrets = [str(name) for name in params["headers"]]
    config: dict[str, Any] = {"transport": transport}
    seconds = params.get("read_timeout_seconds", params.get("sse_read_timeout"))
    if isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and 0 < seconds <= 3_600:
        config["timeout"] = seconds
    if kind is None or validate_config(table.kind, config):
        return reading.unknown(found, found.raw, found.pointer)
    unread = ["read_timeout_seconds"] if seconds is not None and "timeout" not in config else []
    name = str(params.get("command") or params.get("url") or "")[:80]
    node = reading.shared(table.kind, "", config, what=text("autogen.what.tool", name=name), at=found.pointer)
    reading.say("decision", "server_starts", at, (node,), remedy=True, name=name)
    if secrets:
        reading.say("decision", "values_withheld", at, (node,), remedy=True, name=name, fields=", ".join(secrets)[:200])
    for field, value in params.items():
        nothing = value is None or value in ("", [], {}) or _USUAL.get(field) == value
        if (field not in _READ and not nothing) or field in unread:
            reading.say("approximated", "field_lost", found.at("server_params", field), (node,), name=name, field=str(field)[:80])
    reading.tell_unread(found, ("server_params",), (node,), name)
    return node


def read_request(reading: Reading, found: Envelope, table: ClassMap) -> str:
    """Draws a request to the web. The values of its headers may be secrets and are not taken over."""
    config, lost = reading.plain(table, found, table.kind)
    given = found.config
    port = given.get("port")
    usual = {"http": 80, "https": 443}.get(str(given.get("scheme")))
    host = f"{given.get('host')}" if port in (None, usual) else f"{given.get('host')}:{port}"
    path = str(given.get("path") or "/")
    config["url"] = f"{given.get('scheme') or 'http'}://{host}{path if path.startswith('/') else f'/{path}'}"
    if validate_config(table.kind, config):
        return reading.unknown(found, found.raw, found.pointer)
    name = str(config.get("name") or "")[:80]
    node = reading.shared(table.kind, "", config, what=text("autogen.what.tool", name=name), at=found.pointer)
    headers = given.get("headers")
    if isinstance(headers, Mapping) and headers:
        fields = ", ".join(str(each) for each in headers)[:200]
        reading.say("decision", "values_withheld", found.at("headers"), (node,), remedy=True, name=name, fields=fields)
    reading.tell_losses(lost, found, (node,), name)
    return node
