"""The proxy of an agent's browser: who may use it, and where it connects to."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence

import pytest
from scripted_server import always, reply, scripted

from studio.engine.tools.browser_proxy import USER, GuardedProxy
from studio.engine.tools.web import Reach


async def told(proxy: GuardedProxy, head: str, login: bool = True, more: bytes = b"") -> str:
    """What the proxy answers to a request, until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    word = base64.b64encode(f"{USER}:{proxy.password}".encode()).decode()
    lines = [head, *([f"Proxy-Authorization: Basic {word}"] if login else []), "Proxy-Connection: keep-alive", "", ""]
    writer.write("\r\n".join(lines).encode() + more)
    answer = await reader.read()
    writer.close()
    return answer.decode()


async def test_a_request_is_handed_on_without_what_is_the_proxys() -> None:
    async with scripted(always(reply("hello"))) as server, GuardedProxy(server.reach).served() as proxy:
        assert (await told(proxy, f"GET {server.url}/a?b=1 HTTP/1.1")).endswith("hello")
        (asked,) = server.asked
        assert (asked.method, asked.target) == ("GET", "/a?b=1")
        assert not [name for name in asked.headers if name.startswith("proxy-")]
        assert asked.headers["connection"] == "close"


async def test_a_tunnel_is_joined_after_the_same_check() -> None:
    async with scripted(always(reply("through"))) as server, GuardedProxy(server.reach).served() as proxy:
        answer = await told(proxy, f"CONNECT {server.host} HTTP/1.1", more=b"GET /t HTTP/1.1\r\n\r\n")
        assert answer.startswith("HTTP/1.1 200 ")
        assert answer.endswith("through")


async def test_nobody_else_on_the_machine_can_use_it() -> None:
    async with scripted(always(reply("hello"))) as server, GuardedProxy(server.reach).served() as proxy:
        assert (await told(proxy, f"GET {server.url}/ HTTP/1.1", login=False)).startswith("HTTP/1.1 407 ")
        assert (await told(proxy, f"CONNECT {server.host} HTTP/1.1", login=False)).startswith("HTTP/1.1 407 ")
        assert server.asked == []


@pytest.mark.parametrize(
    "target",
    [
        "127.0.0.1:{port}",
        "localhost:{port}",
        "[::1]:{port}",
        "[::ffff:127.0.0.1]:{port}",
        "0.0.0.0:{port}",
        "169.254.169.254:80",
        "10.0.0.1:80",
    ],
)
async def test_what_is_private_is_not_connected_to(target: str) -> None:
    async with scripted(always(reply("hello"))) as server, GuardedProxy(Reach()).served() as proxy:
        where = target.format(port=server.port)
        for head in (f"GET http://{where}/ HTTP/1.1", f"CONNECT {where} HTTP/1.1"):
            assert (await told(proxy, head)).startswith("HTTP/1.1 403 "), head
        assert server.asked == []
        assert len(proxy.refused) == 2


async def test_a_name_is_looked_up_once_and_all_its_addresses_are_checked() -> None:
    answers: list[Sequence[str]] = [["93.184.215.14", "127.0.0.1"], ["10.0.0.1"]]

    async def lookup(host: str, port: int) -> Sequence[str]:
        return answers.pop(0)

    async with GuardedProxy(Reach(), lookup).served() as proxy:
        for _ in range(2):
            assert "this tool does not connect to it" in await told(proxy, "GET http://rebound.example/ HTTP/1.1")
    assert answers == []


@pytest.mark.parametrize(
    "head", ["", "GET", "GET / HTTP/1.1", "CONNECT HTTP/1.1", "CONNECT a b c HTTP/1.1", "GET file:///etc/passwd HTTP/1.1", "\0\1"]
)
async def test_what_is_no_request_of_the_web_is_refused(head: str) -> None:
    async with GuardedProxy(Reach()).served() as proxy:
        assert (await told(proxy, head)).startswith("HTTP/1.1 403 ")


async def test_what_is_not_there_is_a_sentence() -> None:
    async def nowhere(host: str, port: int) -> Sequence[str]:
        raise OSError

    async with GuardedProxy(Reach(), nowhere).served() as proxy:
        assert (await told(proxy, "GET http://missing.example/ HTTP/1.1")).startswith("HTTP/1.1 502 ")
        assert proxy.failure == "There is no host missing.example."
        assert proxy.refused == []
