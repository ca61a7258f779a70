"""The REST service of a door: start, hear, answer, stop and fetch the runs that came through it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, aclosing, nullcontext
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from studio.runs.summary import RunSummary
from studio.serving.answers import body_of
from studio.serving.door import Door, Pace
from studio.serving.errors import GuestRefused
from studio.serving.inputs import MAX_TASK, input_schema
from studio.serving.reception import Reception
from studio.serving.streams import EventStream, event_line
from studio.serving.told import OVER, Outcome, usage_of
from studio.texts import text

VIA = "REST"
CHAT_PAGE = "chat page"

LONGEST_WAIT = 300.0
"""Seconds for which a request for a run may wait until the run comes to rest."""


class StartBody(BaseModel):
    """What starts a run. `session` makes it go on with an earlier one; `from_page` is set by the chat page."""

    model_config = ConfigDict(extra="forbid")

    task: str = Field(max_length=MAX_TASK)
    session: str | None = Field(default=None, max_length=64)
    from_page: bool = False


class AnswerBody(BaseModel):
    """An answer to a question. `approved` says yes or no where the question wants that; without it the text is read as one."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(default="", max_length=MAX_TASK)
    question: str | None = Field(default=None, max_length=100)
    approved: bool | None = None


async def flow_facts(request: Request) -> Response:
    """What the flow is called, what it takes, and the terms of the door."""
    door, _ = of(request)
    document = await reception(request).flow(door)
    terms = door.terms
    return JSONResponse(
        {
            "name": document.name,
            "description": document.description,
            "sample_tasks": list(document.sample_tasks),
            "input_schema": input_schema(document),
            "limits": {"money": terms.money, "seconds": terms.seconds, "at_once": terms.at_once, "per_minute": terms.per_minute},
        }
    )


async def start_run(request: Request) -> Response:
    """Starts a run on a task; with `?wait=SECONDS` answers when it is at rest, or after that time."""
    door, pace = of(request)
    body = await body_of(request, StartBody)
    wait = _seconds(request)
    via = CHAT_PAGE if body.from_page else VIA
    with _waiting(pace, wait):  # refused before anything is started
        reached = await reception(request).start(door, pace, {"task": body.task}, via, body.session)
        return await _run(request, door, reached.run, wait, 201)


async def fetch_run(request: Request) -> Response:
    """How a run stands, what was said, and what came of it; with `?wait=SECONDS` when it is at rest, or after that time."""
    door, pace = of(request)
    wait = _seconds(request)
    with _waiting(pace, wait):
        return await _run(request, door, request.path_params["run"], wait, 200)


async def answer_run(request: Request) -> Response:
    """Answers the open question of a run, which goes on."""
    door, pace = of(request)
    body = await body_of(request, AnswerBody)
    run, wait = request.path_params["run"], _seconds(request)
    with _waiting(pace, wait):
        await reception(request).answer(door, run, body.text, body.question, body.approved)
        return await _run(request, door, run, wait, 200)


async def stop_run(request: Request) -> Response:
    """Ends a run; one that is over stays as it is."""
    door, _ = of(request)
    run = request.path_params["run"]
    await reception(request).stop(door, run)
    return await _run(request, door, run, 0.0, 200)


async def run_events(request: Request) -> Response:
    """What is said in a run, as server-sent events; goes on after the event that `Last-Event-ID` or `?after=` names."""
    door, pace = of(request)
    run, after = request.path_params["run"], _after(request)
    summary, outcome = await reception(request).look(door, run)
    if summary.status in OVER and after >= outcome.seq:
        # The answer that makes a browser's EventSource stop asking.
        return Response(status_code=204)
    return EventStream(_events(reception(request), door, run, after), pace)


async def _events(desk: Reception, door: Door, run: str, after: int) -> AsyncGenerator[str]:
    async with aclosing(desk.hear(door, run, after)) as heard:
        async for told in heard:
            yield event_line(told, name=told["type"], number=told.get("seq"))


async def _run(request: Request, door: Door, run: str, wait: float, status: int) -> Response:
    desk = reception(request)
    summary, outcome = await desk.look(door, run)
    if wait and summary.status == "running":
        try:
            async with asyncio.timeout(wait):
                outcome = await desk.rest(run)
        except TimeoutError:
            outcome = await desk.outcome(run)
    return JSONResponse(run_facts(summary, outcome), status)


def _waiting(pace: Pace, wait: float) -> AbstractContextManager[None]:
    return pace.waiting() if wait else nullcontext()


def run_facts(summary: RunSummary, outcome: Outcome) -> dict[str, Any]:
    """A run as guests see it."""
    return {
        "run": summary.id,
        "session": summary.session,
        "status": outcome.status,
        "task": summary.task,
        "answer": outcome.answer,
        "reason": outcome.reason,
        "question": outcome.open_question,
        "messages": list(outcome.messages),
        "usage": usage_of(outcome.usage),
        "started": summary.started.isoformat(),
        "last_event": outcome.seq,
    }


def of(request: Request) -> tuple[Door, Pace]:
    """The door that the gate let this request through."""
    return request.scope["door"], request.scope["pace"]


def reception(request: Request) -> Reception:
    desk: Reception = request.app.state.reception
    return desk


def _after(request: Request) -> int:
    told = request.headers.get("last-event-id") or request.query_params.get("after") or "0"
    if not told.isascii() or not told.isdecimal() or len(told) > 15:
        raise GuestRefused("input", where="after", what=text("guest.input.no_event"))
    return int(told)


def _seconds(request: Request) -> float:
    told = request.query_params.get("wait", "0")
    try:
        seconds = float(told)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_WAIT:
        raise GuestRefused("input", where="wait", what=text("guest.input.no_seconds", most=f"{LONGEST_WAIT:.0f}"))
    return seconds
