"""Everything behind a gate as one application, and that of a process which serves one flow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from studio.api.services import Services
from studio.engine.errors import ConveneError
from studio.serving.answers import answer_error, refusal
from studio.serving.chat_completions import chat_completions, model, models
from studio.serving.door import Door, Pace
from studio.serving.errors import GuestRefused
from studio.serving.gate import Gate
from studio.serving.mcp_door import McpDoor
from studio.serving.openapi import docs_page, openapi_document
from studio.serving.pages import FILES, chat_page, page_asset
from studio.serving.reception import Reception
from studio.serving.responses import create_response, fetch_response
from studio.serving.rest import answer_run, fetch_run, flow_facts, run_events, start_run, stop_run


def guest_routes(reception: Reception, mcp: McpDoor) -> Starlette:
    """What lies behind a gate; the door is in the scope."""
    app = Starlette(
        routes=[
            Route("/health", _health),
            Route("/docs", docs_page),
            *(Route(f"/{name}", page_asset) for name in FILES),
            Route("/", chat_page),
            Route("/openapi.json", openapi_document),
            Route("/api/flow", flow_facts),
            Route("/api/runs", start_run, methods=["POST"]),
            Route("/api/runs/{run}", fetch_run),
            Route("/api/runs/{run}/events", run_events),
            Route("/api/runs/{run}/answer", answer_run, methods=["POST"]),
            Route("/api/runs/{run}/stop", stop_run, methods=["POST"]),
            Route("/mcp", mcp, methods=["POST"]),
            Route("/v1/models", models),
            Route("/v1/models/{model}", model),
            Route("/v1/chat/completions", chat_completions, methods=["POST"]),
            Route("/v1/responses", create_response, methods=["POST"]),
            Route("/v1/responses/{response}", fetch_response),
        ],
        exception_handlers={ConveneError: answer_error, HTTPException: _unknown, Exception: answer_error},
    )
    app.router.redirect_slashes = False
    app.state.reception = reception
    return app


def served_flow(services: Services, door: Door, hosts: Iterable[str] = ()) -> ASGIApp:
    """The application of a process that serves one flow."""
    pace = Pace()
    reception = Reception(services)

    async def only_door(address: str) -> tuple[Door, Pace]:
        return door, pace

    mcp = McpDoor(reception)
    gate = Gate(guest_routes(reception, mcp), only_door, hosts)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await services.runs.recover()
        try:
            yield
        finally:
            await mcp.close()
            await reception.close()
            await services.close()

    return _WithLifespan(gate, Starlette(lifespan=lifespan))


class _WithLifespan:
    """An application whose beginning and end are another one's."""

    def __init__(self, app: ASGIApp, lives: Starlette) -> None:
        self._app = app
        self._lives = lives

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._lives if scope["type"] == "lifespan" else self._app)(scope, receive, send)


async def _health(request: Request) -> Response:
    return JSONResponse({"ok": True})


async def _unknown(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return refusal(GuestRefused("method" if status == 405 else "not_found"))
