"""Requests of tools to the web: pinned to the addresses that were checked, and bounded whatever a server does."""

from __future__ import annotations

import asyncio
import gzip
import time
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from patience import within
from scripted_server import Asked, Scripted, Write, always, reply, scripted, self_signed

from studio.engine.tools.addresses import AddressRefused
from studio.engine.tools.web import Reach, WebAnswer, WebFailed, WebRequest, fetch


async def get(server: Scripted, path: str = "/", **more: object) -> WebAnswer:
    return await fetch(WebRequest(server.url + path), server.reach, **more)  # type: ignore[arg-type]


async def test_an_allowed_host_answers() -> None:
    async with scripted(always(reply("hällo"))) as server:
        answer = await get(server, "/a?b=c")
    assert (answer.status, answer.text, answer.cut) == (200, "hällo", False)
    assert server.asked[0].target == "/a?b=c"
    assert server.asked[0].headers["host"] == server.host
    assert "cookie" not in server.asked[0].headers


async def test_without_being_allowed_loopback_is_not_even_connected_to() -> None:
    async with scripted(always(reply("secret"))) as server:
        with pytest.raises(AddressRefused, match="this machine"):
            await fetch(WebRequest(server.url), Reach())
        with pytest.raises(AddressRefused):
            await fetch(WebRequest(server.url), Reach(private_hosts=("127.0.0.1:1", "example.com")))
        with pytest.raises(AddressRefused):
            await fetch(WebRequest(server.url), Reach(hosts=("127.0.0.1",)))
    assert server.asked == []


async def test_a_name_is_looked_up_once_and_the_connection_goes_to_what_was_checked() -> None:
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    async with scripted(always(reply("here"))) as server:
        reach = Reach(private_hosts=("inner.example",))
        answer = await fetch(WebRequest(f"http://inner.example:{server.port}/"), reach, lookup=rebinding)
    assert answer.text == "here"
    assert asked == ["inner.example"]
    assert server.asked[0].headers["host"] == f"inner.example:{server.port}"


@pytest.mark.parametrize(
    "found", [["127.0.0.1"], ["93.184.215.14", "127.0.0.1"], ["::1"], ["::ffff:10.0.0.1"], ["fe80::1%eth0"], ["169.254.169.254"]]
)
async def test_a_public_name_that_leads_inside_is_refused(found: list[str]) -> None:
    async def lookup(host: str, port: int) -> Sequence[str]:
        return found

    with pytest.raises(AddressRefused, match="leads to"):
        await fetch(WebRequest("http://public.example/"), Reach(), lookup=lookup)


async def test_a_private_host_never_leads_to_a_metadata_service() -> None:
    async def lookup(host: str, port: int) -> Sequence[str]:
        return ["169.254.169.254"]

    with pytest.raises(AddressRefused, match=r"169\.254"):
        await fetch(WebRequest("http://inner.example/"), Reach(private_hosts=("inner.example",)), lookup=lookup)


async def test_proxies_of_this_machine_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with scripted(always(reply("direct"))) as server:
        assert (await get(server)).text == "direct"


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:1/",
        "http://localhost/",
        "http://[::1]/",
        "file:///etc/passwd",
        "http://2130706433/",
        "//169.254.169.254/",
        "http://a@b/",
    ],
)
async def test_a_redirect_is_checked_like_an_address(target: str) -> None:
    async with scripted(always(reply("", "302 Found", location=target))) as server:
        with pytest.raises(AddressRefused):
            await get(server)
    assert len(server.asked) == 1


async def test_redirects_are_followed_but_not_for_ever() -> None:
    async def answer(asked: Asked, write: Write) -> None:
        count = int(asked.target[1:])
        await write(reply("there") if count == 3 else reply("", "302 Found", location=f"/{count + 1}"))

    async with scripted(answer) as server:
        assert (await get(server, "/0")).text == "there"
        with pytest.raises(WebFailed, match="redirected more than 5 times"):
            await get(server, "/4")


async def test_a_secret_goes_to_the_first_origin_only() -> None:
    async with scripted(always(reply("end"))) as second:

        async def answer(asked: Asked, write: Write) -> None:
            await write(reply("", "307 Temporary Redirect", location=f"{second.url}/x" if asked.target == "/same" else "/same"))

        async with scripted(answer) as first:
            request = WebRequest(f"{first.url}/", "POST", {"X-Plain": "1"}, {"Authorization": "Bearer key"}, b"body")
            await fetch(request, Reach(private_hosts=(first.host, second.host)))
    assert [asked.headers.get("authorization") for asked in first.asked] == ["Bearer key", "Bearer key"]
    assert "authorization" not in second.asked[0].headers
    assert second.asked[0].headers["x-plain"] == "1"


async def test_a_post_that_is_sent_on_becomes_a_get_without_its_body() -> None:
    async def answer(asked: Asked, write: Write) -> None:
        await write(reply("done") if asked.target == "/done" else reply("", "303 See Other", location="/done"))

    async with scripted(answer) as server:
        await fetch(WebRequest(server.url, "POST", {"Content-Type": "application/json"}, body=b"{}"), server.reach)
    assert (server.asked[1].method, server.asked[1].body) == ("GET", b"")
    assert "content-type" not in server.asked[1].headers


