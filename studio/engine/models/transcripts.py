"""Asking a server of the OpenAI protocol what is said in a piece of sound: its `/audio/transcriptions`, with the time of each sentence."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

from studio.engine.errors import ModelError
from studio.engine.models.base import Account, Piece
from studio.engine.models.openai_answer import Unusable
from studio.engine.models.price_list import MINUTES
from studio.engine.models.whole_answers import Question, WholeAnswersClient
from studio.engine.usage import NOTHING, Usage
from studio.texts import text

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


class TranscriptsClient(WholeAnswersClient):
    """What one model of one account hears. A client lives for one call of a tool."""

    not_offered = "engine.transcripts.not_offered"

    def __init__(self, account: Account, model: str, *, language: str = "", timeout: float = 120.0, retries: int = 2) -> None:
        super().__init__(account, model, "/audio/transcriptions", timeout, retries)
        self._language = language
        self._timed = True

    async def heard(self, sound: bytes, seconds: float, on_piece: Callable[[Piece], None]) -> Transcript:
        """What is said in an MP3 of so many seconds; where the server tells no times, the whole is one sentence.

        `on_piece` is told of retries and waits. Raises ModelRefused at once; ModelUnavailable and ModelAnswerBroken after the last try.
        """
        transcript = Transcript()
        await self._ask(partial(self._question, sound, seconds, transcript), on_piece, self._learns)
        return transcript

    def _learns(self, failure: ModelError) -> bool:
        """Some models tell no times, and refuse to be asked for them."""
        asked, self._timed = self._timed, self._timed and not (failure.status == 400 and "response_format" in failure.sentence)
        return asked and not self._timed

    def _question(self, sound: bytes, seconds: float, transcript: Transcript) -> Question:
        fields = {"model": self._name, "response_format": "verbose_json" if self._timed else "json"}
        if self._language:
            fields["language"] = self._language
        kind, body = _form(fields, sound)

        def usage_in(answer: dict[str, Any]) -> Usage:
            usage = _usage_in(answer)
            return usage if usage.total_tokens or self._name not in MINUTES else usage.costing(MINUTES[self._name] * seconds / 60)

        def take(answer: dict[str, Any], usage: Usage) -> None:
            transcript.sentences = _sentences_in(answer, seconds)
            transcript.usage, transcript.model = transcript.usage + usage, self._name

        return Question(body, usage_in, take, headers={"Content-Type": kind})


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
