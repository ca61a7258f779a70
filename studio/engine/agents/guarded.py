"""The guards of whoever speaks: they look at what is heard before a turn begins, and at what is said before it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from studio.engine.agents.agent import Agent, CallModel, Converse, Say, Step, Turn
from studio.engine.agents.answer import kept_back
from studio.engine.agents.assistant import Assistant
from studio.engine.errors import FlowError
from studio.engine.events import Event, HandedOff, MessageSaid, Noticed, Recalled, Summarised
from studio.engine.guards import question, verdict
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.guards import Guard
    from studio.engine.models.base import ModelReply

ASKED = "guard_asked:"
"""How the code of a notice begins that a guard was asked about something and let it through; `heard` or `said` follows."""


def guarded(agent: Agent, turn: Turn, step: Step) -> Step:
    """The step, or what the agent's guards want before it. Pure. Raises FlowError where a guard has no model to ask.

    An assistant's own answers are looked at while they are asked for, since nothing of them may be shown before.
    """
    if isinstance(agent, Assistant) and not isinstance(step, Say):
        return step
    if not isinstance(agent, Assistant) and not _has_begun(turn):
        heard = _heard(agent, turn)
        if (first := _look(agent, turn, "heard", heard)) is not None:
            return first
    match step:
        case Say(events) if events and isinstance(said := events[-1], MessageSaid | HandedOff):
            wanted = _look(agent, turn, "said", said.text)
            if isinstance(wanted, Say):
                return Say((*events[:-1], *wanted.events))
            return wanted or step
        case CallModel(request=request) if request.purpose == "reply" or _is_team(agent):
            return replace(step, guards=tuple(each for each in guards_of(agent) if each.looks_at == "said"))
        case Converse(heard=True) if any(each.looks_at == "said" for each in guards_of(agent)):
            # What its members say would be said by then: so it speaks as one.
            return replace(step, heard=False)
        case _:
            return step


def guards_of(agent: Agent) -> tuple[Guard, ...]:
    """The guards of whoever speaks; agents of vocabularies with guards of their own have none."""
    found: tuple[Guard, ...] = getattr(agent, "guards", ())
    return found


def judged(agent: Agent, guard: Guard, reply: ModelReply) -> tuple[Event, ...]:
    """What becomes of a model's answer to a guard's question."""
    fires, words = verdict(guard, reply)
    told = Noticed(source=agent.name, code=ASKED + guard.looks_at, text=words, usage=reply.usage)
    return (told, *kept_back(agent, guard)) if fires else (told,)


def _look(agent: Agent, turn: Turn, what: str, said: str) -> Step | None:
    """What the first guard says that fires at a text by its pattern, or the question of the next one that asks; None: it may pass."""
    guards = [each for each in guards_of(agent) if each.looks_at == what]
    if not guards or not said.strip():
        return None
    if (fired := next((each for each in guards if each.matches(said)), None)) is not None:
        return Say(kept_back(agent, fired))
    asked = sum(event.type == "notice" and event.code == ASKED + what for event in turn.so_far)
    asking = [each for each in guards if each.how == "model"][asked:]
    if not asking:
        return None
    if turn.model is None:
        raise FlowError(agent.name, text("engine.guard.no_model"), text("engine.guard.no_model.remedy"))
    return CallModel(turn.model, question(asking[0], said, agent.name, turn.model_calls), judges=asking[0])


def _has_begun(turn: Turn) -> bool:
    return any(not isinstance(event, Noticed | Recalled | Summarised) for event in turn.so_far)


def _heard(agent: Agent, turn: Turn) -> str:
    """What somebody else said last."""
    others = (event for event in reversed(turn.thread) if isinstance(event, MessageSaid | HandedOff) and event.source != agent.name)
    last = next(others, None)
    return last.text if last is not None else ""


def _is_team(agent: Agent) -> bool:
    from studio.engine.teams.team import Team

    return isinstance(agent, Team)
