"""Requests that go past aiohttp's session: the same bytes, the same answers and the same failures as with it."""

from __future__ import annotations

import asyncio
import socket

import pytest
from asking import KEY, ask, task
from patience import within
from scripted_server import Answer, Asked, Write, always, reply, scripted

from studio.engine.errors import ModelError
from studio.engine.models import connections, direct_requests
from studio.engine.models.base import Account
from studio.engine.models.openai_client import OpenAIClient
from studio.engine.models.openai_model import OpenAIModel

STREAM = b"".join(
    (
        b'data: {"choices": [{"index": 0, "delta": {"content": "Hello"}, "finish_reason": null}]}\n\n',
        b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\n',
        b"data: [DONE]\n\n",
    )
)


def client(port: int, timeout: float = 5.0) -> OpenAIClient:
    model = OpenAIModel(model="m", account="lab", retries=0, timeout=timeout)
    return OpenAIClient(model, Account("lab", f"http://127.0.0.1:{port}/v1", KEY), way="straight")


@pytest.fixture(params=["direct", "session"])
def each(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(direct_requests, "are_possible", lambda: request.param == "direct")
    monkeypatch.setattr(connections, "LINGERS", 0.0)
    way: str = request.param
    return way


async def test_a_request_has_the_same_headers_and_body_as_the_sessions(monkeypatch: pytest.MonkeyPatch):
    async with scripted(always(reply(STREAM, content_type="text/event-stream", Connection="close"))) as server:
        for possible in (True, False):
            monkeypatch.setattr(direct_requests, "are_possible", lambda possible=possible: possible)
            asking = client(server.port)
            assert (await ask(asking, task())).reply.text == "Hello"
            await asking.close()
    direct, through_session = server.asked
    assert list(direct.headers.items()) == list(through_session.headers.items())
    assert direct == through_session


async def test_the_installed_aiohttp_is_one_that_direct_requests_were_tried_with():
    assert direct_requests.are_possible()


async def silent(_: Asked, write: Write) -> None:
    await asyncio.Event().wait()


async def half_a_head(_: Asked, write: Write) -> None:
    await write(b"HTTP/1.1 200 OK\r\nContent-Ty")


async def half_an_answer(_: Asked, write: Write) -> None:
    await write(reply(STREAM, content_type="text/event-stream")[:-60])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (always(reply('{"error": {"message": "no such luck"}}', "500 Oh", "application/json")), "no such luck"),
        (always(reply("", "302 Elsewhere", Location="http://127.0.0.1:1/")), "elsewhere"),
        (always(b"I speak no HTTP\r\n\r\n"), "127.0.0.1"),
        (half_a_head, "127.0.0.1"),
        (half_an_answer, "127.0.0.1"),
    ],
    ids=["500", "302", "no HTTP", "half a head", "half an answer"],
)
async def test_what_a_server_does_wrong_is_told_either_way(answer: Answer, words: str, each: str):
    async with scripted(answer) as server, asyncio.timeout(within(5)):
        asking = client(server.port)
        with pytest.raises(ModelError, match=words):
            await ask(asking, task())
        await asking.close()


async def test_a_server_that_says_nothing_is_given_up_either_way(each: str):
    async with scripted(silent) as server, asyncio.timeout(within(5)):
        asking = client(server.port, timeout=0.05)
        with pytest.raises(ModelError, match=r"0\.05|in time|said nothing|seconds"):
            await ask(asking, task())
        await asking.close()


async def test_a_server_that_takes_no_more_of_a_long_request_is_given_up():
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()  # the kernel takes what fits into its buffers, and nobody reads it
        asking = client(deaf.getsockname()[1], timeout=0.2)
        async with asyncio.timeout(within(5)):
            with pytest.raises(ModelError, match="said nothing"):
                await ask(asking, task("x" * 30_000_000))
        await asking.close()


async def test_nobody_at_the_address_is_told_either_way(each: str):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        asking = client(unused.getsockname()[1])
        with pytest.raises(ModelError, match=r"127\.0\.0\.1"):
            await ask(asking, task())
        await asking.close()


async def test_a_request_that_is_broken_off_leaves_no_connection_open_either_way(each: str):
    arrived = asyncio.Event()

    async def never(_: Asked, write: Write) -> None:
        arrived.set()
        await asyncio.Event().wait()

    async with scripted(never) as server, asyncio.timeout(within(5)):
        asking = client(server.port)
        asked = asyncio.create_task(ask(asking, task()))
        await arrived.wait()
        asked.cancel()
        await asyncio.wait((asked,))
        session = asking._connection.at_hand()
        assert session is not None
        assert session.connector is not None
        assert not session.connector._acquired
        await asking.close()
