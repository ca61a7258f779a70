"""Asking a server of the OpenAI protocol what texts are like: vectors from its `/embeddings`, a batch a request."""

from __future__ import annotations

import contextlib
import json
import math
from array import array
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from studio.engine.bill import owe
from studio.engine.errors import ModelRefused
from studio.engine.models import openai_errors
from studio.engine.models.base import Account, ModelReply, Piece
from studio.engine.models.connections import OPENAI_URL, Connection, reach
from studio.engine.models.openai_answer import Unusable
from studio.engine.models.openai_errors import Place
from studio.engine.models.presets import money_of
from studio.engine.models.rates import Turn, rate_of, wait_for_turn
from studio.engine.models.tries import tried
from studio.engine.models.whole_answers import posted
from studio.engine.usage import NOTHING, Usage
from studio.texts import text

if TYPE_CHECKING:
    from openai import AsyncOpenAI

Vector: TypeAlias = "array[float]"
"""A text as numbers, single precision, of length 1: the dot product of two is how alike they are."""

MOST_CHARACTERS = 200_000
"""Characters that one request holds, unless a single text is longer."""

CHARACTERS_PER_TOKEN = 4
"""The rule of thumb by which tokens are reckoned where a server does not count them."""


@dataclass(slots=True)
class Vectors:
    """What a server answered so far, in the order of the texts, and what it has cost."""

    found: list[Vector] = field(default_factory=list)
    usage: Usage = NOTHING
    model: str = ""


class EmbeddingsClient:
    """Vectors of one model of one account. A client lives for a few requests: it is closed after each look-up."""

    def __init__(
        self, account: Account, model: str = "", *, dimensions: int | None = None, batch: int = 64, timeout: float = 60.0, retries: int = 2
    ) -> None:
        found = reach(account, model)
        self._reach = replace(found, chat=found.chat.removesuffix("/chat/completions") + "/embeddings")
        self._name = found.model
        self._place = Place(found.base_url, account.name, account.key, self._name, timeout)
        self._dimensions, self._batch, self._timeout, self._retries = dimensions, batch, timeout, retries
        self._connection: Connection[AsyncOpenAI] = Connection(found.base_url, account.key)
        self._rate = rate_of(account, found.base_url)
        self._money = money_of(account, found.base_url)
        self._provider = account.provider

    @property
    def identity(self) -> str:
        """What tells its vectors from those of another model."""
        return json.dumps([self._reach.base_url, self._name, self._dimensions])

    async def vectors(self, texts: Sequence[str], on_piece: Callable[[Piece], None]) -> Vectors:
        """One vector a text. `on_piece` is told of retries and waits.

        Raises ModelRefused at once; ModelUnavailable and ModelAnswerBroken after the last try.
        """
        answered = Vectors()
        for batch in _batches(texts, self._batch):
            pieces = tried(
                lambda batch=batch: self._attempt(batch, answered),  # type: ignore[misc]
                self._retries,
                lambda error: openai_errors.failure(error, self._place),
            )
            async with contextlib.aclosing(pieces):
                async for piece in pieces:
                    on_piece(piece)
        return answered

    async def close(self) -> None:
        await self._connection.close()

    async def _attempt(self, texts: Sequence[str], answered: Vectors) -> AsyncGenerator[Piece]:
        """Ask once; at the end of a whole answer its vectors are among those `answered`."""
        self._check()
        length = sum(map(len, texts))
        turn: Turn | None = None
        if self._rate is not None:
            async with contextlib.aclosing(wait_for_turn(self._rate, length // CHARACTERS_PER_TOKEN, self._place.account)) as waiting:
                async for piece in waiting:
                    if isinstance(piece, Turn):
                        turn = piece
                    else:
                        yield piece
        body: dict[str, Any] = {"model": self._name, "input": list(texts), "encoding_format": "float"}
        if self._dimensions is not None:
            body["dimensions"] = self._dimensions
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        answer = await posted(self._connection, self._reach, self._timeout, content)
        found = _vectors_in(answer, len(texts))
        usage = _usage_in(answer, length)
        if self._money == "free":
            usage = usage.model_copy(update={"cost": 0.0})
        if turn is not None:
            turn.tokens = usage.total_tokens
        owe(usage, self._name, usage)
        if answered.found and len(found[0]) != len(answered.found[0]):
            raise Unusable(text("engine.embeddings.lengths"))
        answered.found += found
        answered.usage = answered.usage + usage
        answered.model = self._name
        yield ModelReply(usage=usage, model=self._name)

    def _check(self) -> None:
        if self._provider == "anthropic":
            sentence = text("engine.embeddings.not_offered", account=self._place.account)
            raise ModelRefused(sentence, text("engine.embeddings.not_offered.remedy"), account=self._place.account)
        if not self._place.is_web:
            raise openai_errors.bad_address(self._place)
        if not self._name:
            raise openai_errors.no_model(self._place)
        if self._place.url == OPENAI_URL and not self._place.key:
            sentence = text("engine.embeddings.no_key", account=self._place.account)
            raise ModelRefused(sentence, text("engine.model.open_account"), account=self._place.account)


def _batches(texts: Sequence[str], most: int) -> list[list[str]]:
    batches: list[list[str]] = []
    room = 0
    for each in texts:
        if not batches or len(batches[-1]) >= most or room < len(each):
            batches.append([])
            room = MOST_CHARACTERS
        batches[-1].append(each)
        room -= len(each)
    return batches


def _vectors_in(answer: dict[str, Any], count: int) -> list[Vector]:
    """Raises Unusable for anything but one vector of numbers a text, all of one length."""
    rows = answer.get("data")
    if not isinstance(rows, list) or len(rows) != count:
        raise Unusable(text("engine.embeddings.too_few", count=count))
    found: list[Vector | None] = [None] * count
    for position, row in enumerate(rows):
        place = row.get("index", position) if isinstance(row, dict) else None
        if type(place) is not int or not 0 <= place < count or found[place] is not None:
            raise Unusable(text("engine.embeddings.unordered"))
        found[place] = _vector(row.get("embedding"))
    vectors = [vector for vector in found if vector is not None]
    if len({len(vector) for vector in vectors}) != 1:
        raise Unusable(text("engine.embeddings.lengths"))
    return vectors


def _vector(numbers: object) -> Vector:
    """Of length 1, whatever length the server gave it."""
    if not isinstance(numbers, list) or not numbers or len(numbers) > 100_000:
        raise Unusable(text("engine.embeddings.no_numbers"))
    if not all(type(number) in (int, float) and math.isfinite(number) for number in numbers):
        raise Unusable(text("engine.embeddings.no_numbers"))
    length = math.sqrt(math.fsum(number * number for number in numbers))
    return array("f", [number / length for number in numbers] if length else numbers)


def _usage_in(answer: dict[str, Any], length: int) -> Usage:
    """What the server counted, or an estimate by the texts' length."""
    told = answer.get("usage")
    tokens = told.get("prompt_tokens", told.get("total_tokens")) if isinstance(told, dict) else None
    if type(tokens) is int and 0 <= tokens < 2**53:
        return Usage(prompt_tokens=tokens, calls=1)
    return Usage(prompt_tokens=-(-length // CHARACTERS_PER_TOKEN), calls=1, estimated=True)
