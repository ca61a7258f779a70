"""Servers of tools (MCP) that agents of Agent Framework have. Nothing is started or asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.formats.autogen_components.envelope import Envelope
from studio.formats.autogen_components.mapping import class_map
from studio.formats.autogen_components.reading_services import read_server
from studio.formats.autogen_components.source import below
from studio.formats.foreign_script.functions import is_framework
from studio.formats.foreign_script.reading import ScriptReading, at
from studio.formats.python_reading.values import Record, is_known, plain

_PARAMS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "MCPStdioTool": ("StdioServerParams", {"command": "command", "args": "args", "env": "env"}),
    "MCPStreamableHTTPTool": ("StreamableHttpServerParams", {"url": "url", "headers": "headers", "static_headers": "headers"}),
}
_NAMES_ONLY = ("env", "headers")
"""Fields whose values may be secrets: their names alone are read."""

_APPROVAL = {"always_require": "always", "never_require": "never"}


def draw_server(reading: ScriptReading, tool: Record) -> str | None:
    """The node of a server of tools; None for any other tool, and for a server of which only a run would tell which it is."""
    if tool.method not in _PARAMS or not is_framework(tool.callee):
        return None
    kind, fields = _PARAMS[tool.method]
    params: dict[str, Any] = {"type": kind}
    for theirs, ours in fields.items():
        value = tool.look(theirs, 1 if theirs in ("command", "url") else None)
        if value is not None and ours in _NAMES_ONLY and isinstance(value, Mapping):
            params[ours] = dict.fromkeys(map(str, value), "")
        elif value is not None and is_known(value):
            params[ours] = plain(value)
    table = class_map("McpWorkbench", "autogen_ext.tools.mcp.McpWorkbench", "workbench")
    if table is None or not isinstance(params.get("command", params.get("url")), str):
        return None
    seconds = plain(tool.look("request_timeout"))
    if isinstance(seconds, int | float) and not isinstance(seconds, bool):
        params["read_timeout_seconds"] = seconds
        tool.take("request_timeout")
    where = at(tool.spot)
    reading.piece.places[below(where, "config", "server_params")] = tool.spot
    envelope = Envelope("McpWorkbench", table.provider, "workbench", {"server_params": params}, {}, where, below(where, "config"))
    node = read_server(reading, envelope, table)
    if reading.kind_of(node) != table.kind:
        return node
    tool.take(0, 1, "name", "load_prompts", "load_tools", *fields)
    own: dict[str, Any] = {}
    allowed = plain(tool.look("allowed_tools"))
    if isinstance(allowed, list | tuple) and all(isinstance(each, str) for each in allowed):
        own["allow"] = list(allowed)
        tool.take("allowed_tools")
    if isinstance(prefix := plain(tool.look("tool_name_prefix")), str):
        own["prefix"] = prefix
        tool.take("tool_name_prefix")
    if (mode := _APPROVAL.get(str(tool.look("approval_mode")))) is not None:
        own["approval"] = mode
        tool.take("approval_mode")
    reading.put(node, {**reading.config_of(node), **own})
    return node
