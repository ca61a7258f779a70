"""OpenAI's chat completions: the team as a model that any chat client can talk to."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from studio.serving.answers import body_of, error_of, refused_of
from studio.serving.conversations import HEADER, LONGEST_NAME, remember, remember_question, session_of
from studio.serving.door import Door
from studio.serving.errors import GuestRefused
from studio.serving.reception import Reached, Reception
from studio.serving.rest import of, reception
from studio.serving.streams import event_line, streamed, unless_gone
from studio.serving.talk import MOST_SAID, Said, asides_of, check_model, history_of, model_name, pieces, reply_of, voice_of
from studio.serving.told import Outcome
from studio.texts import text

VIA = "chat completions"


class Part(BaseModel):
    type: str
    text: str | None = None


class Message(BaseModel):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None


class StreamOptions(BaseModel):
    include_usage: bool = False


class ChatBody(BaseModel):
    """What is read of a request. How a model samples is the flow's own, so that such fields are left aside."""

    model_config = ConfigDict(extra="ignore")

    model: str
    messages: list[Message] = Field(min_length=1, max_length=MOST_SAID)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    user: str | None = Field(default=None, max_length=LONGEST_NAME)
    n: int | None = None
    tools: list[Any] | None = None
    functions: list[Any] | None = None
    response_format: dict[str, Any] | None = None
    modalities: list[str] | None = None


async def models(request: Request) -> Response:
    """The one model that is served."""
    door, _ = of(request)
    name = model_name(await reception(request).flow(door))
    return JSONResponse({"object": "list", "data": [_model(name)]})


async def model(request: Request) -> Response:
    """The same by its name."""
    door, _ = of(request)
    document = await reception(request).flow(door)
    check_model(document, request.path_params["model"], door.flow_id)
    return JSONResponse(_model(model_name(document)))


async def chat_completions(request: Request) -> Response:
    """Says the last message of the user to the team, or answers its question with it."""
    door, pace = of(request)
    desk = reception(request)
    body = await body_of(request, ChatBody)
    _possible(body)
    document = await desk.flow(door)
    check_model(document, body.model, door.flow_id)
    said = [_said(message) for message in body.messages if message.role not in ("tool", "function")]
    if not said or said[-1].role != "user":
        raise GuestRefused("input", where="messages", what=text("guest.input.last_not_user"))
    before, words = said[:-1], said[-1].text
    header, user = request.headers.get(HEADER, "")[:LONGEST_NAME], body.user or ""
    session = await session_of(desk, door, header, user, before)
    history = history_of(before, voice_of(document)) if session is None else ()
    reached = await desk.say(door, pace, words, VIA, session, history)
    await remember(desk, door, header, reached)
    turn = _Turn(desk, door, reached, model_name(document), user, said)
    headers = {HEADER: header or reached.session}

    async def left() -> None:
        await desk.leave(door, reached.run)

    if body.stream:
        usage = body.stream_options is not None and body.stream_options.include_usage
        return await streamed(turn.chunks(usage), pace, left, headers)
    whole = await unless_gone(request, turn.whole(), left)
    return JSONResponse(whole, headers=headers)


class _Turn:
    """The answer to one request, whole or in pieces."""

    def __init__(self, desk: Reception, door: Door, reached: Reached, model: str, user: str, said: list[Said]) -> None:
        self._desk = desk
        self._door = door
        self._reached = reached
        self._user = user
        self._said = said
        self._facts = {"id": f"chatcmpl-{reached.run}-{reached.after}", "created": int(time.time()), "model": model}

    async def whole(self) -> dict[str, Any]:
        outcome = await self._desk.rest(self._reached.run, self._reached.after)
        reply = reply_of(outcome, self._reached.after)
        await self._remember(reply, outcome)
        message: dict[str, Any] = {"role": "assistant", "content": reply}
        if asides := asides_of(outcome, self._reached.after):
            message["reasoning_content"] = asides
        return {
            **self._facts,
            "object": "chat.completion",
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(outcome)}],
            "usage": _usage(outcome),
        }

    async def chunks(self, with_usage: bool) -> AsyncGenerator[str]:
        yield self._chunk({"role": "assistant", "content": ""})
        reply = ""
        try:
            async with aclosing(pieces(self._desk, self._door, self._reached)) as coming:
                async for piece in coming:
                    if piece.outcome is not None:
                        await self._remember(reply, piece.outcome)
                        yield self._chunk({}, _finish(piece.outcome))
                        if with_usage:
                            yield event_line(self._shape([]) | {"usage": _usage(piece.outcome)})
                    elif piece.aside:
                        yield self._chunk({"reasoning_content": piece.text})
                    else:
                        reply += piece.text
                        yield self._chunk({"content": piece.text})
        except GuestRefused as refused:
            yield event_line(error_of(refused_of(refused)))
        yield "data: [DONE]\n\n"

    async def _remember(self, reply: str, outcome: Outcome) -> None:
        await remember_question(self._desk, self._door, self._user, self._said, reply, self._reached, outcome)

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> str:
        return event_line(self._shape([{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]))

    def _shape(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {**self._facts, "object": "chat.completion.chunk", "choices": choices}


def text_in(content: str | list[Part] | None) -> str:
    """The text of a message. Raises GuestRefused when there is more than text in it."""
    if not isinstance(content, list):
        return content or ""
    if any(part.type not in ("text", "input_text", "output_text") for part in content):
        raise GuestRefused("unsupported", what=text("guest.unsupported.parts"))
    return "\n".join(part.text for part in content if part.text)


def _said(message: Message) -> Said:
    role: Literal["system", "user", "assistant"]
    match message.role:
        case "user" | "assistant":
            role = message.role
        case _:
            role = "system"
    return Said(role, text_in(message.content))


def _possible(body: ChatBody) -> None:
    if (body.n or 1) != 1:
        raise GuestRefused("unsupported", what=text("guest.unsupported.answers"))
    if body.tools or body.functions:
        raise GuestRefused("unsupported", what=text("guest.unsupported.tools"))
    if (body.response_format or {}).get("type", "text") != "text" or set(body.modalities or ()) - {"text"}:
        raise GuestRefused("unsupported", what=text("guest.unsupported.format"))


def _finish(outcome: Outcome) -> str:
    return "length" if outcome.cut else "stop"


def _usage(outcome: Outcome) -> dict[str, int]:
    usage = outcome.usage
    return {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens, "total_tokens": usage.total_tokens}


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "convene"}
