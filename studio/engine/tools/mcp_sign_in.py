"""A person signing in at an MCP server that asks for it, by OAuth in the browser: one attempt, and where it is kept how it went."""

from __future__ import annotations

import asyncio
import importlib.util
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from studio.engine.errors import ConveneError
from studio.engine.tools.mcp_errors import McpFailed, McpMissing
from studio.engine.tools.mcp_led import Led
from studio.engine.tools.mcp_token import oauth_kinds
from studio.texts import text

LONGEST_ATTEMPT = 600.0
"""Seconds that a person may take to sign in."""

LONGEST_STEP = 60.0
"""Seconds for what servers are asked before and after that."""

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

        kinds = await asyncio.to_thread(oauth_kinds)  # the SDK takes a second to import
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
