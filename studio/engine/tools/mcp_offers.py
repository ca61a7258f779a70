"""What an MCP server offers, as tools that a model can call: its own, and those that read its resources and prompts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from studio.engine.models.base import ToolSchema
from studio.engine.tools.docstrings import MAX_DESCRIPTION
from studio.engine.tools.mcp_connection import GET_PROMPT, LIST_RESOURCES, MAX_LISTED, READ_RESOURCE, McpConnection, ServerPrompt

MAX_TOOLS = 256
MAX_PAGES = 20
MAX_SCHEMA = 64_000
"""Characters of the JSON Schema of one tool; a larger one is left out, so that any arguments are taken."""

_NOTHING: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}


async def ask_what_it_offers(connection: McpConnection) -> None:
    """Put into the connection what the server has: its tools, and where it has resources and prompts, tools for these."""
    client, capabilities = connection.client, connection.client.server_capabilities
    schemas: list[ToolSchema] = []
    if capabilities.tools is not None:
        cursor: str | None = None
        for _ in range(MAX_PAGES):
            page = await client.list_tools(cursor=cursor)
            for tool in page.tools[: MAX_TOOLS - len(schemas)]:
                shown = _shown_name(tool.name, connection.names)
                connection.names[shown] = tool.name
                schemas.append(ToolSchema(shown, _limited(tool.description or tool.title or ""), _parameters(tool.input_schema)))
            cursor = page.next_cursor
            if cursor is None or len(schemas) >= MAX_TOOLS:
                break
    if capabilities.resources is not None:
        one: dict[str, Any] = {"type": "string", "description": "As list_resources shows it."}
        by_uri = {"type": "object", "properties": {"uri": one}, "required": ["uri"], "additionalProperties": False}
        schemas += [
            ToolSchema(LIST_RESOURCES, "List what can be read with read_resource.", _NOTHING),
            ToolSchema(READ_RESOURCE, "Read a resource of the server.", by_uri),
        ]
    if capabilities.prompts is not None and (prompts := (await client.list_prompts()).prompts[:MAX_LISTED]):
        connection.prompts = tuple(_server_prompt(prompt) for prompt in prompts)
        schemas.append(ToolSchema(GET_PROMPT, _limited(_prompts(prompts)), _prompt_parameters(prompts)))
    first: dict[str, ToolSchema] = {}
    for schema in schemas:
        first.setdefault(schema.name, schema)  # a tool of its own that is called list_resources stays that
    connection.schemas = tuple(first.values())


def _shown_name(name: str, taken: Mapping[str, str]) -> str:
    """A name that every model server takes, one of a kind."""
    plain = re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:56] or "tool"
    shown, number = plain, 2
    while shown in taken:
        shown, number = f"{plain}_{number}", number + 1
    return shown


def _parameters(schema: Mapping[str, Any]) -> dict[str, Any]:
    plain = {key: value for key, value in schema.items() if key != "$schema"} | {"type": "object"}
    plain.setdefault("properties", {})
    return plain if len(json.dumps(plain, default=str)) <= MAX_SCHEMA else {"type": "object", "properties": {}}


def _server_prompt(prompt: Any) -> ServerPrompt:
    arguments = tuple((each.name, bool(each.required)) for each in prompt.arguments or ())
    return ServerPrompt(prompt.name, prompt.description or prompt.title or "", arguments)


def _prompts(prompts: list[Any]) -> str:
    lines = ["Get one of the server's prepared instructions:"]
    for prompt in prompts:
        names = ", ".join(f"{each.name}{'' if each.required else '?'}" for each in prompt.arguments or ())
        lines.append(f"{prompt.name}({names}): {(prompt.description or prompt.title or '')[:120]}")
    return "\n".join(lines)


def _prompt_parameters(prompts: list[Any]) -> dict[str, Any]:
    values = {"type": "object", "additionalProperties": {"type": "string"}}
    properties = {"name": {"type": "string", "enum": [prompt.name for prompt in prompts]}, "arguments": values}
    return {"type": "object", "properties": properties, "required": ["name"], "additionalProperties": False}


def _limited(description: str) -> str:
    return description if len(description) <= MAX_DESCRIPTION else description[: MAX_DESCRIPTION - 1].rstrip() + "…"
