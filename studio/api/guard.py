"""The door of the studio, around every request and every WebSocket: Host, Origin, session, size, and what browsers may do."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.api.attachments import MAX_UPLOAD
from studio.api.bodies import TooLarge, bounded
from studio.api.changes import MAX_CHANGES
from studio.api.door import door_page
from studio.api.policy import PagePolicy
from studio.api.session import COOKIE_SECONDS, Sessions
from studio.engine.documents.document import LARGEST
from studio.formats.recognise import MAX_FILE
from studio.texts import text

SHARES = "/share/"
"""Where the flows lie that are open to others, behind a gate of their own that knows nothing of the studio's session."""

SIGN_IN_BACK = "/api/sign-in/back"
"""Where browsers come back to from the page of a server at which a person signs in."""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
SAFE_METHODS = frozenset({"GET", "HEAD"})
MAX_BODY = 1_000_000
"""Bytes that a request may carry, but for the routes that say otherwise."""

BODY_LIMITS = {
    "/api/import": MAX_FILE,
    "/api/attachments": MAX_UPLOAD + 100_000,
    "/api/documents": LARGEST + 100_000,
    "/api/changes": MAX_CHANGES,
}
"""Where files are sent; what is a little too large comes through, so that its route says so in words of its own."""

_ON_EVERYTHING = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_RUNS_SCRIPTS = ("text/html", "text/javascript", "application/javascript")


