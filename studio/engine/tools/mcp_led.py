"""Where an MCP server may send one to sign in: a public one never to what only this machine reaches."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from studio.engine.models.posting import behind_proxy
from studio.engine.tools.addresses import AddressRefused, WebAddress, read_address
from studio.engine.tools.mcp_errors import McpFailed
from studio.engine.tools.web import Lookup, Reach, WebFailed, checked_ips, system_lookup
from studio.texts import text

PUBLIC = Reach()


class Led:
    """Whom a server may name to sign in at: a public one only others that are public, never this machine or what lies behind it."""

    def __init__(self, url: str, lookup: Lookup = system_lookup) -> None:
        self.url = url
        self._lookup = lookup
        self._may_go_anywhere: bool | None = None

    async def check(self, url: str) -> str | None:
        """The IP address to connect to, so that no later look-up leads elsewhere; None where any will do.

        Raises McpFailed for an address to which this server may not send one.
        """
        if _origin(url) == _origin(self.url):
            return None
        own, address = read_address(self.url), read_address(url)
        if address.origin == own.origin:
            return None
        if self._may_go_anywhere is None:
            self._may_go_anywhere = await self._is_inside(own)
        if self._may_go_anywhere:
            return None
        try:
            return (await self._public_ips(address))[0]
        except AddressRefused as mistake:
            inside = text("engine.sign_in.leads_inside", host=address.shown_host, why=mistake.sentence)
            raise McpFailed(self.url, inside, text("engine.sign_in.do_not_use")) from None
        except WebFailed as mistake:
            raise McpFailed(self.url, mistake.sentence, text("engine.sign_in.try_again")) from None

    async def _is_inside(self, address: WebAddress) -> bool:
        try:
            await self._public_ips(address)
        except AddressRefused:
            return True
        except WebFailed:
            pass  # a name that leads nowhere: whoever asks there is told
        return False

    async def _public_ips(self, address: WebAddress) -> list[str]:
        PUBLIC.check_host(address)
        return await checked_ips(address, PUBLIC, self._lookup)


def connects_to(request: Any, ip: str) -> None:
    """Make a request of httpx2 go to an IP address, as one to the host that it names."""
    if behind_proxy(str(request.url)):
        return  # which looks names up itself
    request.extensions = {**request.extensions, "sni_hostname": request.url.host}
    # Connections are kept by their IP address, which several hosts may share.
    request.headers["Connection"] = "close"
    request.url = request.url.copy_with(host=ip.partition("%")[0])


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
