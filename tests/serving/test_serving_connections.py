"""Connections that keep a server busy with nothing: silent ones, slow ones, and too many of them."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest
from served_flows import PATIENCE, on_a_port
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from studio.serving.connections import GuestHTTP, PromptHTTP

Connect = Callable[[], socket.socket]
WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
TRICKLE = 0.05


class Hasty(PromptHTTP):
    head_seconds = 0.2
    body_seconds = 0.2


class Unhurried(PromptHTTP):
    most = 3
    head_seconds = PATIENCE
    body_seconds = 0.2


async def says_how_much_it_read(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        request = Request(scope, receive)
        answer = PlainTextResponse("refused") if request.url.path == "/refused" else await _read(request)
        await answer(scope, receive, send)


async def _read(request: Request) -> Response:
    return PlainTextResponse(f"read {len(await request.body())}")


@pytest.fixture
def serve() -> Iterator[Callable[[type[PromptHTTP]], Connect]]:
    with ExitStack() as open_things:

        def begin(protocol: type[PromptHTTP]) -> Connect:
            port = open_things.enter_context(on_a_port(says_how_much_it_read, protocol))
            return lambda: open_things.enter_context(closing(socket.create_connection(("127.0.0.1", port), PATIENCE)))

        yield begin


Serve = Callable[[type[PromptHTTP]], Connect]


def trickled(connection: socket.socket) -> bytes:
    """What is said to somebody who sends a letter now and then, until the connection is closed."""
    said = b""
    connection.settimeout(TRICKLE)
    while True:
        try:
            connection.sendall(b"a")
            piece = connection.recv(1_000)
        except TimeoutError:
            continue
        except ConnectionError:
            return said
        if not piece:
            return said
        said += piece


def answer(connection: socket.socket) -> bytes:
    """What is answered to a whole request."""
    connection.settimeout(PATIENCE)
    said = b""
    while b"read" not in said:
        piece = connection.recv(1_000)
        assert piece, said
        said += piece
    return said.partition(b"\r\n\r\n")[2]


def test_a_connection_that_says_nothing_is_closed(serve: Serve) -> None:
    assert serve(Hasty)().recv(10) == b""


@pytest.mark.parametrize(
    "begun",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n",
    ],
    ids=["head", "body"],
)
def test_who_sends_a_letter_now_and_then_gets_no_more_time(serve: Serve, begun: bytes) -> None:
    connection = serve(Hasty)()
    connection.sendall(begun)
    assert trickled(connection) == b""


def test_a_body_that_nobody_wants_is_not_waited_for(serve: Serve) -> None:
    connection = serve(Unhurried)()
    connection.sendall(b"POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
    assert b"refused" in trickled(connection)


def test_a_second_request_on_a_connection_has_its_own_time(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = serve(Unhurried)()
    for _ in range(3):
        connection.sendall(WHOLE)
        assert answer(connection) == b"read 0"
    monkeypatch.setattr(Unhurried, "head_seconds", 0.2)
    connection.sendall(WHOLE[:10])
    assert trickled(connection) == b""


def test_connections_beyond_the_most_are_closed_and_the_others_served(serve: Serve) -> None:
    connect = serve(Unhurried)
    served = [connect() for _ in range(3)]
    for connection in served:
        connection.sendall(WHOLE)
        assert answer(connection) == b"read 0"
    assert trickled(connect()) == b""
    for connection in served:
        connection.sendall(WHOLE)
        assert answer(connection) == b"read 0"


def test_who_reads_a_body_of_a_guest_gives_up_before_the_connection_does() -> None:
    from studio.serving.answers import BODY_SECONDS

    assert GuestHTTP.body_seconds > BODY_SECONDS