@dataclass
class Guard:
    """Lets a request through to `app` only if it comes from a page of this studio, or carries the token.

    `hosts` are the names that a Host header may hold, without ports (loopback is always among them, and the address that the
    request came to). An Origin must be
    exactly the address that the request was sent to, which makes a list of ports needless. What is below `SHARES` is left to `shared`.
    """

    app: ASGIApp
    sessions: Sessions
    hosts: Iterable[str] = ()
    policy: PagePolicy = field(default_factory=PagePolicy)
    shared: ASGIApp | None = None

    def __post_init__(self) -> None:
        self._hosts = LOOPBACK | {host.lower().strip("[]") for host in self.hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        if self.shared is not None and scope["path"].startswith(SHARES):
            await self.shared(scope, receive, send)
            return
        headers = Headers(scope=scope)
        send = self._with_headers(scope, headers, send)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _refuse(refusal, scope, receive, send)
        elif scope["type"] == "websocket":
            await self.app(scope, receive, send)
        else:
            await self._bounded(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """What to answer instead of letting the request through; None lets it through."""
        hosts = headers.getlist("host")
        if not is_ours(hosts, self._hosts, scope):
            return PlainTextResponse(text("auth.wrong_host", host=hosts[0][:200] if hosts else ""), 421)
        websocket = scope["type"] == "websocket"
        if not websocket and scope["path"] == SIGN_IN_BACK and scope["method"] == "GET":
            return None  # comes from another site, which no strict cookie does; the state that it brings is what counts
        bearer = self._has_bearer(headers)
        # Browsers send an Origin with every handshake and every change; only a program with the token may leave it out.
        required = websocket or (scope["method"] not in SAFE_METHODS and not bearer)
        if not origin_fits(headers.getlist("origin"), hosts[0], required=required):
            return PlainTextResponse(text("auth.wrong_origin"), 403)
        if bearer or self._has_cookie(scope, headers):
            tidy = not websocket and scope["method"] == "GET" and _auth_of(scope) is not None
            return RedirectResponse(_without_auth(scope), 303) if tidy else None
        if websocket:
            return PlainTextResponse(text("auth.needed"), 401)
        token = _auth_of(scope) if scope["method"] == "GET" else None
        if token and self.sessions.accepts(token):
            return self._welcome(scope)
        if _is_page(headers):
            return HTMLResponse(door_page(_without_auth(scope), wrong=bool(token)), 401)
        return PlainTextResponse(text("auth.needed"), 401)

    def _welcome(self, scope: Scope) -> Response:
        response = RedirectResponse(_without_auth(scope), 303)
        response.set_cookie(
            _cookie_name(scope), self.sessions.new_cookie(), max_age=COOKIE_SECONDS, httponly=True, samesite="strict", path="/",
            secure=scope.get("scheme") == "https",
        )  # fmt: skip
        return response

    def _has_bearer(self, headers: Headers) -> bool:
        kind, _, token = headers.get("authorization", "").partition(" ")
        return kind.lower() == "bearer" and self.sessions.is_token(token.strip())

    def _has_cookie(self, scope: Scope, headers: Headers) -> bool:
        cookies = (cookie_parser(header).get(_cookie_name(scope)) for header in headers.getlist("cookie"))
        return any(cookie is not None and self.sessions.accepts_cookie(cookie) for cookie in cookies)

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = BODY_LIMITS.get(scope["path"], MAX_BODY)
        try:
            await bounded(self.app, scope, receive, send, limit)
        except TooLarge:
            await PlainTextResponse(text("api.too_large", megabytes=f"{limit / 1e6:.0f}"), 413)(scope, receive, send)

    def _with_headers(self, scope: Scope, request: Headers, send: Send) -> Send:
        async def with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                headers = MutableHeaders(scope=message)
                for name, value in _ON_EVERYTHING.items():
                    headers[name] = value
                # "Not modified" names no type, and its headers would replace those of the page that the browser kept.
                if message["status"] != 304:
                    scripts = headers.get("content-type", "").startswith(_RUNS_SCRIPTS)
                    page, data = self.policy.for_page(request.get("host", "")), self.policy.for_data()
                    headers["Content-Security-Policy"] = page if scripts else data
                # An asset's name holds its hash; everything else may change with the next start.
                immutable = message["status"] in (200, 304) and scope["path"].startswith("/assets/")
                headers["Cache-Control"] = "private, max-age=31536000, immutable" if immutable else "private, no-cache"
            await send(message)

        return with_headers


async def _refuse(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        # Closing a handshake that was not accepted is the server's 403.
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    await response(scope, receive, send)


def host_name(host: str) -> str:
    """The name in a Host header, without its port and brackets; empty for what is no host."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".") if "@" not in host and "/" not in host else ""
    except ValueError:
        return ""


def is_ours(hosts: list[str], known: Collection[str], scope: Scope) -> bool:
    """Whether a request names one host that is among `known`, or the very address that it came to: no name of a stranger is that."""
    name = host_name(hosts[0]) if len(hosts) == 1 else ""
    if name in known:
        return True
    try:
        return _address(name) == _address((scope.get("server") or ("",))[0])
    except ValueError:
        return False


def _address(written: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    found = ipaddress.ip_address(written.partition("%")[0])
    return getattr(found, "ipv4_mapped", None) or found


def origin_fits(origins: list[str], host: str, *, required: bool) -> bool:
    """Whether an Origin header is exactly the address that the request was sent to; without one, whether it may be missing."""
    if not origins:
        return not required
    if len(origins) > 1:
        return False
    try:
        parts = urlsplit(origins[0])
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower() and not parts.path


def _cookie_name(scope: Scope) -> str:
    """Cookies are shared by all ports of a host: each studio has its own by the port that it listens on."""
    server = scope.get("server") or ("", 0)
    return f"convene-{server[1] or 0}"


def _auth_of(scope: Scope) -> str | None:
    query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    return next((value for name, value in query if name == "auth"), None)


def _without_auth(scope: Scope) -> str:
    """The path that was asked for, on this very host (never `//elsewhere`), without the token."""
    query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    rest = urlencode([(name, value) for name, value in query if name != "auth"])
    path = quote("/" + scope["path"].lstrip("/\\"))
    return f"{path}?{rest}" if rest else path


def _is_page(headers: Headers) -> bool:
    return "text/html" in headers.get("accept", "")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens on `host`."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
