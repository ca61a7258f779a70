"""MCP servers that cannot be reached as they are drawn, that start a program here, or whose keys are written into the flow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from studio.engine.tools.account_keys import accounts_in
from studio.engine.tools.mcp import McpServer
from studio.engine.tools.mcp_transport import Stdio, Transport
from studio.flow.checks.problem import Problem, problem
from studio.flow.document import Node
from studio.flow.ports import label
from studio.flow.wires import Drawing

_SECRET = re.compile(r"authorization|token|secret|password|credential|api.?key|cookie", re.IGNORECASE)


def problems(drawing: Drawing) -> Iterator[Problem]:
    for node in drawing.of("tool"):
        transport = _transport(node)
        if transport is None:
            continue
        if transport.missing:
            yield problem("mcp_server", "error", [node], field=f"transport.{transport.missing}", tool=label(node))
        elif isinstance(transport, Stdio) and drawing.out_of(node, "tool"):
            yield problem("mcp_server.program", "hint", [node], field="transport.kind", tool=label(node), command=transport.argv[0])
        field = "environment" if isinstance(transport, Stdio) else "headers"
        for name, value in getattr(transport, field).items():
            if value and _SECRET.search(name) and not accounts_in(value):
                yield problem("mcp_server.secret", "warning", [node], field=f"transport.{field}", tool=label(node), name=name)


def _transport(node: Node) -> Transport | None:
    """How a drawn server is reached; None when it is none, or when a field is wrong, which another rule says."""
    if node.kind != McpServer.kind:
        return None
    held: Any = node.config.get("transport", {"kind": Stdio.kind})
    if not isinstance(held, Mapping):
        return None
    try:
        return McpServer(transport=dict(held)).transport
    except ValidationError:
        return None
