"""Sending a ready body to a model server, in two ways: straight over aiohttp, or through the SDK's own `post()`.

Both send what the SDK says about itself and the key, and both give an answer as bytes. The straight one spares each request the layers
between the SDK and the socket, which take three times as long as sending it does; the SDK's is for addresses behind a proxy.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from studio.engine.models import direct_requests
from studio.texts import text

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession, ClientTimeout
    from multidict import CIMultiDict
    from openai import AsyncOpenAI, AsyncStream
    from yarl import URL

    from studio.engine.models.connections import Reach

LOOPBACK = re.compile(r"^https?://(?:localhost|127\.|\[::1\])", re.IGNORECASE)

LARGEST_REFUSAL = 1024 * 1024
"""Bytes of a refusal that are read for the server's words."""

REST = 0.02
"""Seconds in which a server that said its last word may end the answer, so that the connection can be used again."""


class Refusal(Exception):
    """A server answered with a status that is no success. `body` is the error in its JSON, None for none; `told` is what else it said."""

    def __init__(self, response: ClientResponse, said: bytes) -> None:
        super().__init__(f"status {response.status}")
        self.response = response
        self.status = response.status
        self.body: Any = None
        try:
            self.body = json.loads(said)
            self.told = text("engine.model.error_code", status=self.status)
        except (ValueError, RecursionError):
            self.told = said.decode("utf-8", "replace").strip() or text("engine.model.error_code", status=self.status)
        if isinstance(self.body, dict):
            self.body = self.body.get("error", self.body)


class Answering(Protocol):
    """An answer whose head has come, and with it a success."""

    content_type: str

    async def piece(self) -> bytes:
        """Its next bytes, as they come; none at its end."""
        ...

    async def close(self) -> None: ...


def behind_proxy(base_url: str) -> bool:
    """Whether this machine's settings send requests for an address through a proxy."""
    if LOOPBACK.match(base_url):
        return False
    import urllib.request

    with contextlib.suppress(ValueError):  # an address that is none is refused when it is asked
        parts = urlsplit(base_url)
        if urllib.request.getproxies().keys() & {parts.scheme, "all"}:
            return not urllib.request.proxy_bypass(parts.hostname or "")
    return False


# Straight -----------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Head:
    """What is the same for every request of a model: where it goes, its headers beside the session's, its time limits.

    `all_headers` are those of a session too, once they are known; None until then, and where the session sends.
    """

    url: URL
    headers: Mapping[str, str]
    timeout: ClientTimeout
    all_headers: CIMultiDict[str] | None = None

    @classmethod
    def of(cls, reach: Reach, timeout: float) -> Head:
        """`timeout` is in seconds without a word from the server. Raises UnicodeEncodeError for a key that no header can hold."""
        from aiohttp import ClientTimeout
        from yarl import URL

        for value in reach.headers.values():
            value.encode("ascii")
        url = URL(f"{reach.base_url}{reach.chat}").update_query({name: str(value) for name, value in reach.query.items()})
        return cls(url, reach.headers, ClientTimeout(total=None, connect=timeout, sock_connect=timeout, sock_read=timeout))


def sdk_headers(sdk: AsyncOpenAI) -> Mapping[str, str]:
    """What the SDK says about itself with every request, without a key. Raises UnicodeEncodeError for what no header can hold."""
    headers = {name: value for name, value in sdk.default_headers.items() if isinstance(value, str) and name.lower() != "authorization"}
    for value in headers.values():
        value.encode("ascii")
    return headers


@dataclass(slots=True)
class StraightAnswer:
    """An answer that comes from aiohttp itself."""

    response: ClientResponse
    content_type: str

    async def piece(self) -> bytes:
        return await self.response.content.readany()

    async def close(self) -> None:
        if self.response.closed:  # its end was read, and its connection is free again
            return
        content = self.response.content
        if content.exception() is None and not content.at_eof():
            with contextlib.suppress(Exception):
                async with asyncio.timeout(REST):
                    await content.readany()
        if content.at_eof():
            self.response.release()
        else:
            self.response.close()


async def post_straight(session: ClientSession, head: Head, body: bytes) -> StraightAnswer:
    """Raises Refusal, and what aiohttp raises."""
    if head.all_headers is None and direct_requests.are_possible() and not (head.url.raw_user or head.url.raw_password):
        head.all_headers = direct_requests.all_headers(session, head.url, head.headers)
    if head.all_headers is not None:
        response = await direct_requests.posted(session, head.url, head.all_headers, head.timeout, body)
    else:
        response = await session.post(head.url, data=body, headers=head.headers, timeout=head.timeout, allow_redirects=False)
    if response.status < 300:
        return StraightAnswer(response, response.headers.get("Content-Type", ""))
    try:
        raise Refusal(response, await _said(response))
    finally:
        response.close()


async def _said(response: ClientResponse) -> bytes:
    said = bytearray()
    with contextlib.suppress(Exception):  # a refusal is one, however much of it can be read
        while len(said) <= LARGEST_REFUSAL and (piece := await response.content.readany()):
            said += piece
    return bytes(said)


# Through the SDK ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class SdkAnswer:
    """An answer that comes from the SDK's client."""

    stream: AsyncStream[object]
    content_type: str
    bytes_left: AsyncIterator[bytes]

    async def piece(self) -> bytes:
        return await anext(self.bytes_left, b"")

    async def close(self) -> None:
        await self.stream.close()


async def post_through_sdk(sdk: AsyncOpenAI, reach: Reach, timeout: float, body: bytes) -> SdkAnswer:
    """Raises what the SDK raises."""
    from openai import AsyncStream, Omit, Timeout

    # The SDK's create() looks into every message of the history at every call; post() with ready bytes does not.
    stream = await sdk.post(
        reach.chat,
        content=body,
        cast_to=object,
        stream=True,
        stream_cls=AsyncStream[object],
        options={"timeout": Timeout(timeout), "headers": {"Authorization": Omit(), **reach.headers}, "params": reach.query},
    )
    return SdkAnswer(stream, stream.response.headers.get("content-type", ""), stream.response.aiter_bytes())