async def test_an_endless_body_is_cut() -> None:
    async def endless(_: Asked, write: Write) -> None:
        await write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        while True:
            await write(b"x" * 65536)

    async with scripted(endless) as server:
        answer = await get(server, max_bytes=100_000)
    assert answer.cut
    assert len(answer.body) == 100_000


async def test_a_slow_drip_ends_with_the_time_limit() -> None:
    async def drip(_: Asked, write: Write) -> None:
        await write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        while True:
            await write(b"x")
            await asyncio.sleep(0.05)

    async with scripted(drip) as server:
        began = time.monotonic()
        with pytest.raises(WebFailed, match=r"took longer than 0\.4 s"):
            await get(server, timeout=0.4)
    assert time.monotonic() - began < within(1.4)


async def test_a_server_that_never_answers_ends_with_the_time_limit() -> None:
    async def silent(_: Asked, write: Write) -> None:
        await asyncio.sleep(60)

    async with scripted(silent) as server:
        with pytest.raises(WebFailed, match="took longer"):
            await get(server, timeout=0.3)


async def test_cancelling_closes_the_request_at_once() -> None:
    arrived = asyncio.Event()

    async def silent(_: Asked, write: Write) -> None:
        arrived.set()
        await asyncio.sleep(60)

    async with scripted(silent) as server:
        task = asyncio.create_task(get(server))
        await arrived.wait()
        began = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert time.monotonic() - began < within(1)


async def test_a_gzip_bomb_is_unpacked_only_to_the_limit() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    async with scripted(always(reply(bomb, content_encoding="gzip"))) as server:
        answer = await get(server, max_bytes=1_000_000)
    assert answer.cut
    assert len(answer.body) == 1_000_000


@pytest.mark.parametrize("packing", ["gzip", "deflate", "raw deflate"])
async def test_packed_answers_are_unpacked(packing: str) -> None:
    raw = zlib.compressobj(wbits=-15)
    body = {"gzip": gzip.compress(b"text"), "deflate": zlib.compress(b"text"), "raw deflate": raw.compress(b"text") + raw.flush()}[packing]
    async with scripted(always(reply(body, content_encoding=packing.split()[-1]))) as server:
        assert (await get(server)).text == "text"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (reply(b"text", content_encoding="br"), "packed as 'br'"),
        (reply(b"no gzip at all", content_encoding="gzip"), "damaged"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "broke the connection off"),
        (b"", "broke the connection off"),
        (b"garbage\r\n\r\n", "no usable HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "no usable HTTP|broke"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "broke|no usable"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n", "no usable HTTP"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://\xff\xfe/\r\n\r\n", "no name|address"),
    ],
)
async def test_a_broken_answer_becomes_one_sentence(answer: bytes, sentence: str) -> None:
    async with scripted(always(answer)) as server:
        with pytest.raises((WebFailed, AddressRefused), match=sentence) as refused:
            await get(server, timeout=3.0)
    assert "Traceback" not in str(refused.value)


async def test_headers_without_end_are_bounded() -> None:
    async def headers(_: Asked, write: Write) -> None:
        await write(b"HTTP/1.1 200 OK\r\n")
        while True:
            await write(b"".join(b"X-%d: y\r\n" % number for number in range(1000)))

    async with scripted(headers) as server:
        with pytest.raises(WebFailed):
            await get(server, timeout=2.0)


async def test_nobody_there_is_said() -> None:
    async with scripted(always(b"")) as server:
        pass
    with pytest.raises(WebFailed, match="Nothing answers"):
        await get(server)
    with pytest.raises(WebFailed, match=r"There is no host nowhere\.invalid"):
        await fetch(WebRequest("http://nowhere.invalid/"), Reach())


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (b"caf\xe9", "text/plain; charset=latin-1", "café"),
        (b"caf\xe9", "text/plain", "caf\ufffd"),
        (b"caf\xe9", "text/plain; charset=no-such-thing", "caf\ufffd"),
        (b"caf\xe9", "text/plain; charset=base64", "caf\ufffd"),
        (b"\xef\xbb\xbfcaf\xc3\xa9", "text/plain", "café"),
        (b'<meta charset="windows-1251">\xcf', "text/html", '<meta charset="windows-1251">П'),
    ],
)
async def test_text_is_read_in_whatever_charset(body: bytes, content_type: str, text: str) -> None:
    async with scripted(always(reply(body, content_type=content_type))) as server:
        assert (await get(server)).text == text


@pytest.mark.parametrize(
    "headers", [{"Host": "evil"}, {"Content-Length": "0"}, {"Transfer-Encoding": "chunked"}, {"X": "a\r\nY: b"}, {"X y": "z"}, {"": "z"}]
)
async def test_headers_cannot_change_what_is_asked(headers: dict[str, str]) -> None:
    async with scripted(always(reply("x"))) as server:
        with pytest.raises(WebFailed):
            await fetch(WebRequest(server.url, headers=headers), server.reach)
    assert server.asked == []


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    async with scripted(always(reply("x")), self_signed(tmp_path)) as server:
        with pytest.raises(WebFailed, match=r"certificate of .* is not trusted"):
            await fetch(WebRequest(server.url.replace("http", "https")), server.reach)
    assert server.asked == []
