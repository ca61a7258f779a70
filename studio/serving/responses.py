"""OpenAI's responses: the same team for clients of the newer protocol, whose conversations go on by the id of the response before."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from studio.engine.events import MessageSaid, ThreadEvent
from studio.serving.answers import body_of, error_of, refused_of
from studio.serving.chat_completions import Part, text_in
from studio.serving.conversations import LONGEST_NAME
from studio.serving.door import Door
from studio.serving.errors import GuestRefused
from studio.serving.reception import Reached, Reception
from studio.serving.rest import of, reception
from studio.serving.streams import event_line, streamed, unless_gone
from studio.serving.talk import MOST_SAID, Said, asides_of, check_model, history_of, model_name, pieces, reply_of, voice_of
from studio.serving.told import AT_REST, Outcome
from studio.texts import text

VIA = "responses"
_ID = re.compile(r"resp_([a-z0-9]{1,32})_(\d{1,9})")


class Item(BaseModel):
    model_config = ConfigDict(extra="ignore")

    type: str = "message"
    role: Literal["system", "developer", "user", "assistant"] | None = None
    content: str | list[Part] | None = None


class TextOptions(BaseModel):
    format: dict[str, Any] | None = None


class ResponsesBody(BaseModel):
    """What is read of a request; how a model samples is the flow's own."""

    model_config = ConfigDict(extra="ignore")

    model: str
    input: str | list[Item] = Field(max_length=2_000_000)
    instructions: str | None = None
    previous_response_id: str | None = Field(default=None, max_length=LONGEST_NAME)
    stream: bool | None = False
    background: bool | None = False
    tools: list[Any] | None = None
    text: TextOptions | None = None
    conversation: Any = None


async def create_response(request: Request) -> Response:
    """Says the last message of the user to the team, or answers its question with it."""
    door, pace = of(request)
    desk = reception(request)
    body = await body_of(request, ResponsesBody)
    if body.tools:
        raise GuestRefused("unsupported", what=text("guest.unsupported.tools"))
    if body.background:
        raise GuestRefused("unsupported", what=text("guest.unsupported.background"))
    if body.text is not None and (body.text.format or {}).get("type", "text") != "text":
        raise GuestRefused("unsupported", what=text("guest.unsupported.format"))
    if body.conversation is not None:
        raise GuestRefused("unsupported", what=text("guest.unsupported.conversation"))
    document = await desk.flow(door)
    check_model(document, body.model, door.flow_id)
    before, words = _input(body)
    session: str | None = None
    earlier: tuple[ThreadEvent, ...] = ()
    if body.previous_response_id:
        session, earlier = await desk.goes_on(door, *_run_in(body.previous_response_id))
        # Programs tell their instructions anew each time.
        told = {event.text for event in earlier if isinstance(event, MessageSaid)}
        before = [each for each in before if each.role != "system" or each.text not in told]
    history = (*(earlier if session is None else ()), *history_of(before, voice_of(document)))
    reached = await desk.say(door, pace, words, VIA, session, history)
    turn = _Turn(desk, door, reached, model_name(document), body.previous_response_id)

    async def left() -> None:
        await desk.leave(door, reached.run)

    if body.stream:
        return await streamed(turn.events(), pace, left)
    return JSONResponse(await unless_gone(request, turn.whole(), left))


async def fetch_response(request: Request) -> Response:
    """A response as it stands now."""
    door, _ = of(request)
    desk = reception(request)
    run, after = _run_in(request.path_params["response"])
    summary, outcome = await desk.turn(door, run, after)
    turn = _Turn(desk, door, Reached(run, summary.session, after), model_name(await desk.flow(door)), None)
    return JSONResponse(turn.response(outcome) if outcome.status in AT_REST else turn.shape("in_progress"))


