"""What an MCP server of a drawing offers: asked only when a person, who was shown what will be started, says so."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from studio.engine.errors import ConveneError
from studio.engine.models.base import Accounts
from studio.engine.tools.base import ToolPlace
from studio.engine.tools.mcp import McpServer
from studio.engine.tools.mcp_sign_in import SignIns
from studio.engine.tools.mcp_transport import Remote
from studio.engine.tools.resources import Resources
from studio.texts import text

PATIENCE = 90.0
"""Seconds that starting a server and asking it may take: a program may have to be fetched first."""


@dataclass(frozen=True, slots=True)
class ServerTools:
    """`tools` are (name, what it does) in the server's order, names as the allow list has them; `prompts` likewise, with the names of
    what each must be given. Without `ok` it says why not.
    """

    ok: bool
    text: str = ""
    remedy: str = ""
    tools: tuple[tuple[str, str], ...] = ()
    prompts: tuple[tuple[str, str, tuple[str, ...]], ...] = ()


def what_starts(config: Mapping[str, Any]) -> str:
    """What looking at the tools of this server starts or asks, for a person to agree to. Empty when nothing can be started."""
    server = _server(config)
    return "" if server is None or server.transport.missing else server.transport.consent


def address_of(config: Mapping[str, Any]) -> str:
    """Where a server answers at which one may have to sign in; empty for a program, and where a field is wrong."""
    server = _server(config)
    return server.transport.url if server is not None and isinstance(server.transport, Remote) else ""


async def look(
    config: Mapping[str, Any], agreed: str, accounts: Accounts, patience: float = PATIENCE, sign_ins: SignIns | None = None
) -> ServerTools:
    """Start or reach the server, ask what it offers, and end it again.

    `agreed` is what the person was shown: when the server was changed since then, nothing is started.
    """
    server = _server(config)
    if server is None or server.transport.missing:
        return ServerTools(False, text("servers.incomplete"), text("servers.incomplete.remedy"))
    if agreed != server.transport.consent:
        return ServerTools(False, text("servers.changed"), text("servers.changed.remedy"))
    resources = Resources()
    with tempfile.TemporaryDirectory(prefix="convene-", ignore_cleanup_errors=True) as folder:
        try:
            async with asyncio.timeout(patience):
                place = ToolPlace(Path(folder), accounts, resources, sign_ins=sign_ins)
                found, prompts = await server.list_tools(place), await server.prompts(place)
        except TimeoutError:
            return ServerTools(False, text("servers.silent", seconds=f"{patience:.0f}"), text("servers.silent.remedy"))
        except ConveneError as mistake:
            return ServerTools(False, mistake.sentence, mistake.remedy)
        finally:
            await resources.close()
    return ServerTools(
        True,
        tools=tuple((schema.name, schema.description) for schema in found),
        prompts=tuple((each.name, each.does, tuple(name for name, needed in each.arguments if needed)) for each in prompts),
    )


def _server(config: Mapping[str, Any]) -> McpServer | None:
    """The drawn server without its prefix, its allow list and what agents get of it; None when a field of it is wrong."""
    try:
        return McpServer(**{**config, "prefix": "", "allow": (), "prompt": "", "model_calls": 0})
    except (ValidationError, TypeError):
        return None
