"""Answers to guests: JSON that was asked for, refusals, and bodies that are read with an end to every wait."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from studio.engine.errors import ConveneError
from studio.serving.errors import GuestRefused
from studio.texts import text

BODY_SECONDS = 30.0
"""How long a guest may take to send a body."""

log = logging.getLogger("convene.serving")

Body = TypeVar("Body", bound=BaseModel)


async def whole_body(request: Request) -> bytes:
    """Raises GuestRefused for a body that takes too long, and for one whose guest is gone, who hears nothing of it."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.body()
    except (TimeoutError, ClientDisconnect):
        raise GuestRefused("slow") from None


async def body_of(request: Request, shape: type[Body]) -> Body:
    """The request's body in its shape. Raises GuestRefused."""
    told = await whole_body(request)
    try:
        # Decoded here: of bytes, json would let half a character through, which is no text and which nothing can store or say.
        value = json.loads(told.decode("utf-8-sig"))
        if b"\\ud" in told.lower():
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise GuestRefused("not_json") from None
    return shaped(value, shape)


def shaped(value: Any, shape: type[Body]) -> Body:
    """Raises GuestRefused, which names the first place that does not fit."""
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        what = first["msg"][:200] if where else text("guest.input.no_object")
        raise GuestRefused("input", where=where[:100] or "body", what=what) from None


def refusal(refused: GuestRefused) -> Response:
    """`{error: {code, message, type}}`, which is also what clients of OpenAI's protocol read."""
    return JSONResponse(error_of(refused), refused.status, headers=refused.headers)


def error_of(refused: GuestRefused) -> dict[str, Any]:
    kind = "server_error" if refused.status >= 500 else "rate_limit_error" if refused.status == 429 else "invalid_request_error"
    return {"error": {"code": refused.code, "message": refused.sentence, "type": kind, "param": None}}


def refused_of(error: ConveneError) -> GuestRefused:
    """What a guest is told of a mistake whose own words may name things of the owner's: those go to the log."""
    if isinstance(error, GuestRefused):
        return error
    log.warning("A guest's request failed: %s", error)
    return GuestRefused("cannot_run")


async def answer_error(request: Request, error: Exception) -> Response:
    """The handler of every error that a route raises."""
    if isinstance(error, ConveneError):
        return refusal(refused_of(error))
    log.error("A guest's request broke", exc_info=error)
    return refusal(GuestRefused("broken"))
