"""Asking a model: the answer streams, is priced, and becomes events of whoever asked."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from studio.engine.agents.agent import CallModel
from studio.engine.agents.answer import kept_back
from studio.engine.agents.guarded import judged
from studio.engine.bill import owe
from studio.engine.decide import Due, candidates_of, turn_of
from studio.engine.errors import FlowError
from studio.engine.events import Event, Noticed, TextDelta, Voided, Working
from studio.engine.models.base import Delta, ModelReply, Retrying, Told
from studio.engine.steps.workplace import Workplace
from studio.engine.usage import Usage
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.telemetry import Spans


async def call_model(work: Workplace, due: Due, step: CallModel, spoken: list[str]) -> None:
    """Ask once, however often the client tries. `spoken` holds what has been said so far, for when it is broken off."""
    scope, source = due.talk.scope, due.source
    speaking = due.speaker is not None and step.request.purpose == "reply"
    if work.watched:
        work.show(Working(source=source, scope=scope, what="choosing" if due.speaker is None else "thinking"))
    spoken.clear()
    began = time.monotonic()
    if work.spans is None:
        reply = await _answering(step)(work, due, step, spoken, speaking)
    else:
        reply = await _traced(work, work.spans, due, step, spoken, speaking)
    events = _becomes(work, due, step, reply, round(time.monotonic() - began, 3))
    await work.writer.append(scope, *events)
    spoken.clear()


async def _traced(work: Workplace, spans: Spans, due: Due, step: CallModel, spoken: list[str], speaking: bool) -> ModelReply:
    spans.asked(due, step.model, step.request)
    try:
        reply = await _answering(step)(work, due, step, spoken, speaking)
    except BaseException as mistake:
        spans.failed(due, mistake)
        raise
    spans.answered(due, reply)
    return reply


def _answering(step: CallModel) -> Callable[[Workplace, Due, CallModel, list[str], bool], Awaitable[ModelReply]]:
    """What gives the answer that counts. It raises ModelError, and FlowError when there is none."""
    return _guarded if step.guards else _asked


async def _guarded(work: Workplace, due: Due, step: CallModel, spoken: list[str], speaking: bool) -> ModelReply:
    from studio.engine.steps.guarding import guarded_answer

    async def answer(asked: CallModel, shown: bool) -> ModelReply:
        return await _asked(work, due, asked, spoken, shown)

    async def tell(told: Told) -> None:
        await _tell(work, due, told)

    return await guarded_answer(step, speaking, answer, tell)


async def _tell(work: Workplace, due: Due, told: Told) -> None:
    usage = priced(work, told.usage, told.model)
    await work.writer.append(due.talk.scope, Noticed(source=due.source, code=told.code, text=told.text, usage=usage))


async def _asked(work: Workplace, due: Due, step: CallModel, spoken: list[str], speaking: bool) -> ModelReply:
    """The whole answer, priced; what streams is shown. Raises ModelError, and FlowError when there is none."""
    scope, source, watched = due.talk.scope, due.source, work.watched
    reply: ModelReply | None = None
    async with contextlib.aclosing(work.client(step.model).stream(step.request)) as answer:  # type: ignore[type-var]
        async for piece in answer:
            match piece:
                case Delta():
                    if speaking:
                        if piece.kind == "text":
                            spoken.append(piece.text)
                        if watched:
                            work.show(TextDelta(source=source, scope=scope, text=piece.text, kind=piece.kind))
                case ModelReply():
                    reply = piece
                    owe(piece.usage, piece.model, piece)
                case Retrying():
                    spoken.clear()
                    work.show(Voided(source=source, scope=scope))
                    await work.writer.append(scope, _noticed(source, piece))
                case Told():
                    await _tell(work, due, piece)
    if reply is None:
        raise FlowError(source, text("engine.model.ended"))
    usage = priced(work, reply.usage, reply.model)
    return reply if usage is reply.usage else reply.costing(usage)


def _noticed(source: str, failed: Retrying) -> Noticed:
    if failed.instead:
        return Noticed(source=source, code="fallback", text=text("engine.model.fallback", why=failed.why, model=failed.instead))
    if failed.wait >= 0.1:
        again = text("engine.model.retry_in", attempt=failed.attempt, why=failed.why, seconds=f"{failed.wait:.1f}")
    else:
        again = text("engine.model.retry", attempt=failed.attempt, why=failed.why)
    return Noticed(source=source, code="retry", text=again)


def _becomes(work: Workplace, due: Due, step: CallModel, reply: ModelReply, seconds: float) -> tuple[Event, ...]:
    talk = due.talk
    if due.speaker is None:
        return talk.team.selection.on_reply(candidates_of(work.state, talk, step.request), reply)
    agent = talk.agents[due.speaker]
    if step.judges is not None:
        return judged(agent, step.judges, reply)
    if reply.guard is not None:
        return kept_back(agent, reply.guard, reply, seconds)
    return agent.on_reply(turn_of(work.state, talk, talk.open[due.speaker], step.request), reply, seconds)


def priced(work: Workplace, usage: Usage, model: str) -> Usage:
    """What a call has cost by the price table, where its server did not say so."""
    prices = work.environment.prices
    if usage.cost is not None or not usage.calls or prices is None:
        return usage
    cost = prices.cost(model, usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens)
    return usage if cost is None else usage.costing(cost)
