"""What clients of protocols other than OpenAI's share: one request, its turn, its stream, its tries; each brings its own words."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from studio.engine.bill import owe
from studio.engine.errors import ModelError
from studio.engine.models import openai_errors
from studio.engine.models.base import Account, Delta, ModelRequest, Piece, Told
from studio.engine.models.normalise import encode
from studio.engine.models.openai_answer import CHARACTERS_PER_TOKEN, Answer, reckoned
from studio.engine.models.openai_errors import Place
from studio.engine.models.rates import Turn, rate_of, wait_for_turn
from studio.engine.models.structured import in_words, response_format, unwrapped
from studio.engine.models.talks import IN_BLOCKS, Talk, Talks, with_signed
from studio.engine.models.tries import tried
from studio.texts import text

LONGEST_ANSWER = 3_600.0
"""Seconds for one whole answer: a server that keeps sending signs of life but never finishes is given up."""

_ABOUT_SCHEMAS = re.compile(r"output_(?:config|format)|schema|mime.?type|additionalProperties", re.IGNORECASE)


class Asking:
    """One request under way: chunks of the OpenAI protocol, made from whatever the server says, and what it signed, as JSON, by call."""

    signed: Sequence[Any] = ()

    def chunks(self) -> AsyncGenerator[dict[str, Any]]:
        """What the server says. Raises what the SDK raises, and Unusable."""
        raise NotImplementedError

    async def close(self) -> None:
        """Ends the request, also in the middle of its answer."""
        raise NotImplementedError


class NativeClient:
    """A model of one account. Safe for concurrent use; abandoning or cancelling a stream closes its request.

    A subclass writes the body of a request, asks with it, and names what its server's errors are. `_kind` is what the thoughts that
    its servers sign are kept under.
    """

    _kind: ClassVar[str]

    def __init__(self, account: Account, base_url: str, official: str, model: str, timeout: float, retries: int) -> None:
        self._name = model or account.default_model
        self._official = official
        self._retries = retries
        self._place = Place(base_url, account.name, account.key, self._name, timeout)
        self._rate = rate_of(account, base_url)
        self._talks = Talks()
        self._quirks = IN_BLOCKS
        self._told: set[str] = set()

    def stream(self, request: ModelRequest) -> AsyncGenerator[Piece]:
        """Deltas, then one ModelReply. Raises ModelRefused at once; ModelUnavailable and ModelAnswerBroken after the last try."""
        return tried(lambda: self._attempt(request), self._retries, self._failure, self._learn)

    async def close(self) -> None:
        """Frees what is held; a later stream opens it again."""
        self._talks.clear()

    # What a subclass brings -----------------------------------------------------------------------------------------------

    def _body(self, request: ModelRequest, messages: Sequence[dict[str, Any]], talk: Talk, form: dict[str, Any] | None) -> dict[str, Any]:
        """What is sent for `messages` of the OpenAI protocol; `form` is a JSON schema that the answer is held to."""
        raise NotImplementedError

    async def _ask(self, body: dict[str, Any]) -> Asking:
        raise NotImplementedError

    def _failure(self, error: BaseException) -> ModelError:
        raise NotImplementedError

    # One try --------------------------------------------------------------------------------------------------------------

    async def _attempt(self, request: ModelRequest) -> AsyncGenerator[Piece]:
        self._check()
        talk = self._talks.of(request)
        for told in self._shortcomings(request, talk):
            yield told
        form = response_format(request, self._quirks)
        schema = form["json_schema"]["schema"] if form else None
        messages = talk.perspective.messages("", (*request.extra, *in_words(request, self._quirks)))
        body = self._body(request, messages, talk, schema)
        turn: Turn | None = None
        if self._rate is not None:
            tokens = (len(encode(_countable(body))) - talk.perspective.attached) // CHARACTERS_PER_TOKEN
            async with contextlib.aclosing(wait_for_turn(self._rate, max(0, tokens), self._place.account)) as waiting:
                async for piece in waiting:
                    if isinstance(piece, Turn):
                        turn = piece
                    else:
                        yield piece
        # A choice comes wrapped in an object: what is said is what it holds, which is known at its end.
        wrapped = bool(form and request.schema is None)
        answer = Answer()
        deadline = asyncio.get_running_loop().time() + LONGEST_ANSWER
        asking: Asking | None = None
        try:
            asking = await self._ask(body)
            async with contextlib.aclosing(asking.chunks()) as chunks:
                while (chunk := await _next(chunks, deadline)) is not None:
                    for delta in answer.take(chunk):
                        if not wrapped:
                            yield delta
            for delta in answer.close():
                if not wrapped:
                    yield delta
        except BaseException:
            half = answer.reply(request.agent, request.earlier_calls, talk.perspective.call_ids)
            if half.text or half.reasoning or half.calls:
                # What it said before it broke off is paid for.
                length = len(encode(_countable(body))) - talk.perspective.attached
                owe(half.usage if answer.counted else reckoned(length, half), answer.model or self._name, answer)
            raise
        finally:
            if turn is not None:
                turn.end()
            if asking is not None:
                await asking.close()
        reply = answer.reply(request.agent, request.earlier_calls, talk.perspective.call_ids)
        if wrapped:
            reply = replace(reply, text=unwrapped(reply.text))
            if reply.text:
                yield Delta(reply.text)
        if reply.calls and asking.signed:
            reply = replace(reply, calls=with_signed(reply.calls, asking.signed, self._kind))
        if turn is not None:
            turn.tokens = reply.usage.total_tokens
        yield reply if reply.model else replace(reply, model=self._name)

    def _check(self) -> None:
        if not self._place.is_web:
            raise openai_errors.bad_address(self._place)
        if not self._name:
            raise openai_errors.no_model(self._place)
        if self._place.url == self._official and not self._place.key:
            raise openai_errors.no_key(self._place)

    def _shortcomings(self, request: ModelRequest, talk: Talk) -> Iterator[Told]:
        """What this server cannot do of what is asked, told once."""
        found = [(sentence, "left_out") for sentence in talk.perspective.left_out]
        if request.schema is not None and self._quirks.schemas != "schema":
            found.append((text("engine.model.form_in_words.not_held", model=self._name), "no_schema"))
        for sentence, code in found:
            if sentence not in self._told:
                self._told.add(sentence)
                yield Told(sentence, code)

    def _learn(self, failure: ModelError) -> bool:
        """Whether a refusal taught how to ask; asking again is then no retry."""
        if failure.status == 400 and self._quirks.schemas == "schema" and _ABOUT_SCHEMAS.search(failure.sentence):
            self._quirks = replace(self._quirks, schemas="words")
            return True
        return False


def _countable(body: dict[str, Any]) -> dict[str, Any]:
    """What of a body is text: signatures are bytes in it."""
    return {name: _texts(value) for name, value in body.items()}


def _texts(value: Any) -> Any:
    match value:
        case dict():
            return {name: _texts(each) for name, each in value.items() if not isinstance(each, bytes)}
        case list() | tuple():
            return [_texts(each) for each in value]
        case _:
            return value


async def _next(chunks: AsyncIterator[dict[str, Any]], deadline: float) -> dict[str, Any] | None:
    """The next chunk, None at the end. Raises TimeoutError at the deadline."""
    async with asyncio.timeout_at(deadline):
        return await anext(chunks, None)
