"""Asking several models, or one several times, and keeping the best answer."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import TYPE_CHECKING

from studio.engine.errors import ModelError
from studio.engine.models.base import Accounts, Delta, ModelReply, ModelRequest, Piece, Retrying, Told
from studio.engine.models.several import Clients, all_failed, refused
from studio.engine.models.structured import structured
from studio.engine.patterns import found_in
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.models.best_of import BestOf

LONGEST_JUDGED = 8_000
"""Characters of an answer that a judge reads."""

_JUDGE = (
    "You compare answers that were given at this point of a conversation. Find the one that is most correct, complete and useful. "
    "Answer with its number and nothing else."
)


class BestOfClient:
    """The answers that are not kept are told with what they cost."""

    def __init__(self, model: BestOf, accounts: Accounts) -> None:
        self._model = model
        self._clients = Clients(model.models, accounts)
        self._tries = [number for number in range(len(model.models)) for _ in range(model.tries)]

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Piece]:
        """Raises ModelError when no try gave an answer."""
        pieces = self._first(request) if self._model.keep == "first" else self._best(request)
        async with contextlib.aclosing(pieces):
            async for piece in pieces:
                yield piece

    async def close(self) -> None:
        await self._clients.close()

    # One after another ----------------------------------------------------------------------------------------------------

    async def _first(self, request: ModelRequest) -> AsyncGenerator[Piece]:
        failures: list[tuple[str, ModelError]] = []
        spare: ModelReply | None = None
        for place, number in enumerate(self._tries):
            name, reply = self._clients.name(number), None
            try:
                async with contextlib.aclosing(self._clients.ask(number, request)) as pieces:
                    async for piece in pieces:
                        if isinstance(piece, ModelReply):
                            reply = piece
                        else:
                            yield piece
                why = self._unfit(reply, request) if reply is not None else text("engine.model.no_answer_at_end", model=name)
            except ModelError as failure:
                failures.append((name, failure))
                why = failure.sentence
            if reply is not None:
                kept = reply if not why or spare is None or not _is_empty(reply) else spare
                if (other := spare if kept is reply else reply) is not None:
                    yield _passed_over(other)
                if not why:
                    yield reply
                    return
                spare = kept
            if place + 1 < len(self._tries):
                yield Retrying(place + 1, why, 0.0, self._clients.name(self._tries[place + 1]))
        if spare is None:
            raise all_failed(failures)
        yield Retrying(len(self._tries), why, 0.0)
        for piece in _kept(spare, text("engine.best_of.none_fits.last_kept")):
            yield piece

    # All at once ----------------------------------------------------------------------------------------------------------

    async def _best(self, request: ModelRequest) -> AsyncGenerator[Piece]:
        answers, told_before = await self._all(request)
        for each in told_before:
            yield each
        replies = [answer for answer in answers if isinstance(answer, ModelReply)]
        failures = [(self._clients.name(n), each) for n, each in zip(self._tries, answers, strict=True) if isinstance(each, ModelError)]
        if not replies:
            raise all_failed(failures)
        for name, failure in failures:
            yield Told(text("engine.best_of.try_failed", model=name, why=failure.sentence), "try_failed")
        fitting = [reply for reply in replies if not self._unfit(reply, request)]
        told = "" if fitting else text("engine.best_of.none_fits.one_kept")
        fitting = fitting or [reply for reply in replies if not _is_empty(reply)] or replies
        best = fitting[0]
        match self._model.keep:
            case "longest":
                best = max(fitting, key=lambda reply: len(reply.text))
            case "shortest":
                best = min(fitting, key=lambda reply: len(reply.text))
            case "judge" if len(fitting) > 1:
                told_before.clear()
                place, verdict = await self._judged(request, fitting, told_before)
                best = fitting[place]
                for each in (*told_before, verdict):
                    yield each
        for reply in replies:
            if reply is not best:
                yield _passed_over(reply)
        for piece in _kept(best, told):
            yield piece

    async def _all(self, request: ModelRequest) -> tuple[list[ModelReply | ModelError], list[Told]]:
        """The answers of all tries, made at the same time, and what was told of them. Who is cancelled cancels them all."""
        told: list[list[Told]] = [[] for _ in self._tries]
        async with asyncio.TaskGroup() as group:
            asking = [group.create_task(self._one(number, request, told[place])) for place, number in enumerate(self._tries)]
        return [task.result() for task in asking], [each for tries in told for each in tries]

    async def _one(self, number: int, request: ModelRequest, told: list[Told]) -> ModelReply | ModelError:
        try:
            async with contextlib.aclosing(self._clients.ask(number, request)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, ModelReply):
                        return piece
                    if isinstance(piece, Told) and piece.usage.calls:
                        told.append(piece)
        except ModelError as failure:
            return failure
        return ModelError(text("engine.model.no_answer_at_end", model=self._clients.name(number)))

    async def _judged(self, request: ModelRequest, replies: list[ModelReply], told: list[Told]) -> tuple[int, Told]:
        """The place of the answer that the first model finds best, and what to tell about it; `told` gets what was told of the asking."""
        answers = tuple(f"Answer {place}:\n{reply.text[:LONGEST_JUDGED] or _calls(reply)}" for place, reply in enumerate(replies, 1))
        numbers = tuple(str(place) for place in range(1, len(replies) + 1))
        question = f"Which of these {len(replies)} answers is the best? Answer with its number only."
        asked = replace(
            request, system=_JUDGE, extra=(*request.extra, *answers, question), tools=(), schema=None, choices=numbers, purpose="selection"
        )
        verdict = await self._one(0, asked, told)
        if isinstance(verdict, ModelError):
            return 0, Told(text("engine.best_of.judge_failed", why=verdict.sentence), "judge_failed")
        named = [int(number) for number in re.findall(r"\d+", verdict.text[-200:]) if number in numbers]
        place = named[-1] if named else 1
        said = text("engine.best_of.judged", place=place, count=len(replies)) if named else text("engine.best_of.judged_none")
        return place - 1, Told(said, "judged", verdict.usage, verdict.model)

    # The rule -------------------------------------------------------------------------------------------------------------

    def _unfit(self, reply: ModelReply, request: ModelRequest) -> str:
        """Why an answer does not fit, empty when it does."""
        model = self._model
        if reply.calls:
            return ""
        if refused(reply):
            return text("engine.best_of.unfit.refusal")
        if model.contains and model.contains.casefold() not in reply.text.casefold():
            return text("engine.best_of.unfit.lacks", words=model.contains)
        if model.pattern and not found_in(reply.text, model.pattern):
            return text("engine.best_of.unfit.mismatch", pattern=model.pattern)
        if model.valid_json:
            _, mistake = structured(reply.text, request.schema or {})
            return mistake or ""
        return ""


def _is_empty(reply: ModelReply) -> bool:
    """Whether a reply neither says nor calls anything."""
    return not reply.text.strip() and not reply.calls


def _calls(reply: ModelReply) -> str:
    return ", ".join(f"{call.name}({call.arguments[:500]})" for call in reply.calls)


def _passed_over(reply: ModelReply) -> Told:
    said = text("engine.best_of.passed_over", model=reply.model) if reply.model else text("engine.best_of.passed_over.nameless")
    return Told(said, "passed_over", reply.usage, reply.model)


def _kept(reply: ModelReply, told: str) -> list[Piece]:
    """A whole answer as the pieces of a stream."""
    pieces: list[Piece] = [Told(told, "none_fits")] if told else []
    if reply.reasoning:
        pieces.append(Delta(reply.reasoning, "reasoning"))
    if reply.text:
        pieces.append(Delta(reply.text))
    return [*pieces, reply]
