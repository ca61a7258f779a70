"""Changes of flows that do not come by the page's own line: those of a page that is being left, and those that are too large for it."""

from __future__ import annotations

import json

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from studio.api.services import services
from studio.flow.edits import EditRefused
from studio.library.sent import make
from studio.texts import text

MAX_CHANGES = 4_000_000
"""Bytes of changes that come at once."""


async def take_changes(request: Request) -> Response:
    """Makes the changes in the body, `{changes: [{id, change, again?}]}`, of the flow in `?flow=`, each once.

    Answers `{taken: [id], refused: [{text, remedy}]}`. Raises EditRefused where the body is something else.
    """
    try:
        raw = json.loads(await request.body())
    except (ValueError, RecursionError):
        raw = None
    if not isinstance(raw, dict) or not isinstance(raw.get("changes"), list):
        raise EditRefused(text("edit.unreadable", where="changes", why=text("edit.no_changes")), "changes")
    made = await run_in_threadpool(make, services().flows, request.query_params.get("flow", ""), raw["changes"])
    redact = services().accounts.redactor.redact
    refused = [{"text": redact(error.sentence), "remedy": redact(error.remedy)} for error in made.refused]
    return JSONResponse({"taken": list(made.taken), "refused": refused})
