"""Questions to a server of the OpenAI protocol that are answered in one piece of JSON: embeddings, transcripts."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from studio.engine.bill import owe
from studio.engine.errors import ModelError, ModelRefused
from studio.engine.models import openai_errors
from studio.engine.models.base import Account, ModelReply, Piece
from studio.engine.models.connections import OPENAI_URL, Connection, Reach, reach
from studio.engine.models.openai_answer import Unusable
from studio.engine.models.openai_errors import Place
from studio.engine.models.posting import Answering, Head, behind_proxy, post_straight, post_through_sdk
from studio.engine.models.presets import money_of
from studio.engine.models.rates import Turn, rate_of, wait_for_turn
from studio.engine.models.tries import tried
from studio.engine.usage import Usage
from studio.texts import text

if TYPE_CHECKING:
    from openai import AsyncOpenAI

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes."""

LONGEST_ANSWER = 300.0
"""Seconds for one whole answer."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is sent, and how many tokens it is reckoned to be.

    `usage_in` says what an answer has cost, then `take` reads it, and raises Unusable for one that cannot be used.
    """

    body: bytes
    usage_in: Callable[[dict[str, Any]], Usage]
    take: Callable[[dict[str, Any], Usage], None]
    tokens: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)


class WholeAnswersClient:
    """One model of one account whose answers are read whole. A client lives for a few questions.

    Each kind brings its questions, and in `not_offered` the text for an account of a provider that has no such thing.
    """

    not_offered: ClassVar[str]

    def __init__(self, account: Account, model: str, path: str, timeout: float, retries: int) -> None:
        found = reach(account, model)
        self._reach = replace(found, chat=found.chat.removesuffix("/chat/completions") + path)
        self._name = found.model
        self._place = Place(found.base_url, account.name, account.key, self._name, timeout)
        self._timeout, self._retries = timeout, retries
        self._connection: Connection[AsyncOpenAI] = Connection(found.base_url, account.key)
        self._rate = rate_of(account, found.base_url)
        self._is_free = money_of(account, found.base_url) == "free"
        self._provider = account.provider

    async def close(self) -> None:
        await self._connection.close()

    async def _ask(
        self,
        question: Callable[[], Question],
        on_piece: Callable[[Piece], None],
        learn: Callable[[ModelError], bool] = lambda failure: False,
    ) -> None:
        """Until an answer is taken; each try asks for the `question` anew. `on_piece` is told of retries and waits."""
        pieces = tried(lambda: self._attempt(question), self._retries, lambda error: openai_errors.failure(error, self._place), learn)
        async with contextlib.aclosing(pieces):
            async for piece in pieces:
                on_piece(piece)

    async def _attempt(self, ask: Callable[[], Question]) -> AsyncGenerator[Piece]:
        self._check()
        question = ask()
        turn: Turn | None = None
        if self._rate is not None:
            async with contextlib.aclosing(wait_for_turn(self._rate, question.tokens, self._place.account)) as waiting:
                async for piece in waiting:
                    if isinstance(piece, Turn):
                        turn = piece
                    else:
                        yield piece
        try:
            where = replace(self._reach, headers={**self._reach.headers, **question.headers})
            answer = await posted(self._connection, where, self._timeout, question.body)
            usage = question.usage_in(answer)
            if turn is not None:
                turn.tokens = usage.total_tokens
        finally:
            if turn is not None:
                turn.end()
        if self._is_free:
            usage = usage.costing(0.0)
        # What cannot be used is paid for all the same.
        owe(usage, self._name, answer)
        question.take(answer, usage)
        yield ModelReply(usage=usage, model=self._name)

    def _check(self) -> None:
        if self._provider == "anthropic":
            sentence = text(self.not_offered, account=self._place.account)
            raise ModelRefused(sentence, text(f"{self.not_offered}.remedy"), account=self._place.account)
        if not self._place.is_web:
            raise openai_errors.bad_address(self._place)
        if not self._name:
            raise openai_errors.no_model(self._place)
        if self._place.url == OPENAI_URL and not self._place.key:
            raise openai_errors.no_key(self._place)


async def posted(connection: Connection[AsyncOpenAI], reach: Reach, timeout: float, body: bytes) -> dict[str, Any]:
    """The JSON object that a server answers to a body; `timeout` is in seconds without a word from it.

    Raises Unusable, and what sending raises.
    """
    sdk = await connection.sdk()
    answering: Answering
    async with asyncio.timeout(LONGEST_ANSWER):
        if behind_proxy(reach.base_url):
            answering = await post_through_sdk(sdk, reach, timeout, body)
        else:
            answering = await post_straight(await connection.session(), Head.of(reach, timeout), body)
        try:
            answer = bytearray()
            while part := await answering.piece():
                answer += part
                if len(answer) > LARGEST_ANSWER:
                    raise Unusable(text("engine.model_answer.too_large"))
        finally:
            await answering.close()
    try:
        document = json.loads(answer)
    except (ValueError, RecursionError):
        raise Unusable(text("engine.model_answer.no_json")) from None
    if not isinstance(document, dict):
        raise Unusable(text("engine.model_answer.no_object"))
    if isinstance(error := document.get("error"), dict | str):
        raise Unusable(str(error.get("message", error) if isinstance(error, dict) else error))
    return document
