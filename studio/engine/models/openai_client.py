"""Asking a server that speaks the OpenAI protocol: one request, its stream, its failures and the tries after them."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from pydantic_core import from_json

from studio.engine.bill import owe
from studio.engine.errors import ModelError
from studio.engine.models import openai_errors
from studio.engine.models.base import Account, Delta, ModelRequest, Piece, Told, ToolSchema
from studio.engine.models.connections import OPENAI_URL, Connection, reach
from studio.engine.models.normalise import Perspective, encode
from studio.engine.models.openai_answer import CHARACTERS_PER_TOKEN, Answer, Unusable, reckoned
from studio.engine.models.openai_errors import Place
from studio.engine.models.posting import Answering, Head, behind_proxy, post_straight, post_through_sdk
from studio.engine.models.presets import money_of
from studio.engine.models.quirks import Quirks, learned, quirks_of
from studio.engine.models.rates import Turn, rate_of, wait_for_turn
from studio.engine.models.server_sent import ServerSentEvents
from studio.engine.models.structured import in_words, response_format, unwrapped
from studio.engine.models.tries import tried
from studio.engine.usage import Usage
from studio.texts import text

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from studio.engine.models.openai_model import OpenAIModel

LONGEST_ANSWER = 3_600.0
"""Seconds for one whole answer: a server that keeps sending signs of life but never finishes is given up."""

AFTER_THE_END = 5.0
"""Seconds in which a server that finished its answer may still tell the usage."""

LARGEST_BODY = 16 * 1024 * 1024
"""Bytes of an answer that is not streamed."""

MOST_PERSPECTIVES = 64
"""Conversations per client whose encoded messages are kept for the next turn."""

_OURS = frozenset({"model", "messages", "stream", "stream_options"})
_TEACHING = (400, 422, 500)


class OpenAIClient:
    """A model of one account. Safe for concurrent use; abandoning or cancelling a stream closes its request.

    `way` says how requests are sent: straight, or through the SDK; unless told, through the SDK where there is a proxy.
    """

    def __init__(
        self, model: OpenAIModel, account: Account, quirks: Quirks | None = None, way: Literal["straight", "sdk"] | None = None
    ) -> None:
        self._reach = reach(account, model.model)
        base_url = self._reach.base_url
        self._model = model
        self._name = self._reach.model
        self._place = Place(base_url, account.name, account.key, self._name, model.timeout)
        self._quirks = quirks or quirks_of(account.provider, base_url, self._name)
        self._connection: Connection[AsyncOpenAI] = Connection(base_url, account.key)
        self._way = way or ("sdk" if behind_proxy(base_url) else "straight")
        self._head: Head | None = None
        self._failure = partial(openai_errors.failure, place=self._place)
        self._plain: tuple[Quirks, bytes] | None = None
        self._perspectives: OrderedDict[tuple[str, str, int], Perspective] = OrderedDict()
        self._rate = rate_of(account, base_url)
        self._told: set[str] = set()
        self._is_web = self._place.is_web
        self._money = money_of(account, base_url)

    def stream(self, request: ModelRequest) -> AsyncGenerator[Piece]:
        """Deltas, then one ModelReply. Raises ModelRefused at once; ModelUnavailable and ModelAnswerBroken after the last try."""
        return tried(partial(self._attempt, request), self._model.retries, self._failure, self._learn)

    async def close(self) -> None:
        """Frees what is held; a later stream opens it again."""
        self._perspectives.clear()
        await self._connection.close()

    # One try ------------------------------------------------------------------------------------------------------------

    async def _attempt(self, request: ModelRequest) -> AsyncGenerator[Piece]:
        self._check()
        perspective = self._perspective(request)
        for told in self._shortcomings(request, perspective):
            yield told
        form = response_format(request, self._quirks)
        body, length = self._body(request, perspective, form)
        turn: Turn | None = None
        if self._rate is not None:
            async with contextlib.aclosing(wait_for_turn(self._rate, length // CHARACTERS_PER_TOKEN, self._place.account)) as waiting:
                async for piece in waiting:
                    if isinstance(piece, Turn):
                        turn = piece
                    else:
                        yield piece
        # A choice comes wrapped in an object: what is said is what it holds, which is known at its end.
        wrapped = bool(form and request.schema is None)
        answer = Answer()
        try:
            answering = await self._post(body)
            try:
                chunks = _Chunks(answering, answer)
                while coming := await chunks.next():
                    for chunk in coming:
                        for delta in answer.take(chunk):
                            if not wrapped:
                                yield delta
                for delta in answer.close(whole=chunks.whole):
                    if not wrapped:
                        yield delta
            finally:
                await answering.close()
        except BaseException:
            half = answer.reply(request.agent, request.earlier_calls, perspective.call_ids)
            if half.text or half.reasoning or half.calls:
                # What it said before it broke off is paid for.
                usage = self._counted(half.usage if answer.counted else reckoned(length, half), answer)
                owe(usage, answer.model or self._name, answer)
            raise
        finally:
            if turn is not None:
                turn.end()
        reply = answer.reply(request.agent, request.earlier_calls, perspective.call_ids)
        if wrapped:
            reply = replace(reply, text=unwrapped(reply.text))
            if reply.text:
                yield Delta(reply.text)
        if (usage := self._counted(reply.usage if answer.counted else reckoned(length, reply), answer)) is not reply.usage:
            reply = reply.costing(usage)
        if turn is not None:
            turn.tokens = reply.usage.total_tokens
        yield reply if reply.model else replace(reply, model=self._name)

    def _counted(self, usage: Usage, answer: Answer) -> Usage:
        """With what it has cost, where the server says so or asks for no money."""
        cost = answer.told_cost if self._money == "told" else 0.0 if self._money == "free" else None
        return usage if cost is None else usage.model_copy(update={"cost": cost})

    async def _post(self, body: bytes) -> Answering:
        if self._way == "sdk":
            return await post_through_sdk(await self._connection.sdk(), self._reach, self._model.timeout, body)
        session = self._connection.at_hand() or await self._connection.session()
        if self._head is None:
            self._head = Head.of(self._reach, self._model.timeout)
        return await post_straight(session, self._head, body)

    def _body(self, request: ModelRequest, perspective: Perspective, form: dict[str, Any] | None) -> tuple[bytes, int]:
        """What is sent, and how many characters a model reads of it."""
        head = self._plain_head() if form is None and not request.tools else encode(self._fields(request, form))
        messages = perspective.encoded(request.system, (*request.extra, *in_words(request, self._quirks)))
        return b"".join((head[:-1], b',"messages":[', messages, b"]}")), len(head) + len(messages) - perspective.attached

    def _plain_head(self) -> bytes:
        """What is sent beside the messages where neither tools nor a form are asked for, as in nearly every call."""
        if self._plain is None or self._plain[0] is not self._quirks:
            self._plain = self._quirks, encode(self._fields(ModelRequest(""), None))
        return self._plain[1]

    def _fields(self, request: ModelRequest, form: dict[str, Any] | None) -> dict[str, Any]:
        """What is sent beside the messages."""
        model, quirks = self._model, self._quirks
        fields: dict[str, Any] = {name: value for name, value in model.extra.items() if name not in _OURS}
        fields |= {"model": self._name, "stream": True}
        if quirks.counts:
            fields["stream_options"] = {"include_usage": True}
        if model.temperature is not None:
            fields["temperature"] = model.temperature
        if model.max_tokens is not None:
            fields[quirks.limit] = model.max_tokens
        if request.tools:
            fields["tools"] = [{"type": "function", "function": _function(tool)} for tool in request.tools]
        if form is not None:
            fields.setdefault("response_format", form)
        return fields

    def _shortcomings(self, request: ModelRequest, perspective: Perspective) -> Iterator[Told]:
        """What this server cannot do of what is asked, told once."""
        found = [(sentence, "left_out") for sentence in perspective.left_out]
        if request.schema is not None and self._quirks.schemas != "schema":
            found.append((text("engine.model.form_in_words", model=self._name), "no_schema"))
        elif request.choices and self._quirks.schemas != "schema":
            found.append((text("engine.model.choice_in_words", model=self._name), "no_schema"))
        for sentence, code in found:
            if sentence not in self._told:
                self._told.add(sentence)
                yield Told(sentence, code)

    def _perspective(self, request: ModelRequest) -> Perspective:
        """What the agent sees, from where the last call of the same conversation left off."""
        first = id(request.thread[0]) if request.thread else 0
        place = (request.agent, request.purpose, first)
        perspective = self._perspectives.get(place)
        if perspective is None or (perspective.quirks, perspective.reads) != (self._quirks, request.reads):
            perspective = self._perspectives[place] = Perspective(request.agent, self._quirks, request.reads)
            if len(self._perspectives) > MOST_PERSPECTIVES:
                self._perspectives.popitem(last=False)
        self._perspectives.move_to_end(place)
        perspective.follow(request.thread)
        return perspective

    def _check(self) -> None:
        if not self._is_web:
            raise openai_errors.bad_address(self._place)
        if not self._name:
            raise openai_errors.no_model(self._place)
        if self._place.url == OPENAI_URL and not self._place.key:
            raise openai_errors.no_key(self._place)

    def _learn(self, failure: ModelError) -> bool:
        """Whether the server's refusal taught how to ask it; asking again is then no retry."""
        if failure.status not in _TEACHING:
            return False
        taught = learned(self._quirks, failure.sentence)
        if taught is None:
            return False
        self._quirks = taught
        return True


