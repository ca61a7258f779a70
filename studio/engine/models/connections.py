"""Open connections to model servers: one SDK client per address and key, shared by everybody in an event loop, closed with its last user.

A client of its own for every agent would cost a TLS context, memory and a connection each.
"""

from __future__ import annotations

import asyncio
import re
import sys
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

    from openai import AsyncOpenAI

OPENAI_URL = "https://api.openai.com/v1"

_LOOPBACK = re.compile(r"^https?://(?:localhost|127\.|\[::1\])", re.IGNORECASE)


@dataclass(slots=True)
class _Shared:
    sdk: AsyncOpenAI
    users: int = 0


_Key = tuple[str, str | None]
_open: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[_Key, _Shared]] = weakref.WeakKeyDictionary()
_trust: ssl.SSLContext | None = None


@dataclass(slots=True)
class Connection:
    """One user's hold on a shared SDK client. Opening is lazy; a closed connection opens again when it is used."""

    base_url: str
    key: str | None = field(repr=False)
    _held: tuple[asyncio.AbstractEventLoop, _Shared] | None = field(default=None, repr=False)

    async def sdk(self) -> AsyncOpenAI:
        """The client of the running loop. Raises ValueError when the address is none."""
        loop = asyncio.get_running_loop()
        if self._held is None or self._held[0] is not loop:
            await prepare(self.base_url)
            clients = _open.setdefault(loop, {})
            shared = clients.get((self.base_url, self.key))
            if shared is None:
                shared = clients[self.base_url, self.key] = _Shared(_client(self.base_url, self.key))
            # Another task of this user may have taken hold while the SDK was being imported.
            if self._held is None or self._held[0] is not loop:
                shared.users += 1
                self._held = (loop, shared)
        return self._held[1].sdk

    async def close(self) -> None:
        """Let go; the last user closes the client. Does nothing when nothing is open."""
        if self._held is None:
            return
        (loop, shared), self._held = self._held, None
        shared.users -= 1
        if shared.users <= 0:
            clients = _open.get(loop, {})
            if clients.get((self.base_url, self.key)) is shared:
                del clients[self.base_url, self.key]
            if loop is asyncio.get_running_loop():
                await shared.sdk.close()


async def prepare(base_url: str = OPENAI_URL) -> None:
    """Import the SDK and load the certificates, once in a process, without holding up the event loop: it takes most of a second."""
    if "openai" not in sys.modules or (_trust is None and _is_secure(base_url)):
        await asyncio.to_thread(_load, _is_secure(base_url))


def _load(secure: bool) -> None:
    import aiohttp  # noqa: F401
    import openai  # noqa: F401

    if secure:
        _certificates()


def _is_secure(base_url: str) -> bool:
    return base_url.lower().startswith("https:")


def _client(base_url: str, key: str | None) -> AsyncOpenAI:
    from openai import AsyncOpenAI, DefaultAioHttpClient, Omit

    # Redirects are not followed: a key goes to the address it was entered for and nowhere else. Without them a plain http
    # address never meets TLS, so that its client can do without certificates.
    http = DefaultAioHttpClient(
        verify=_certificates() if _is_secure(base_url) else False,
        trust_env=_LOOPBACK.match(base_url) is None,
        follow_redirects=False,
    )
    # Everything that the SDK would otherwise take from OPENAI_… variables is said here: they may belong to another server.
    official = base_url.startswith(OPENAI_URL)
    headers = {"Authorization": f"Bearer {key}" if key else Omit()}
    if not official:
        headers |= {"OpenAI-Organization": Omit(), "OpenAI-Project": Omit()}
    return AsyncOpenAI(
        api_key=key or "",
        admin_api_key="",
        base_url=base_url,
        max_retries=0,
        http_client=http,
        default_headers=headers,  # type: ignore[arg-type]
        _enforce_credentials=False,
    )


def _certificates() -> ssl.SSLContext:
    """The certificates that are trusted, loaded once: that takes 30 ms and a megabyte."""
    global _trust
    if _trust is None:
        import httpx2

        _trust = httpx2.create_ssl_context()
    return _trust
