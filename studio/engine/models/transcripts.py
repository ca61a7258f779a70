"""Asking a server of the OpenAI protocol what is said in a piece of sound: its `/audio/transcriptions`, with the time of each sentence."""

from __future__ import annotations

import contextlib
import math
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from studio.engine.bill import owe
from studio.engine.errors import ModelError, ModelRefused
from studio.engine.models import openai_errors
from studio.engine.models.base import Account, ModelReply, Piece
from studio.engine.models.connections import OPENAI_URL, Connection, reach
from studio.engine.models.openai_answer import Unusable
from studio.engine.models.openai_errors import Place
from studio.engine.models.presets import money_of
from studio.engine.models.price_list import MINUTES
from studio.engine.models.rates import Turn, rate_of, wait_for_turn
from studio.engine.models.tries import tried
from studio.engine.models.whole_answers import posted
from studio.engine.usage import NOTHING, Usage
from studio.texts import text

if TYPE_CHECKING:
    from openai import AsyncOpenAI

MOST_SENTENCES = 5_000
LONGEST_SENTENCE = 4_000
"""Characters."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said from one second of a sound to another."""

    start: float
    end: float
    text: str


@dataclass(slots=True)
class Transcript:
    """What a server heard so far, and what it has cost."""

    sentences: list[Sentence] = field(default_factory=list)
    usage: Usage = NOTHING
    model: str = ""


class TranscriptsClient:
    """What one model of one account hears. A client lives for one call of a tool."""

    def __init__(self, account: Account, model: str, *, language: str = "", timeout: float = 120.0, retries: int = 2) -> None:
        found = reach(account, model)
        self._reach = replace(found, chat=found.chat.removesuffix("/chat/completions") + "/audio/transcriptions")
        self._name = found.model
        self._language, self._timeout, self._retries = language, timeout, retries
        self._place = Place(found.base_url, account.name, account.key, self._name, timeout)
        self._connection: Connection[AsyncOpenAI] = Connection(found.base_url, account.key)
        self._rate = rate_of(account, found.base_url)
        self._free = money_of(account, found.base_url) == "free"
        self._provider = account.provider
        self._timed = True

    async def heard(self, sound: bytes, seconds: float, on_piece: Callable[[Piece], None]) -> Transcript:
        """What is said in an MP3 of so many seconds; where the server tells no times, the whole is one sentence.

        `on_piece` is told of retries and waits. Raises ModelRefused at once; ModelUnavailable and ModelAnswerBroken after the last try.
        """
        transcript = Transcript()
        pieces = tried(
            lambda: self._attempt(sound, seconds, transcript),
            self._retries,
            lambda error: openai_errors.failure(error, self._place),
            self._learns,
        )
        async with contextlib.aclosing(pieces):
            async for piece in pieces:
                on_piece(piece)
        return transcript

    async def close(self) -> None:
        await self._connection.close()

    def _learns(self, failure: ModelError) -> bool:
        """Some models tell no times, and refuse to be asked for them."""
        asked, self._timed = self._timed, self._timed and not (failure.status == 400 and "response_format" in failure.sentence)
        return asked and not self._timed

    async def _attempt(self, sound: bytes, seconds: float, transcript: Transcript) -> AsyncGenerator[Piece]:
        self._check()
        turn: Turn | None = None
        if self._rate is not None:
            async with contextlib.aclosing(wait_for_turn(self._rate, 0, self._place.account)) as waiting:
                async for piece in waiting:
                    if isinstance(piece, Turn):
                        turn = piece
                    else:
                        yield piece
        fields = {"model": self._name, "response_format": "verbose_json" if self._timed else "json"}
        if self._language:
            fields["language"] = self._language
        kind, body = _form(fields, sound)
        where = replace(self._reach, headers={**self._reach.headers, "Content-Type": kind})
        answer = await posted(self._connection, where, self._timeout, body)
        usage = _usage_in(answer)
        if self._free:
            usage = usage.costing(0.0)
        elif not usage.total_tokens and self._name in MINUTES:
            usage = usage.costing(MINUTES[self._name] * seconds / 60)
        if turn is not None:
            turn.tokens = usage.total_tokens
        owe(usage, self._name, usage)
        transcript.sentences = _sentences_in(answer, seconds)
        transcript.usage, transcript.model = transcript.usage + usage, self._name
        yield ModelReply(usage=usage, model=self._name)

    def _check(self) -> None:
        if self._provider == "anthropic":
            sentence = text("engine.transcripts.not_offered", account=self._place.account)
            raise ModelRefused(sentence, text("engine.transcripts.not_offered.remedy"), account=self._place.account)
        if not self._place.is_web:
            raise openai_errors.bad_address(self._place)
        if not self._name:
            raise openai_errors.no_model(self._place)
        if self._place.url == OPENAI_URL and not self._place.key:
            sentence = text("engine.embeddings.no_key", account=self._place.account)
            raise ModelRefused(sentence, text("engine.model.open_account"), account=self._place.account)


def _form(fields: dict[str, str], sound: bytes) -> tuple[str, bytes]:
    """A form with a file as browsers send it: its media type and its bytes. What is in the fields has no line of its own in them."""
    border = uuid4().hex
    parts = [
        f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{" ".join(value.split())}\r\n'
        for name, value in fields.items()
    ]
    head = f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="sound.mp3"\r\nContent-Type: audio/mpeg\r\n\r\n'
    return f"multipart/form-data; boundary={border}", "".join([*parts, head]).encode() + sound + f"\r\n--{border}--\r\n".encode()


def _sentences_in(answer: dict[str, Any], seconds: float) -> list[Sentence]:
    """Raises Unusable for an answer in which nothing is said."""
    rows = answer.get("segments")
    found = []
    for row in rows[:MOST_SENTENCES] if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(said := row.get("text"), str) and said.strip():
            start, end = (_second(row.get(name), seconds) for name in ("start", "end"))
            found.append(Sentence(start, max(start, end), " ".join(said[:LONGEST_SENTENCE].split())))
    if found:
        return found
    if not isinstance(said := answer.get("text"), str):
        raise Unusable(text("engine.transcripts.no_text"))
    words = " ".join(said[: LONGEST_SENTENCE * 10].split())
    return [Sentence(0.0, seconds, words)] if words else []


def _second(value: Any, most: float) -> float:
    number = value if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) else 0.0
    return min(max(0.0, float(number)), most)


def _usage_in(answer: dict[str, Any]) -> Usage:
    """What the server counted: tokens of some models; others are paid by the minute."""
    told = answer.get("usage")
    counts = [told.get(name) if isinstance(told, dict) else None for name in ("input_tokens", "output_tokens")]
    prompt, completion = (count if type(count) is int and 0 <= count < 2**53 else 0 for count in counts)
    return Usage(prompt_tokens=prompt, completion_tokens=completion, calls=1)
