"""Where an MCP server may send one to sign in: a public one never to what only this machine reaches."""

from __future__ import annotations

from urllib.parse import urlsplit

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

    async def check(self, url: str) -> None:
        """Raises McpFailed for an address to which this server may not send one."""
        if _origin(url) == _origin(self.url):
            return
        own, address = read_address(self.url), read_address(url)
        if address.origin == own.origin:
            return
        if self._may_go_anywhere is None:
            self._may_go_anywhere = await self._refused(own) is not None
        if not self._may_go_anywhere and (why := await self._refused(address)) is not None:
            inside = text("engine.sign_in.leads_inside", host=address.shown_host, why=why)
            raise McpFailed(self.url, inside, text("engine.sign_in.do_not_use"))

    async def _refused(self, address: WebAddress) -> str | None:
        try:
            PUBLIC.check_host(address)
            await checked_ips(address, PUBLIC, self._lookup)
        except AddressRefused as mistake:
            return mistake.sentence
        except WebFailed:
            pass  # a name that leads nowhere: whoever asks there is told
        return None


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
