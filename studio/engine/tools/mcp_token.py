"""The token by which an MCP server knows who signed in: how it is kept, shown and renewed, also in another process."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from studio.engine.tools.mcp_errors import SignInNeeded
from studio.engine.tools.mcp_led import Led, connects_to

if TYPE_CHECKING:
    import httpx2
    from mcp.client.auth import OAuthClientProvider

    from studio.engine.tools.mcp_sign_in import SignIns

LEEWAY = 30.0
"""Seconds before its end from which on a token counts as old."""


class Shown(Protocol):
    """What shows a server the token that is kept; `needed` is set where the server refuses it, or there is none."""

    needed: bool

    def refusal(self, mark: str = "") -> AbstractContextManager[asyncio.Event]:
        """Meanwhile, what is set when the server refuses a request with this mark in its body; without one, any request."""
        ...


def signed_in(url: str, sign_ins: SignIns) -> Any:
    """A `Shown` for requests of httpx2: renews the token where it is old. A request that is refused all the same raises SignInNeeded."""
    return oauth_kinds().Kept(url, sign_ins)


@dataclass(frozen=True, slots=True)
class OAuthKinds:
    """`Provider` leads a person through signing in and renews tokens, `Kept` shows the token that is kept."""

    Provider: Any
    Kept: Any


@cache
def oauth_kinds() -> OAuthKinds:
    """Classes over those of the SDK, which is imported when it is first needed."""
    import httpx2
    from mcp.client.auth import OAuthClientProvider
    from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthMetadata, OAuthToken, ProtectedResourceMetadata

    logger = logging.getLogger("mcp")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.CRITICAL)  # it logs with a traceback what becomes an error here

    class Store:
        """What the provider keeps, with what it has to know again in another process: when the token ends, and who gives new ones."""

        def __init__(self, url: str, sign_ins: SignIns, redirect: str) -> None:
            self.url, self.sign_ins, self.redirect = url, sign_ins, redirect
            self.record: dict[str, Any] = {}
            self.provider: OAuthClientProvider | None = None

        async def get_tokens(self) -> OAuthToken | None:
            kept = await asyncio.to_thread(self.sign_ins.kept, self.url)
            self.record = kept or {}
            return OAuthToken(**self.record["tokens"]) if self.record.get("tokens") and not self.redirect else None

        async def set_tokens(self, tokens: OAuthToken) -> None:
            assert self.provider is not None
            context = self.provider.context
            self.record["tokens"] = tokens.model_dump(mode="json", exclude_none=True)
            self.record["ends"] = None if tokens.expires_in is None else time.time() + tokens.expires_in
            self.record["issuer"] = _dumped(context.oauth_metadata)
            self.record["resource"] = _dumped(context.protected_resource_metadata)
            await asyncio.to_thread(self.sign_ins.keep, self.url, self.record)

        async def get_client_info(self) -> OAuthClientInformationFull | None:
            client = self.record.get("client")
            if not client or (self.redirect and self.redirect not in client.get("redirect_uris", ())):
                return None  # registered for another address to come back to
            return OAuthClientInformationFull(**client)

        async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
            self.record = {"client": client_info.model_dump(mode="json", exclude_none=True)}

    class Provider(OAuthClientProvider):
        def __init__(self, url: str, sign_ins: SignIns, redirect: str = "", send_there: Any = None, come_back: Any = None) -> None:
            metadata = OAuthClientMetadata(client_name="Convene", redirect_uris=[redirect] if redirect else None)
            self.store = Store(url, sign_ins, redirect)
            self.led = Led(url)
            super().__init__(url, metadata, self.store, send_there, come_back)
            self.store.provider = self

        async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
            flow = super().async_auth_flow(request)
            try:
                outgoing = await anext(flow)
                while True:
                    named = outgoing.url
                    if (ip := await self.led.check(str(named))) is not None:
                        connects_to(outgoing, ip)
                    response = yield outgoing
                    outgoing.url = named
                    outgoing = await flow.asend(response)
            except StopAsyncIteration:
                return
            finally:
                await flow.aclose()

        async def _initialize(self) -> None:
            await super()._initialize()
            record, context = self.store.record, self.context
            if record.get("issuer"):
                context.oauth_metadata = OAuthMetadata(**record["issuer"])
            if record.get("resource"):
                context.protected_resource_metadata = ProtectedResourceMetadata(**record["resource"])
            if context.current_tokens is not None and isinstance(ends := record.get("ends"), int | float):
                context.token_expiry_time = max(1.0, ends - LEEWAY)

        def grow_old(self) -> bool:
            """Let the token count as old. False where there is none, or no way to a new one."""
            self.context.token_expiry_time = 1.0
            return self.context.can_refresh_token()

    class Kept(httpx2.Auth):
        """Never asks a person: a refusal after the token was renewed is told."""

        requires_response_body = True

        def __init__(self, url: str, sign_ins: SignIns) -> None:
            self.url, self.provider = url, Provider(url, sign_ins)
            self.needed = False
            self.awaited: list[tuple[str, asyncio.Event]] = []

        @contextmanager
        def refusal(self, mark: str = "") -> Iterator[asyncio.Event]:
            awaited = mark, asyncio.Event()
            self.awaited.append(awaited)
            try:
                yield awaited[1]
            finally:
                self.awaited.remove(awaited)

        async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
            for renewed in (False, True):
                refused = False
                flow = self.provider.async_auth_flow(request)
                try:
                    outgoing = await anext(flow)
                    while True:
                        response = yield outgoing
                        if outgoing is request and response.status_code == 401:
                            refused = True
                            break
                        outgoing = await flow.asend(response)
                except StopAsyncIteration:
                    return
                finally:
                    await flow.aclose()
                if refused and (renewed or not self.provider.grow_old()):
                    self.needed = True
                    for mark, event in self.awaited:
                        if mark.encode() in request.content:
                            event.set()
                    raise SignInNeeded(self.url)

    return OAuthKinds(Provider, Kept)


def _dumped(metadata: Any) -> dict[str, Any] | None:
    return None if metadata is None else metadata.model_dump(mode="json", exclude_none=True)