class _Turn:
    """The answer to one request, whole or as the events of its coming."""

    def __init__(self, desk: Reception, door: Door, reached: Reached, model: str, previous: str | None) -> None:
        self._desk = desk
        self._door = door
        self._reached = reached
        self._about = f"{reached.run}_{reached.after}"
        self._facts = {
            "id": f"resp_{self._about}",
            "object": "response",
            "created_at": int(time.time()),
            "model": model,
            "previous_response_id": previous,
            "instructions": None,
            "metadata": {},
            "parallel_tool_calls": False,
            "tool_choice": "none",
            "tools": [],
            "temperature": None,
            "top_p": None,
            "error": None,
            "incomplete_details": None,
        }

    async def whole(self) -> dict[str, Any]:
        outcome = await self._desk.rest(self._reached.run, self._reached.after)
        reply_of(outcome, self._reached.after)
        return self.response(outcome)

    def response(self, outcome: Outcome) -> dict[str, Any]:
        """The response to a run at rest."""
        try:
            reply = reply_of(outcome, self._reached.after)
        except GuestRefused as refused:
            return self.shape("failed", error={"code": "server_error", "message": refused.sentence})
        output = [self._message(reply, "completed")]
        if asides := asides_of(outcome, self._reached.after):
            output.insert(0, self._asides(asides))
        return self.shape(_status(outcome), output, outcome)

    async def events(self) -> AsyncGenerator[str]:
        """The events of a stream, numbered."""
        number = 0

        def line(kind: str, **facts: Any) -> str:
            nonlocal number
            number += 1
            return event_line({"type": kind, "sequence_number": number - 1, **facts}, name=kind)

        yield line("response.created", response=self.shape("in_progress"))
        yield line("response.in_progress", response=self.shape("in_progress"))
        thoughts, reply, outcome = "", "", None
        place: dict[str, Any] = {}
        try:
            async with aclosing(pieces(self._desk, self._door, self._reached)) as coming:
                async for piece in coming:
                    if piece.outcome is not None:
                        outcome = piece.outcome
                    elif piece.aside:
                        place = {"item_id": f"rs_{self._about}", "output_index": 0, "summary_index": 0}
                        if not thoughts:
                            yield line("response.output_item.added", output_index=0, item=self._asides(""))
                            yield line("response.reasoning_summary_part.added", part={"type": "summary_text", "text": ""}, **place)
                        thoughts += piece.text
                        yield line("response.reasoning_summary_text.delta", delta=piece.text, **place)
                    else:
                        if thoughts and not reply:
                            for told in self._end_of_asides(line, thoughts, place):
                                yield told
                        index = 1 if thoughts else 0
                        if not reply:
                            yield line("response.output_item.added", output_index=index, item=self._message(None, "in_progress"))
                            yield line("response.content_part.added", part=_text(""), **self._place(index))
                        reply += piece.text
                        yield line("response.output_text.delta", delta=piece.text, logprobs=[], **self._place(index))
        except GuestRefused as refused:
            error = error_of(refused_of(refused))["error"]
            failed = self.shape("failed", error={"code": "server_error", "message": error["message"]})
            yield line("response.failed", response=failed)
            return
        index = 1 if thoughts else 0
        if reply:
            yield line("response.output_text.done", text=reply, logprobs=[], **self._place(index))
            yield line("response.content_part.done", part=_text(reply), **self._place(index))
            yield line("response.output_item.done", output_index=index, item=self._message(reply, "completed"))
        output = [self._message(reply, "completed")]
        if thoughts:
            output.insert(0, self._asides(thoughts))
        status = _status(outcome)
        yield line(f"response.{status}", response=self.shape(status, output, outcome))

    def _end_of_asides(self, line: Any, thoughts: str, place: dict[str, Any]) -> list[str]:
        return [
            line("response.reasoning_summary_text.done", text=thoughts, **place),
            line("response.reasoning_summary_part.done", part={"type": "summary_text", "text": thoughts}, **place),
            line("response.output_item.done", output_index=0, item=self._asides(thoughts)),
        ]

    def shape(
        self, status: str, output: list[dict[str, Any]] | None = None, outcome: Outcome | None = None, error: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """The object itself."""
        told = {"status": status, "output": output or [], "usage": _usage(outcome), "error": error}
        return self._facts | told | ({"incomplete_details": {"reason": "max_output_tokens"}} if status == "incomplete" else {})

    def _place(self, index: int) -> dict[str, Any]:
        return {"item_id": f"msg_{self._about}", "output_index": index, "content_index": 0}

    def _message(self, reply: str | None, status: str) -> dict[str, Any]:
        content = [] if reply is None else [_text(reply)]
        return {"id": f"msg_{self._about}", "type": "message", "role": "assistant", "status": status, "content": content}

    def _asides(self, thoughts: str) -> dict[str, Any]:
        summary = [{"type": "summary_text", "text": thoughts}] if thoughts else []
        return {"id": f"rs_{self._about}", "type": "reasoning", "summary": summary}


def _text(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _status(outcome: Outcome | None) -> str:
    return "incomplete" if outcome is not None and outcome.cut else "completed"


def _usage(outcome: Outcome | None) -> dict[str, Any] | None:
    if outcome is None:
        return None
    usage = outcome.usage
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens, "cache_write_tokens": 0},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.total_tokens,
    }


def _input(body: ResponsesBody) -> tuple[list[Said], str]:
    """What was said before, and the words that are said now. Raises GuestRefused."""
    before = [Said("system", body.instructions)] if body.instructions else []
    if isinstance(body.input, str):
        return before, body.input
    if len(body.input) > MOST_SAID:
        raise GuestRefused("input", where="input", what=text("guest.input.too_many_items", count=MOST_SAID))
    said = []
    for item in body.input:
        if item.type != "message" or item.role is None:
            raise GuestRefused("unsupported", what=text("guest.unsupported.item", kind=item.type[:50]))
        said.append(Said(item.role if item.role in ("user", "assistant") else "system", text_in(item.content)))
    if not said or said[-1].role != "user":
        raise GuestRefused("input", where="input", what=text("guest.input.last_item_not_user"))
    return [*before, *said[:-1]], said[-1].text


def _run_in(response: str) -> tuple[str, int]:
    """The run that a response is of, and where it began. Raises GuestRefused."""
    found = _ID.fullmatch(response)
    if found is None:
        raise GuestRefused("no_such_conversation")
    return found[1], int(found[2])
