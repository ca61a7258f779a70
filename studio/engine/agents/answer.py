"""What a model's answer becomes: tool calls, a hand-over, a message, or a notice that it is asked once more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from studio.engine.agents.offers import END, transfer
from studio.engine.code.calling import BadArguments, read_arguments
from studio.engine.documents.citations import unsupported
from studio.engine.errors import ModelAnswerBroken, ModelRefused
from studio.engine.events import Event, HandedOff, MessageSaid, Noticed, ToolCall, ToolsCalled
from studio.engine.guards import INSTEAD

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
        return (MessageSaid(text=_final(ends) or reply.text or "Done.", reasoning=reply.reasoning, done=True, **facts),)
    if reply.calls:
        call = reply.calls[0]
        target = handoffs[call.name]
        text = reply.text or f"{assistant.name} hands over to {target}."
        return (HandedOff(target=target, text=text, call=call.id, signed=call.signed, **facts),)
    if not reply.text.strip():
        return _nothing(assistant, turn, reply)
    return _said(assistant, turn, reply, facts)


def kept_back(agent: Agent, guard: Guard, reply: ModelReply | None = None, seconds: float | None = None) -> tuple[Event, ...]:
    """What happens when a guard fires: its words are said instead, or somebody takes over."""
    looked = "heard" if guard.looks_at == "heard" else "was about to say"
    told = Noticed(source=agent.name, code=KEPT_BACK, text=f"A guard fired at what {agent.name} {looked}: {guard.what[:200]}")
    facts = _facts(agent, reply, seconds or 0.0) if reply is not None and reply.usage.calls else {"source": agent.name}
    if guard.hand_to:
        text = guard.message or f"{agent.name} hands over to {guard.hand_to}."
        return (told, HandedOff(target=guard.hand_to, text=text, **facts))
    return (told, MessageSaid(text=guard.message or INSTEAD, **facts))


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
        raise ModelRefused(f"The model's filter withheld the answer of {name}.", "Change the task or the system message.")
    if any(event.type == "notice" and event.code == EMPTY for event in turn.so_far):
        raise ModelAnswerBroken(f"The model of {name} answered nothing, twice.", "Try another model.")
    return (Noticed(source=name, code=EMPTY, text=f"{name} answered nothing and is asked once more.", usage=reply.usage),)


def _said(assistant: Assistant, turn: Turn, reply: ModelReply, facts: dict[str, Any]) -> tuple[Event, ...]:
    name, data = assistant.name, None
    if assistant.output is not None:
        from studio.engine.models.structured import structured

        data, mistake = structured(reply.text, assistant.output)
        if mistake:
            if any(event.type == "notice" and event.code == MISSHAPEN for event in turn.so_far):
                raise ModelAnswerBroken(
                    f"The model of {name} did not answer in the shape that is asked for, twice: {mistake}",
                    "Make the shape simpler, or try another model.",
                )
            return (Noticed(source=name, code=MISSHAPEN, text=mistake, usage=reply.usage),)
    said = MessageSaid(text=reply.text, reasoning=reply.reasoning, data=data, **facts)
    if reply.finish == "length":
        return (Noticed(source=name, code="cut_short", text=f"{name} was cut short by the limit of its model."), said)
    return (*_unsupported(assistant, turn, reply.text), said)


def _unsupported(assistant: Assistant, turn: Turn, text: str) -> tuple[Event, ...]:
    """A notice of the numbers that an answer cites and that no passage has which its agent was told."""
    if not any(memory.cites for memory in assistant.memory):
        return ()
    numbers = unsupported(text, [event for event in turn.so_far if event.type == "recalled"])
    if not numbers:
        return ()
    cited = ", ".join(f"[{number}]" for number in numbers)
    return (Noticed(source=assistant.name, code=UNSUPPORTED, text=f"{assistant.name} cites {cited}, but was told no such passage."),)
