"""Asking a model for an agent that has guards: nothing of an answer is shown before they have looked at it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from studio.engine.agents.agent import CallModel
from studio.engine.code.arguments import read_arguments
from studio.engine.code.calling import BadArguments
from studio.engine.events import HandedOff, MessageSaid
from studio.engine.guards import Guard, question, verdict
from studio.engine.models.base import ModelReply, ModelRequest, Told
from studio.texts import text

Answering = Callable[[CallModel, bool], Awaitable[ModelReply]]
Telling = Callable[[Told], Awaitable[None]]


async def guarded_answer(step: CallModel, speaking: bool, answer: Answering, tell: Telling) -> ModelReply:
    """The answer, or one without words that names the guard that fired. `answer` asks once, and shows what streams if it may.

    Raises what `answer` raises.
    """
    before = [guard for guard in step.guards if guard.looks_at == "heard"]
    after = [guard for guard in step.guards if guard.looks_at == "said"]
    if before and (fired := await _fired(before, _heard(step.request), step, answer, tell)) is not None:
        return ModelReply(guard=fired)
    reply = await answer(step, speaking and not after)
    if (fired := await _fired(after, _said(reply), step, answer, tell)) is not None:
        return replace(reply, text="", reasoning="", calls=(), guard=fired)
    if reply.reasoning and (fired := await _fired(after, reply.reasoning, step, answer, tell)) is not None:
        if any(call.signed for call in reply.calls):
            # Its thoughts go with the calls, and their server takes the calls with all of them only.
            return replace(reply, text="", reasoning="", calls=(), guard=fired)
        left_out = text("engine.guard.fired_at_thought", agent=step.request.agent, what=fired.what[:200])
        await tell(Told(left_out, "guard"))
        return replace(reply, reasoning="")
    return reply


def _heard(request: ModelRequest) -> str:
    """What somebody else said last."""
    others = (event for event in reversed(request.thread) if isinstance(event, MessageSaid | HandedOff) and event.source != request.agent)
    last = next(others, None)
    return last.text if last is not None else ""


def _said(reply: ModelReply) -> str:
    """All that is said and given to tools, with what JSON may write in other signs as it is read."""
    return "\n".join([reply.text, *(given for call in reply.calls for given in (call.arguments, *_read(call.arguments)))])


def _read(arguments: str) -> Iterator[str]:
    """Texts in the arguments of a call that are written there in another way."""
    if "\\" not in arguments:
        return
    try:
        left: list[Any] = [read_arguments(arguments)]
    except BadArguments:
        return
    while left:
        match left.pop():
            case dict() as fields:
                left += [*fields.values(), *fields]
            case list() as values:
                left += values
            case str() as found if found not in arguments:
                yield found


async def _fired(guards: Sequence[Guard], said: str, step: CallModel, answer: Answering, tell: Telling) -> Guard | None:
    """The first guard that fires at a text; patterns are looked for before a model is asked."""
    if not said.strip():
        return None
    if (found := next((guard for guard in guards if guard.matches(said)), None)) is not None:
        return found
    for guard in guards:
        if guard.how == "model" and await _judged(guard, said, step, answer, tell):
            return guard
    return None


async def _judged(guard: Guard, said: str, step: CallModel, answer: Answering, tell: Telling) -> bool:
    """Whether a model answers the guard's question with yes."""
    asked = question(guard, said, step.request.agent, step.request.earlier_calls)
    reply = await answer(CallModel(step.model, asked), False)
    fires, words = verdict(guard, reply)
    await tell(Told(words, "guard_asked", reply.usage, reply.model))
    return fires
