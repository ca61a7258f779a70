"""Asking a server of the OpenAI protocol what texts are like: vectors from its `/embeddings`, a batch a request."""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

from studio.engine.models.base import Account, Piece
from studio.engine.models.openai_answer import Unusable
from studio.engine.models.whole_answers import Question, WholeAnswersClient
from studio.engine.usage import NOTHING, Usage
from studio.texts import text

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


class EmbeddingsClient(WholeAnswersClient):
    """Vectors of one model of one account. A client lives for a few requests: it is closed after each look-up."""

    not_offered = "engine.embeddings.not_offered"

    def __init__(
        self, account: Account, model: str = "", *, dimensions: int | None = None, batch: int = 64, timeout: float = 60.0, retries: int = 2
    ) -> None:
        super().__init__(account, model, "/embeddings", timeout, retries)
        self._dimensions, self._batch = dimensions, batch

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
            await self._ask(partial(self._question, batch, answered), on_piece)
        return answered

    def _question(self, texts: Sequence[str], answered: Vectors) -> Question:
        """Its vectors are put among those `answered`."""
        body: dict[str, Any] = {"model": self._name, "input": list(texts), "encoding_format": "float"}
        if self._dimensions is not None:
            body["dimensions"] = self._dimensions
        length = sum(map(len, texts))

        def take(answer: dict[str, Any], usage: Usage) -> None:
            found = _vectors_in(answer, len(texts))
            if answered.found and len(found[0]) != len(answered.found[0]):
                raise Unusable(text("engine.embeddings.lengths"))
            answered.found += found
            answered.usage = answered.usage + usage
            answered.model = self._name

        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        return Question(content, partial(_usage_in, length=length), take, length // CHARACTERS_PER_TOKEN)


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
