"""The gate in front of everything that guests reach: Host, Origin, token, size, and what browsers may do with the answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.api.bodies import TooLarge, bounded
from studio.api.guard import LOOPBACK, is_ours, origin_fits
from studio.library.shares import ShareMissing
from studio.serving.answers import refusal
from studio.serving.door import Door, Pace
from studio.serving.errors import GuestRefused
from studio.serving.pages import FILES

MAX_BODY = 2_000_000
"""Bytes that a guest may send at once."""

OPEN = frozenset({"/", "/docs", "/openapi.json", "/health", *(f"/{name}" for name in FILES)})
"""What holds nothing of the flow and is there for everybody: the pages, which ask for the token."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
_ALLOWED_HEADERS = "Authorization, Content-Type, Last-Event-ID, X-Conversation-ID, Mcp-Protocol-Version, Mcp-Session-Id"

Found = Callable[[str], Awaitable[tuple[Door, Pace]]]
"""The door behind an address (the part of the path before what is asked for). Raises ShareMissing."""


class Gate:
    """Lets requests with a door's token through to `app`, which finds the door in the scope under `door` and its pace under `pace`."""

    def __init__(self, app: ASGIApp, find: Found, hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._find = find
        self._hosts = LOOPBACK | {host.lower().strip("[]") for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`scope["root_path"]` is the address of the door."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return
        headers = Headers(scope=scope)
        origin = ""
        try:
            self._check_host(scope, headers)
            door, pace = await self._find(scope["root_path"])
            origin = self._foreign_origin(headers, door)
            send = _with_headers(send, origin)
            if scope["method"] == "OPTIONS":
                await _preflight(scope, receive, send, origin)
                return
            self._check_token(scope, headers, door, pace)
            await bounded(self._app, {**scope, "door": door, "pace": pace}, receive, send, MAX_BODY)
        except ShareMissing:
            await refusal(GuestRefused("closed"))(scope, receive, _with_headers(send, ""))
        except TooLarge:
            await refusal(GuestRefused("too_large", megabytes=MAX_BODY // 1_000_000))(scope, receive, send)
        except GuestRefused as refused:
            await refusal(refused)(scope, receive, send if origin else _with_headers(send, ""))

    def _check_host(self, scope: Scope, headers: Headers) -> None:
        if not is_ours(headers.getlist("host"), self._hosts, scope):
            raise GuestRefused("wrong_host")

    def _foreign_origin(self, headers: Headers, door: Door) -> str:
        """The other web site that calls, if it may; empty for none. Raises GuestRefused for one that may not."""
        origins = headers.getlist("origin")
        if origin_fits(origins, headers["host"], required=False):
            return ""
        if len(origins) == 1 and origins[0] in door.terms.origins:
            return origins[0]
        raise GuestRefused("wrong_origin")

    def _check_token(self, scope: Scope, headers: Headers, door: Door, pace: Pace) -> None:
        if _asked(scope) in OPEN and scope["method"] in ("GET", "HEAD"):
            return
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not door.opens_for(token.strip()):
            pace.wrong_token((scope.get("client") or ("",))[0])


def _asked(scope: Scope) -> str:
    """What is asked for, without the door's address."""
    return str(scope["path"]).removeprefix(scope["root_path"]) or "/"


async def _preflight(scope: Scope, receive: Receive, send: Send, origin: str) -> None:
    headers = {"Allow": "GET, POST, OPTIONS"}
    if origin:
        headers |= {
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
            "Access-Control-Max-Age": "600",
        }
    await Response(status_code=204, headers=headers)(scope, receive, send)


def _with_headers(send: Send, origin: str) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            page = headers.get("content-type", "").startswith(("text/html", "text/javascript"))
            headers["Content-Security-Policy"] = PAGE_POLICY if page else DATA_POLICY
            headers["Cross-Origin-Resource-Policy"] = "cross-origin" if origin else "same-origin"
            if origin:
                headers["Access-Control-Allow-Origin"] = origin
                headers["Access-Control-Expose-Headers"] = "X-Conversation-ID, Retry-After"
                headers.add_vary_header("Origin")
        await send(message)

    return with_headers
