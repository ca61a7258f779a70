"""The only way out of an agent's browser: a proxy on this machine that connects to nothing but addresses that were checked.

Navigations, redirects, parts of pages, downloads and WebSockets all pass it, so that one rule holds for each of them.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
from collections.abc import AsyncIterator, Sequence

from studio.engine.errors import ConveneError
from studio.engine.tools.addresses import WebAddress, read_address
from studio.engine.tools.own_functions import CallFailed
from studio.engine.tools.web import Lookup, Reach, WebFailed, checked_ips, system_lookup
from studio.texts import text

USER = "convene"
MAX_HEAD = 64 * 1024
"""Bytes of the head of a request."""
MAX_TRAFFIC = 500_000_000
"""Bytes that a browser may receive in a run."""
MAX_CONNECTIONS = 200
"""Connections at the same time."""
CONNECTING = 10.0
"""Seconds for reaching a server, and for saying what is wanted."""
IDLE = 120.0
"""Seconds without a byte before a connection is ended."""
MAX_REFUSALS = 50
OWN_SERVICES = frozenset(
    {
        *("content-autofill.googleapis.com", "optimizationguide-pa.googleapis.com", "safebrowsing.googleapis.com"),
        *("update.googleapis.com", "clients2.google.com", "clientservices.googleapis.com", "android.clients.google.com"),
    }
)
"""Whom Chromium itself asks, for no page: it has no need to, and nobody is told of it."""

_CHUNK = 64 * 1024
_DROPPED = ("proxy-", "connection:", "keep-alive:")


class GuardedProxy:
    """A proxy for one browser, who alone knows its password.

    `refused` are sentences about what it may not connect to, `failure` is the last about what it could not.
    """

    def __init__(self, reach: Reach, lookup: Lookup = system_lookup) -> None:
        self.reach = reach
        self.lookup = lookup
        self.password = secrets.token_urlsafe(24)
        self.port = 0
        self.received = 0
        self.refused: list[str] = []
        self.failure = ""
        self._busy: set[asyncio.Task[None]] = set()
        self._login = "Basic " + base64.b64encode(f"{USER}:{self.password}".encode()).decode()

    @contextlib.asynccontextmanager
    async def served(self) -> AsyncIterator[GuardedProxy]:
        """Listens on a port of its own of the loopback address; what is connected then is cut at the end. Raises OSError."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=MAX_HEAD)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in (busy := list(self._busy)):
                task.cancel()
            await asyncio.gather(*busy, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._busy) >= MAX_CONNECTIONS:
            writer.close()
            return
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                async with asyncio.timeout(CONNECTING):
                    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                await self._forward(head, reader, writer)
        finally:
            writer.close()

    async def _forward(self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *headers = head.removesuffix("\r\n\r\n").split("\r\n")
        method, _, rest = first.partition(" ")
        target = rest.rpartition(" ")[0]
        logins = [line.partition(":")[2].strip() for line in headers if line.lower().startswith("proxy-authorization:")]
        if not any(secrets.compare_digest(login.encode(), self._login.encode()) for login in logins):
            await _answer(writer, "407 Proxy Authentication Required", "", 'Proxy-Authenticate: Basic realm="convene"\r\n')
            return
        tunnel = method == "CONNECT"
        try:
            address = read_address(f"https://{target}/" if tunnel else target)
            if address.host in OWN_SERVICES:
                await _answer(writer, "403 Forbidden", "")
                return
            there, back = await self._connected(address)
        except ConveneError as mistake:
            if isinstance(mistake, WebFailed):
                self.failure = str(mistake)
            elif len(self.refused) < MAX_REFUSALS:
                self.refused.append(str(mistake))
            await _answer(writer, "502 Bad Gateway" if isinstance(mistake, WebFailed) else "403 Forbidden", str(mistake))
            return
        try:
            if tunnel:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                kept = [line for line in headers if not line.lower().startswith(_DROPPED)]
                # One request a connection: a second one could be meant for another host, and would go to this one.
                plain = "\r\n".join((f"{method} {address.target} HTTP/1.1", *kept, "Connection: close", "", ""))
                back.write(plain.encode("latin-1"))
            await self._joined(reader, writer, there, back)
        finally:
            back.close()

    async def _connected(self, address: WebAddress) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to one of the addresses of a host, all of which were checked. Raises AddressRefused, WebFailed and CallFailed."""
        if self.received > MAX_TRAFFIC:
            raise CallFailed(f"The browser has received {MAX_TRAFFIC // 1_000_000} MB in this run, which is all that it may.")
        self.reach.check_host(address)
        ips = await checked_ips(address, self.reach, self.lookup)
        try:
            async with asyncio.timeout(CONNECTING):
                return await _first(ips, address.port)
        except (OSError, TimeoutError):
            raise WebFailed(text("engine.web.nothing_answers", host=address.shown_host)) from None

    async def _joined(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        there: asyncio.StreamReader,
        back: asyncio.StreamWriter,
    ) -> None:
        """Hand on what both say until one of them has said all, or nobody says anything."""
        both = [asyncio.ensure_future(self._piped(reader, back, False)), asyncio.ensure_future(self._piped(there, writer, True))]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in both:
                each.cancel()
            await asyncio.gather(*both, return_exceptions=True)

    async def _piped(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, counted: bool) -> None:
        while data := await asyncio.wait_for(reader.read(_CHUNK), IDLE):
            if counted:
                self.received += len(data)
                if self.received > MAX_TRAFFIC:
                    return
            writer.write(data)
            await writer.drain()


async def _first(ips: Sequence[str], port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    trouble: OSError | None = None
    for ip in ips:
        try:
            return await asyncio.open_connection(ip, port)
        except OSError as mistake:
            trouble = mistake
    raise trouble or OSError("no address")


async def _answer(writer: asyncio.StreamWriter, status: str, said: str, header: str = "") -> None:
    body = said.encode()
    head = (
        f"HTTP/1.1 {status}\r\n{header}Content-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
