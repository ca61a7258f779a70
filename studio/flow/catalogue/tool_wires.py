"""The form of the wire that makes an agent a tool: what its calls share, and what its caller reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.engine.tools.team_tool import AgentTool
from studio.flow.catalogue.columns import columns
from studio.texts import text

END = "agent"
"""The field that the drawing gives."""


def tool_wire_fields(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The fields of the wire with what it holds and what is wrong with it."""
    wrong = tool_wire_mistakes(config)
    return [
        {
            **column,
            "widget": column["type"],
            "value": config.get(column["name"], column["default"]),
            "advanced": False,
            "changed": column["name"] in config and config[column["name"]] != column["default"],
            "error": wrong.get(column["name"]),
        }
        for column in _columns()
    ]


def tool_wire_mistakes(config: Mapping[str, Any]) -> dict[str, str]:
    """{field: sentence} of what cannot be read in such a wire."""
    known = {column["name"]: column for column in _columns()}
    found = {name: text("invalid.extra_forbidden") for name in config if name not in known}
    for name, column in known.items():
        value, choices = config.get(name, column["default"]), [choice["value"] for choice in column["choices"]]
        if choices and value not in choices:
            found[name] = text("invalid.kind", kind=str(value)[:80])
        elif not choices and not isinstance(value, bool):
            found[name] = text("invalid.bool_type")
    return found


def _columns() -> list[dict[str, Any]]:
    return columns(AgentTool, "agent_tool", leave_out=(END,))
