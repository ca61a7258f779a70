"""Signing in at a server of tools from the command line: the address is printed, and the browser comes back to a port of this machine."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from studio.engine.errors import ConveneError
from studio.engine.tools.mcp_errors import McpFailed
from studio.engine.tools.mcp_sign_in import LONGEST_ATTEMPT
from studio.texts import text

if TYPE_CHECKING:
    from studio.library.sign_ins import ServerSignIns

LONGEST_LINE = 16_000
"""Bytes of a request's first line."""

PATIENCE = 10.0
"""Seconds for a browser to say what it wants."""


async def sign_in_here(sign_ins: ServerSignIns, url: str, tell: Callable[[str], None]) -> None:
    """Tell a person where to sign in, and wait until they did. Raises McpFailed."""
    came: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(PATIENCE):
                line = (await reader.readuntil(b"\n")).decode("latin-1").split(" ")
            if line[0] == "GET" and len(line) > 1 and urlsplit(line[1]).path == "/back":
                said, status = await _taken(sign_ins, url, line[1], came)
            else:
                said, status = text("sign_in.unknown"), "404 Not Found"
            body = said.encode()
            head = ("Content-Type: text/plain; charset=utf-8", f"Content-Length: {len(body)}", "Connection: close", "", "")
            writer.write("\r\n".join((f"HTTP/1.1 {status}", *head)).encode() + body)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(receive, "127.0.0.1", 0, limit=LONGEST_LINE)
    async with server:
        port = server.sockets[0].getsockname()[1]
        attempt = await sign_ins.begin(url, f"http://127.0.0.1:{port}/back")
        tell(text("cli.sign_in", where=url, address=attempt.address))
        try:
            await asyncio.wait_for(came, LONGEST_ATTEMPT)
        except TimeoutError:
            attempt.refuse(text("cli.sign_in.nobody_came"))
            raise McpFailed(url, text("engine.sign_in.too_slow"), text("engine.sign_in.try_again")) from None
    tell(text("cli.sign_in.done", where=url))


async def _taken(sign_ins: ServerSignIns, url: str, target: str, came: asyncio.Future[None]) -> tuple[str, str]:
    """What the browser is told of what it brought back; whoever waits for it knows as soon as it is known."""
    given = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
    from studio.library.sign_ins import NoSuchAttempt

    try:
        await sign_ins.back(given.get("code", ""), given.get("state", ""), given.get("iss"), given.get("error", ""))
    except NoSuchAttempt as mistake:
        return str(mistake), "400 Bad Request"
    except ConveneError as mistake:
        if not came.done():
            came.set_exception(mistake)
        return str(mistake), "400 Bad Request"
    if not came.done():
        came.set_result(None)
    return f"{text('sign_in.done', where=url)} {text('sign_in.done.remedy')}", "200 OK"
