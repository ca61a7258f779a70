"""Signing in at MCP servers that ask for it, by OAuth in the browser: what is kept, how it is used, and one attempt of a person."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qs, urlsplit

from studio.engine.errors import ConveneError
from studio.engine.tools.addresses import AddressRefused, WebAddress, read_address
from studio.engine.tools.mcp_errors import McpFailed, McpMissing, SignInNeeded
from studio.engine.tools.web import Lookup, Reach, WebFailed, checked_ips, system_lookup
from studio.texts import text

if TYPE_CHECKING:
    import httpx2
    from mcp.client.auth import OAuthClientProvider

LONGEST_ATTEMPT = 600.0
"""Seconds that a person may take to sign in."""

LONGEST_STEP = 60.0
"""Seconds for what servers are asked before and after that."""

LEEWAY = 30.0
"""Seconds before its end from which on a token counts as old."""

PUBLIC = Reach()

_INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "convene", "version": "1"}},
}


class SignIns(Protocol):
    """Where it is kept how a person signed in, by the address of the server. Both may block."""

    def kept(self, url: str) -> dict[str, Any] | None: ...

    def keep(self, url: str, record: dict[str, Any]) -> None: ...


class Shown(Protocol):
    """What shows a server the token that is kept; `needed` is set where the server refuses it, or there is none."""

    needed: bool

    def refusal(self, mark: str = "") -> AbstractContextManager[asyncio.Event]:
        """Meanwhile, what is set when the server refuses a request with this mark in its body; without one, any request."""
        ...


def signed_in(url: str, sign_ins: SignIns) -> Any:
    """A `Shown` for requests of httpx2: renews the token where it is old. A request that is refused all the same raises SignInNeeded."""
    return _kinds().Kept(url, sign_ins)


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


@dataclass(slots=True)
class Attempt:
    """A person signs in: `address` is where, and `back` takes what the browser brings back. `done` is set at the end, well or not."""

    url: str
    address: str = ""
    state: str = ""
    done: asyncio.Task[None] | None = None
    _came: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @classmethod
    async def begin(cls, url: str, redirect: str, sign_ins: SignIns) -> Attempt:
        """Find out where a person signs in; `redirect` is where the browser comes back to. Raises McpFailed."""
        attempt = cls(url)
        addressed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        attempt.done = asyncio.create_task(attempt._go(redirect, sign_ins, addressed), name="sign in")
        attempt.done.add_done_callback(_looked_at)
        either: set[asyncio.Future[Any]] = {attempt.done, addressed}
        await asyncio.wait(either, timeout=LONGEST_STEP, return_when=asyncio.FIRST_COMPLETED)
        if not addressed.done():
            attempt.done.cancel()
            await asyncio.wait({attempt.done})
            if not attempt.done.cancelled() and (why := attempt.done.exception()) is not None:
                raise why
            raise McpFailed(url, text("engine.sign_in.nowhere"), text("engine.sign_in.nowhere.remedy"))
        attempt.address = addressed.result()
        attempt.state = (parse_qs(urlsplit(attempt.address).query).get("state") or [""])[0]
        return attempt

    async def back(self, code: str, state: str, issuer: str | None = None) -> None:
        """Take what the browser brought back, and get the token for it. Raises McpFailed."""
        from mcp.shared.auth import AuthorizationCodeResult

        assert self.done is not None
        if not self._came.done():
            self._came.set_result(AuthorizationCodeResult(code=code, state=state, iss=issuer))
        await asyncio.wait({self.done}, timeout=LONGEST_STEP)
        if not self.done.done():
            self.done.cancel()
            raise McpFailed(self.url, text("engine.sign_in.not_let_in"), text("engine.sign_in.try_again"))
        if self.done.cancelled():
            raise McpFailed(self.url, text("engine.sign_in.given_up"), text("engine.sign_in.try_again"))
        self.done.result()

    def refuse(self, why: str) -> None:
        """The person, or the server where they sign in, said no."""
        if not self._came.done():
            refused = text("engine.sign_in.refused", why=why[:200])
            self._came.set_exception(McpFailed(self.url, refused, text("engine.sign_in.try_again")))

    async def _go(self, redirect: str, sign_ins: SignIns, addressed: asyncio.Future[str]) -> None:
        if importlib.util.find_spec("mcp") is None:
            raise McpMissing

        led = Led(self.url)

        async def send_there(address: str) -> None:
            if urlsplit(address).scheme not in ("http", "https"):
                raise McpFailed(self.url, text("engine.sign_in.no_web_address"), text("engine.sign_in.do_not_use"))
            await led.check(address)
            addressed.set_result(address)

        async def come_back() -> Any:
            return await asyncio.wait_for(self._came, LONGEST_ATTEMPT)

        kinds = await asyncio.to_thread(_kinds)  # the SDK takes a second to import
        import httpx2

        auth = kinds.Provider(self.url, sign_ins, redirect, send_there, come_back)
        headers = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}
        try:
            async with httpx2.AsyncClient(auth=auth, timeout=httpx2.Timeout(LONGEST_STEP)) as http:
                async with http.stream("POST", self.url, json=_INITIALIZE, headers=headers) as answer:
                    status = answer.status_code
                if status == 405:  # a server of the older protocol, which is listened to
                    async with http.stream("GET", self.url, headers={"Accept": "text/event-stream"}) as answer:
                        status = answer.status_code
        except ConveneError:
            raise
        except TimeoutError:
            raise McpFailed(self.url, text("engine.sign_in.too_slow"), text("engine.sign_in.try_again")) from None
        except Exception as mistake:
            # The texts of the servers may hold what is secret.
            failed = text("engine.sign_in.failed", mistake=type(mistake).__name__)
            raise McpFailed(self.url, failed, text("engine.sign_in.failed.remedy")) from None
        if status in (401, 403):
            raise McpFailed(self.url, text("engine.sign_in.no_access", status=status), text("engine.sign_in.no_access.remedy"))
        if not addressed.done():
            raise McpFailed(self.url, text("engine.sign_in.not_wanted"), text("engine.sign_in.not_wanted.remedy"))


def _looked_at(task: asyncio.Task[None]) -> None:
    """Nobody may wait for an attempt any more: how it ended is no news then."""
    if not task.cancelled():
        task.exception()


# The SDK's provider, with what outlives a process -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Kinds:
    Provider: Any
    Kept: Any


@cache
def _kinds() -> _Kinds:
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
                    await self.led.check(str(outgoing.url))
                    outgoing = await flow.asend((yield outgoing))
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

    return _Kinds(Provider, Kept)


def _dumped(metadata: Any) -> dict[str, Any] | None:
    return None if metadata is None else metadata.model_dump(mode="json", exclude_none=True)
