"""Open connections to model servers: one SDK client per address and key, shared by everybody in an event loop, closed when nobody needs it.

A client of its own for every agent would cost a TLS context, memory and a connection each.
"""

from __future__ import annotations

import asyncio
import sys
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from studio.engine.models.posting import LOOPBACK, sdk_headers
from studio.engine.models.prompt_writing import request_class

if TYPE_CHECKING:
    import ssl

    import httpx2
    from aiohttp import ClientSession
    from openai import AsyncOpenAI

    from studio.engine.models.base import Account

MOST_REQUESTS = 1_000
"""Requests that are open at once at one address with one key; more wait for their turn."""

LINGERS = 15.0
"""Seconds that a client without users stays open: the next run, or the next turn after a person's answer, needs no new handshake."""

OPENAI_URL = "https://api.openai.com/v1"


class Client(Protocol):
    """An SDK's client."""

    async def close(self) -> None: ...


AnyClient = TypeVar("AnyClient", bound=Client)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a request to a server of the OpenAI protocol needs to know beside its body.

    `base_url` is what the SDK is opened with, `chat` and `models` are paths under it, `query` is added to each address and `headers`
    to each request; `model` serves those that name none.
    """

    base_url: str
    chat: str = "/chat/completions"
    models: str = "/models"
    query: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    model: str = ""


def reach(account: Account, model: str = "") -> Reach:
    """Where an account's models answer, and how its key is shown there."""
    from studio.engine.models.azure import is_azure, reach_azure

    if account.base_url and is_azure(account.provider, account.base_url):
        return reach_azure(account, model or account.default_model)
    headers = {"Authorization": f"Bearer {account.key}"} if account.key else {}
    return Reach((account.base_url or OPENAI_URL).rstrip("/"), headers=headers, model=model or account.default_model)


@dataclass(slots=True)
class _Shared:
    sdk: Any
    users: int = 0
    left: float = 0.0
    leaving: bool = False
    session: ClientSession | None = None


_Key = tuple[str, str | None, Callable[[str, str | None], Any]]
_open: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[_Key, _Shared]] = weakref.WeakKeyDictionary()
_leaving: set[asyncio.Task[None]] = set()
_trust: ssl.SSLContext | None = None


def openai_client(base_url: str, key: str | None) -> AsyncOpenAI:
    """A client of the OpenAI SDK that shows the key as a bearer token, unless a request says otherwise."""
    from openai import AsyncOpenAI, Omit

    # Everything that the SDK would otherwise take from OPENAI_… variables is said here: they may belong to another server.
    official = base_url.startswith(OPENAI_URL)
    headers: dict[str, Any] = {"Authorization": f"Bearer {key}" if key else Omit()}
    if not official:
        headers |= {"OpenAI-Organization": Omit(), "OpenAI-Project": Omit()}
    return AsyncOpenAI(
        api_key=key or "",
        admin_api_key="",
        base_url=base_url,
        max_retries=0,
        http_client=http_client(base_url),
        default_headers=headers,
        _enforce_credentials=False,
    )


