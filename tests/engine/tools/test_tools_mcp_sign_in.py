"""Whom an MCP server may name to sign in at."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from studio.engine.tools.mcp_errors import McpFailed
from studio.engine.tools.mcp_led import Led

NAMES = {
    "tools.example.com": ["93.184.215.14"],
    "login.example.com": ["93.184.215.15"],
    "inside.example.com": ["93.184.215.16", "10.0.0.5"],
    "desk.lan": ["192.168.1.4"],
    "localhost": ["127.0.0.1"],
}


async def lookup(host: str, port: int) -> Sequence[str]:
    if host not in NAMES:
        raise OSError
    return NAMES[host]


@pytest.mark.parametrize(
    "address", ["https://tools.example.com/token", "https://login.example.com/authorize?x=1", "https://gone.example.com/"]
)
async def test_a_public_server_leads_to_itself_and_to_public_ones(address: str) -> None:
    await Led("https://tools.example.com/mcp", lookup).check(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:11434/token",
        "http://[::1]/",
        "http://169.254.169.254/latest",
        "https://inside.example.com/",
        "http://desk.lan/",
        "http://localhost:8000/api/import",
    ],
)
async def test_a_public_server_leads_to_no_machine_behind_this_one(address: str) -> None:
    with pytest.raises(McpFailed, match="which is not public"):
        await Led("https://tools.example.com/mcp", lookup).check(address)


@pytest.mark.parametrize("own", ["http://127.0.0.1:3000/mcp", "http://desk.lan/mcp"])
async def test_a_server_of_ones_own_network_may_lead_anywhere(own: str) -> None:
    await Led(own, lookup).check("http://10.0.0.9/token")
    await Led(own, lookup).check("https://login.example.com/")


async def test_a_server_is_reached_itself_however_its_address_is_written() -> None:
    await Led("http://ann:secret@Desk.LAN:80/mcp?key=a b", lookup).check("http://ann:secret@desk.lan/mcp?key=a%20b")
