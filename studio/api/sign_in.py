"""Signing in at servers of tools: the way to their page, and the address to which the browser comes back."""

from __future__ import annotations

import html
import logging

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from studio.api.guard import SIGN_IN_BACK
from studio.api.services import services
from studio.engine.errors import AnswerRefused, ConveneError
from studio.engine.events import QuestionAsked
from studio.engine.subjects import SIGN_IN
from studio.library.sign_ins import Asked
from studio.texts import text

log = logging.getLogger("studio.api")


async def sign_in(request: Request) -> Response:
    """Send a browser to where one signs in at the server that a question of a run is about."""
    run, question = request.query_params.get("run", ""), request.query_params.get("question", "")
    try:
        asked = next((event for event in services().runs.events(run) if isinstance(event, QuestionAsked) and event.id == question), None)
        if asked is None or not asked.subject.startswith(SIGN_IN):
            return _page(text("sign_in.unknown"), text("sign_in.unknown.remedy"), 404)
        redirect = f"{request.url.scheme}://{request.headers.get('host', '')}{SIGN_IN_BACK}"
        attempt = await services().sign_ins.begin(asked.details, redirect, Asked(run, question))
    except ConveneError as mistake:
        return _page(mistake.sentence, mistake.remedy, 502)
    return RedirectResponse(attempt.address, 303)


async def signed_in(request: Request) -> Response:
    """Take the code that a browser brought back; the run that asked goes on."""
    given = request.query_params
    try:
        over = await services().sign_ins.back(given.get("code", ""), given.get("state", ""), given.get("iss"), given.get("error", ""))
    except ConveneError as mistake:
        return _page(mistake.sentence, mistake.remedy, 400)
    if (asked := over.asked) is not None:
        try:
            await services().runs.answer(asked.run, asked.question, "", True)
        except AnswerRefused:
            pass  # somebody said already that they did
        except ConveneError as mistake:
            log.warning("run %s does not go on after somebody signed in: %s", asked.run, mistake)
    return _page(text("sign_in.done", where=over.attempt.url), text("sign_in.done.remedy"), 200)


def _page(sentence: str, remedy: str, status: int) -> Response:
    title = html.escape(text("sign_in.title"))
    said = f"<h1>{html.escape(sentence)}</h1><p>{html.escape(remedy)}</p>"
    meta = "".join(
        f'<meta name="{name}" content="{what}">' for name, what in (("viewport", "width=device-width"), ("color-scheme", "light dark"))
    )
    head = f'<meta charset="utf-8">{meta}<title>{title}</title>'
    return HTMLResponse(f'<!doctype html><html lang="en"><head>{head}</head><body>{said}</body></html>', status)
