"""What a model's answer becomes: tool calls, a hand-over, a message, or a notice that it is asked once more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from studio.engine.agents.offers import END, transfer
from studio.engine.code.arguments import read_arguments
from studio.engine.code.calling import BadArguments
from studio.engine.documents.citations import unsupported
from studio.engine.errors import ModelAnswerBroken, ModelRefused
from studio.engine.events import Event, HandedOff, MessageSaid, Noticed, ToolCall, ToolsCalled
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.agents.agent import Agent, Turn
    from studio.engine.agents.assistant import Assistant
    from studio.engine.guards import Guard
    from studio.engine.models.base import ModelReply

EMPTY = "empty_answer"
"""The code of the notice that a model answered nothing and is asked once more."""

MISSHAPEN = "misshapen_answer"
"""The code of the notice that a model's answer does not fit the shape that is asked for."""

KEPT_BACK = "guard"
"""The code of the notice that a guard fired."""

UNSUPPORTED = "unsupported_citation"
"""The code of the notice that an answer cites what its agent was not told."""


def events_of(assistant: Assistant, turn: Turn, reply: ModelReply, seconds: float) -> tuple[Event, ...]:
    """Raises ModelAnswerBroken when the model answers nothing usable twice, ModelRefused when a filter withheld the answer."""
    handoffs = {transfer(target): target for target in assistant.handoffs}
    ends = next((call for call in reply.calls if call.name == END and assistant.may_end), None)
    others = tuple(call for call in reply.calls if call.name not in handoffs and call is not ends)
    if others and not assistant.may_call(turn):
        # Some models call tools that they were not offered; once more without, or a turn would never end.
        reply, others, ends = replace(reply, calls=()), (), None
    facts = _facts(assistant, reply, seconds)
    if others:
        return (ToolsCalled(calls=others, text=reply.text, reasoning=reply.reasoning, **facts),)
    if ends is not None:
        return (MessageSaid(text=_final(ends) or reply.text or text("engine.agent.done"), reasoning=reply.reasoning, done=True, **facts),)
    if reply.calls:
        call = reply.calls[0]
        target = handoffs[call.name]
        said = reply.text or text("engine.agent.hands_over", agent=assistant.name, target=target)
        return (HandedOff(target=target, text=said, wordless=not reply.text, call=call.id, signed=call.signed, **facts),)
    if not reply.text.strip():
        return _nothing(assistant, turn, reply)
    return _said(assistant, turn, reply, facts)


def kept_back(agent: Agent, guard: Guard, reply: ModelReply | None = None, seconds: float | None = None) -> tuple[Event, ...]:
    """What happens when a guard fires: its words are said instead, or somebody takes over."""
    key = "engine.guard.fired_at_heard" if guard.looks_at == "heard" else "engine.guard.fired_at_said"
    told = Noticed(source=agent.name, code=KEPT_BACK, text=text(key, agent=agent.name, what=guard.what[:200]))
    facts = _facts(agent, reply, seconds or 0.0) if reply is not None and reply.usage.calls else {"source": agent.name}
    if guard.hand_to:
        said = guard.message or text("engine.agent.hands_over", agent=agent.name, target=guard.hand_to)
        return (told, HandedOff(target=guard.hand_to, text=said, wordless=not guard.message, **facts))
    return (told, MessageSaid(text=guard.instead, **facts))


def _facts(agent: Agent, reply: ModelReply, seconds: float) -> dict[str, Any]:
    return {
        "source": agent.name,
        "model": reply.model or None,
        "usage": reply.usage,
        "seconds": seconds,
        "practice": reply.practice,
    }


def _final(call: ToolCall) -> str:
    try:
        answer = read_arguments(call.arguments).get("answer")
    except BadArguments:
        return ""
    return answer if isinstance(answer, str) else ""


def _nothing(assistant: Assistant, turn: Turn, reply: ModelReply) -> tuple[Event, ...]:
    name = assistant.name
    if reply.finish == "content_filter":
        raise ModelRefused(text("engine.answer.withheld", agent=name), text("engine.answer.withheld.remedy"))
    if any(event.type == "notice" and event.code == EMPTY for event in turn.so_far):
        raise ModelAnswerBroken(text("engine.answer.empty", agent=name), text("engine.answer.empty.remedy"))
    return (Noticed(source=name, code=EMPTY, text=text("engine.answer.asked_again", agent=name), usage=reply.usage),)


def _said(assistant: Assistant, turn: Turn, reply: ModelReply, facts: dict[str, Any]) -> tuple[Event, ...]:
    name, data = assistant.name, None
    if assistant.output is not None:
        from studio.engine.models.structured import structured

        data, mistake = structured(reply.text, assistant.output)
        if mistake:
            if any(event.type == "notice" and event.code == MISSHAPEN for event in turn.so_far):
                sentence = text("engine.answer.misshapen", agent=name, mistake=mistake)
                raise ModelAnswerBroken(sentence, text("engine.answer.misshapen.remedy"))
            return (Noticed(source=name, code=MISSHAPEN, text=mistake, usage=reply.usage),)
    said = MessageSaid(text=reply.text, reasoning=reply.reasoning, data=data, **facts)
    if reply.finish == "length":
        return (Noticed(source=name, code="cut_short", text=text("engine.answer.cut_short", agent=name)), said)
    return (*_unsupported(assistant, turn, reply.text), said)


def _unsupported(assistant: Assistant, turn: Turn, said: str) -> tuple[Event, ...]:
    """A notice of the numbers that an answer cites and that no passage has which its agent was told."""
    if not any(memory.cites for memory in assistant.memory):
        return ()
    numbers = unsupported(said, [event for event in turn.so_far if event.type == "recalled"])
    if not numbers:
        return ()
    cited = ", ".join(f"[{number}]" for number in numbers)
    return (Noticed(source=assistant.name, code=UNSUPPORTED, text=text("engine.answer.unsupported", agent=assistant.name, cited=cited)),)