class _Chunks:
    """The JSON values of an answer as they come, streamed ones or a `whole` one. Raises Unusable for what is no answer of a model."""

    __slots__ = ("_answer", "_answering", "_clock", "_deadline", "_ended", "_events", "whole")

    def __init__(self, answering: Answering, answer: Answer) -> None:
        if "html" in answering.content_type:
            raise Unusable(text("engine.model_answer.web_page"))
        self.whole = "application/json" in answering.content_type
        self._answering, self._answer = answering, answer
        self._events = ServerSentEvents()
        self._clock = asyncio.get_running_loop().time
        self._deadline = self._clock() + LONGEST_ANSWER
        self._ended = False

    async def next(self) -> list[object]:
        """The next values, none at the end. Once the answer is finished, whatever goes wrong after it is no matter."""
        if self.whole:
            return await self._document()
        chunks: list[object] = []
        try:
            while not chunks and not self._events.over:
                piece = await (self._piece() if self._answer.finish is None else self._last_piece())
                chunks.extend(map(_parsed, self._events.feed(piece) if piece else self._events.end()))
        except Exception:
            if self._answer.finish is None:
                raise
        return chunks

    async def _piece(self) -> bytes:
        """Each wait has the time limit of a server that says nothing; this is the limit of all of them. Raises TimeoutError."""
        piece = await self._answering.piece()
        if self._clock() > self._deadline:
            raise TimeoutError
        return piece

    async def _last_piece(self) -> bytes:
        if not self._ended:
            self._ended, self._deadline = True, min(self._deadline, self._clock() + AFTER_THE_END)
        async with asyncio.timeout_at(self._deadline):
            return await self._answering.piece()

    async def _document(self) -> list[object]:
        """The JSON of a server that does not stream."""
        if self._ended:
            return []
        self._ended, body = True, bytearray()
        while part := await self._piece():
            body += part
            if len(body) > LARGEST_BODY:
                raise Unusable(text("engine.model_answer.too_large"))
        try:
            return [_parsed(bytes(body))]
        except (ValueError, RecursionError):
            raise Unusable(text("engine.model_answer.no_json")) from None


def _parsed(data: bytes) -> object:
    """A JSON value. Raises ValueError, RecursionError."""
    try:
        return from_json(data)
    except ValueError:
        return json.loads(data)  # it also takes halves of surrogate pairs, and other encodings


def _function(tool: ToolSchema) -> dict[str, Any]:
    """A tool as the protocol has it; `strict` only where it is asked for, since not every server knows the word."""
    function = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
    return function | {"strict": True} if tool.strict else function
