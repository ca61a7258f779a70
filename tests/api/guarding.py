"""A small application behind the guard, and the requests that a browser and an attacker would send to it."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from studio.api.guard import Guard
from studio.api.policy import PagePolicy
from studio.api.session import Sessions

TOKEN = "t" * 43
HERE = "http://127.0.0.1:8000"


async def _page(request: Request) -> Response:
    return HTMLResponse("<p>inside</p>")


async def _echo(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def _socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("inside")
    await websocket.close()


def guarded_client(
    *, hosts: tuple[str, ...] = (), sessions: Sessions | None = None, signed_in: bool = False, base_url: str = HERE
) -> TestClient:
    """A client of a guarded application with a page, a route that takes a body, and a WebSocket."""
    app = Starlette(
        routes=[
            Route("/", _page),
            Route("/deep/page", _page),
            Route("/echo", _echo, methods=["POST", "PUT", "DELETE"]),
            Route("/api/import", _echo, methods=["POST"]),
            WebSocketRoute("/socket", _socket),
        ]
    )
    guard = Guard(app, sessions or Sessions(TOKEN), hosts=hosts, policy=PagePolicy(("'sha256-abc'",)))
    client = TestClient(guard, base_url=base_url, follow_redirects=False)
    if signed_in:
        assert client.get("/", params={"auth": TOKEN}).status_code == 303
    return client
