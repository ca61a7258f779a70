"""Requests over the connections of an aiohttp session, without what the session itself looks into at every request.

Cookies, redirects, proxies, tracing, middlewares and a limit of the whole time have no part in asking a model, and the headers are the
same each time; what is left is half of the time. It stands on parts of aiohttp that are not written down for users: with versions that
this was not tried with, the session sends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from studio.engine.models.prompt_writing import request_class

if TYPE_CHECKING:
    from aiohttp import ClientRequest, ClientResponse, ClientSession, ClientTimeout
    from aiohttp.connector import Connection
    from aiohttp.helpers import TimerNoop
    from multidict import CIMultiDict
    from yarl import URL

TRIED = "3.14."
"""How the versions of aiohttp begin that this was tried with."""


@cache
def are_possible() -> bool:
    """Whether the aiohttp that is installed is one that this was tried with."""
    import aiohttp

    return aiohttp.__version__.startswith(TRIED)


def all_headers(session: ClientSession, url: URL, headers: Mapping[str, str]) -> CIMultiDict[str]:
    """Everything that a session sends with a request of one's own headers, but for the length of its body."""
    from multidict import CIMultiDict

    merged = CIMultiDict(session.headers)
    merged.update(headers)
    sent = request_class()("POST", url, headers=merged, data=b"", session=session).headers.copy()
    del sent["Content-Length"]
    return sent


async def posted(session: ClientSession, url: URL, headers: CIMultiDict[str], timeout: ClientTimeout, body: bytes) -> ClientResponse:
    """What `session.post` gives, without redirects. `headers` are those of `all_headers`. Raises what aiohttp raises."""
    from aiohttp import ClientError, ClientOSError, ConnectionTimeoutError

    if (connector := session.connector) is None:
        raise RuntimeError("Session is closed")
    timer = _no_timer()
    request = _direct_request()(
        "POST", url, headers=headers.copy(), data=body, timer=timer, session=session, loop=asyncio.get_running_loop()
    )
    try:
        try:
            connection = await connector.connect(request, traces=[], timeout=timeout)
        except TimeoutError as error:
            raise ConnectionTimeoutError(f"Connection timeout to host {url}") from error
        protocol = connection.protocol
        assert protocol is not None
        protocol.set_response_params(timer=timer, read_until_eof=True, read_timeout=timeout.sock_read)
        try:
            response = await request.send(connection)
            try:
                return await _begun(response, connection, timeout.sock_read)
            except BaseException:
                response.close()
                raise
        except BaseException:
            connection.close()
            raise
    except ClientError:
        raise
    except OSError as error:
        if error.errno is None and isinstance(error, TimeoutError):
            raise
        raise ClientOSError(*error.args) from error


async def _begun(response: ClientResponse, connection: Connection, patience: float | None) -> ClientResponse:
    """The response with its head. aiohttp waits for ever for a server that takes no more of a long body; here it has to move."""
    transport = connection.transport
    if patience is None or transport is None or not transport.get_write_buffer_size():
        return await response.start(connection)
    loop = asyncio.get_running_loop()

    def look(left: int) -> None:
        now = transport.get_write_buffer_size()
        if now >= left:
            limit.reschedule(loop.time())
        elif now:
            looks.append(loop.call_later(patience, look, now))

    looks = [loop.call_later(patience, look, transport.get_write_buffer_size())]
    try:
        async with asyncio.timeout(None) as limit:
            return await response.start(connection)
    finally:
        looks[-1].cancel()


@cache
def _direct_request() -> type[ClientRequest]:
    class DirectRequest(request_class()):  # type: ignore[misc]
        def update_headers(self, headers: Any) -> None:
            self.headers = headers

        def update_auto_headers(self, skip_auto_headers: object) -> None:
            pass

    return DirectRequest


@cache
def _no_timer() -> TimerNoop:
    from aiohttp.helpers import TimerNoop

    return TimerNoop()