@dataclass(slots=True)
class Connection(Generic[AnyClient]):
    """One user's hold on a shared SDK client, which `opened` makes. Opening is lazy; a closed connection opens again when it is used."""

    base_url: str
    key: str | None = field(repr=False)
    opened: Callable[[str, str | None], AnyClient] = openai_client  # type: ignore[assignment]
    library: str = "openai"
    _held: tuple[asyncio.AbstractEventLoop, _Shared] | None = field(default=None, repr=False)

    async def sdk(self) -> AnyClient:
        """The client of the running loop. Raises ValueError when the address is none."""
        loop = asyncio.get_running_loop()
        if self._held is None or self._held[0] is not loop:
            await prepare(self.base_url, self.library)
            clients = _open.setdefault(loop, {})
            place = (self.base_url, self.key, self.opened)
            shared = clients.get(place)
            if shared is None:
                shared = clients[place] = _Shared(self.opened(self.base_url, self.key))
            # Another task of this user may have taken hold while the SDK was being imported.
            if self._held is None or self._held[0] is not loop:
                shared.users += 1
                self._held = (loop, shared)
        sdk: AnyClient = self._held[1].sdk
        return sdk

    def at_hand(self) -> ClientSession | None:
        """What `session` gives, where it is open in the running loop."""
        held = self._held
        return held[1].session if held is not None and held[0] is asyncio.get_running_loop() else None

    async def session(self) -> ClientSession:
        """Open connections to the same address without the SDK between; shared and closed as its client is.

        They say of themselves what the SDK does, and show no key. Raises UnicodeEncodeError for what no header can hold.
        """
        await self.sdk()
        assert self._held is not None
        shared = self._held[1]
        if shared.session is None:
            shared.session = _session(self.base_url, sdk_headers(shared.sdk))
        return shared.session

    async def close(self) -> None:
        """Let go; without users the client is closed a little later, or with its loop. Does nothing when nothing is open."""
        if self._held is None:
            return
        (loop, shared), self._held = self._held, None
        shared.users -= 1
        shared.left = loop.time()
        if shared.users > 0 or shared.leaving:
            return
        clients, place = _open.get(loop, {}), (self.base_url, self.key, self.opened)
        if loop is not asyncio.get_running_loop():
            clients.pop(place, None)
            return
        shared.leaving = True
        _leaving.add(task := loop.create_task(_leave(clients, place, shared), name=f"closing {self.base_url}"))
        task.add_done_callback(_leaving.discard)


async def _leave(clients: dict[_Key, _Shared], place: _Key, shared: _Shared) -> None:
    """Close a client when nobody has used it for a while; at once when the loop ends, which cancels this."""
    loop = asyncio.get_running_loop()
    try:
        while shared.users or loop.time() < shared.left + LINGERS:  # noqa: ASYNC110 - users come and go; a look now and then is enough
            await asyncio.sleep(LINGERS if shared.users else shared.left + LINGERS - loop.time())
    except asyncio.CancelledError:
        pass
    if clients.get(place) is shared:
        del clients[place]
    await shared.sdk.close()
    if shared.session is not None:
        await shared.session.close()


async def prepare(base_url: str = OPENAI_URL, library: str = "openai") -> None:
    """Import the SDK and load the certificates, once in a process, without holding up the event loop: it takes most of a second.

    Raises ImportError when `library` is not installed.
    """
    if not {"openai", library} <= sys.modules.keys() or (_trust is None and _is_secure(base_url)):
        await asyncio.to_thread(_load, _is_secure(base_url), library)


def _load(secure: bool, library: str) -> None:
    import aiohttp  # noqa: F401
    import openai  # noqa: F401

    import_module(library)
    if secure:
        _certificates()


def _is_secure(base_url: str) -> bool:
    return base_url.lower().startswith("https:")


def http_client(base_url: str) -> httpx2.AsyncClient:
    """A client for one address. Redirects are not followed: a key goes to the address it was entered for and nowhere else.

    Without them a plain http address never meets TLS, so that its client can do without certificates.
    """
    from openai import DefaultAioHttpClient

    return DefaultAioHttpClient(
        verify=_certificates() if _is_secure(base_url) else False,
        trust_env=LOOPBACK.match(base_url) is None,
        follow_redirects=False,
    )


def _session(base_url: str, headers: Mapping[str, str]) -> ClientSession:
    from aiohttp import ClientSession, DummyCookieJar, TCPConnector

    connector = TCPConnector(limit=MOST_REQUESTS, ssl=_certificates() if _is_secure(base_url) else False)
    return ClientSession(connector=connector, headers=headers, cookie_jar=DummyCookieJar(), trust_env=False, request_class=request_class())


def _certificates() -> ssl.SSLContext:
    """The certificates that are trusted, loaded once: that takes 30 ms and a megabyte."""
    global _trust
    if _trust is None:
        import httpx2

        _trust = httpx2.create_ssl_context()
    return _trust
