"""Whom an MCP server may name to sign in at."""

from __future__ import annotations

from collections.abc import Sequence

import httpx2
import pytest

from studio.engine.tools.mcp_errors import McpFailed
from studio.engine.tools.mcp_led import Led
from studio.engine.tools.mcp_token import oauth_kinds

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
    ("address", "ip"), [("https://tools.example.com/token", None), ("https://login.example.com/authorize?x=1", "93.184.215.15")]
)
async def test_a_public_server_leads_to_itself_and_to_public_ones(address: str, ip: str | None) -> None:
    assert await Led("https://tools.example.com/mcp", lookup).check(address) == ip


async def test_a_name_that_leads_nowhere_yet_is_not_asked() -> None:
    with pytest.raises(McpFailed, match="gone"):
        await Led("https://tools.example.com/mcp", lookup).check("https://gone.example.com/")


async def test_what_was_looked_up_is_what_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)

    class NoSignIns:
        def kept(self, url: str) -> None:
            """Nothing is kept."""

    own = "https://tools.example.com/mcp"
    provider = oauth_kinds().Provider(own, NoSignIns(), "http://127.0.0.1:1/back")
    provider.led = Led(own, lookup)
    first = httpx2.Request("POST", own)
    flow = provider.async_auth_flow(first)
    assert (await anext(flow)).url.host == "tools.example.com"
    leads = 'Bearer resource_metadata="https://login.example.com/about"'
    asked = await flow.asend(httpx2.Response(401, headers={"WWW-Authenticate": leads}, request=first))
    assert (str(asked.url), asked.headers["Host"]) == ("https://93.184.215.15/about", "login.example.com")
    assert (asked.extensions["sni_hostname"], asked.headers["Connection"]) == ("login.example.com", "close")
    await flow.asend(httpx2.Response(404, request=asked))
    assert str(asked.url) == "https://login.example.com/about"
    await flow.aclose()


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
