"""Reading the states that AutoGen 0.4 to 0.7 saved: what was said, who spoke last, and where a graph stood, as `save_state` has it here.

AutoGen keeps a copy of the conversation for each agent; the team's own is the one that is read. What agents did besides, and the
ledgers of Magentic-One, are not in the form that they have here and are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from studio.engine.agentchat.messages import BaseChatMessage, HandoffMessage, MessageFactory, ToolCallExecutionEvent, ToolCallRequestEvent
from studio.engine.agentchat.translation import event_of
from studio.engine.events import MessageSaid, ThreadEvent, ToolCall, ToolFinished, ToolsCalled

Arrow = tuple[str, str, str]
"""Source, target and group of an arrow of a graph; a group of its target's name is none."""


def is_team_state(state: Mapping[str, Any]) -> bool:
    return isinstance(state.get("agent_states"), Mapping)


def is_agent_state(state: Mapping[str, Any]) -> bool:
    return isinstance(state.get("llm_context"), Mapping)


def team_state(state: Mapping[str, Any], names: Sequence[str], arrows: Sequence[Arrow] = ()) -> dict[str, Any]:
    """A team's state as `save_state` gives it; `names` are the participants in order. Raises ValueError for a state of no team."""
    held = state["agent_states"]
    manager = next((each for each in held.values() if isinstance(each, Mapping) and "message_thread" in each), None)
    if manager is None:
        raise ValueError("The state holds no conversation: there is no group chat manager in it.")
    factory = MessageFactory()
    said = [factory.create(each) for each in manager["message_thread"] if factory.knows(each)]
    thread = _numbered(_events(said))
    spoke = [event.source for event in thread if event.source in names]
    return {
        "thread": _written(thread),
        "seq": len(thread),
        "previous": _previous(manager, names, spoke),
        "selection": _tokens(manager, arrows, spoke),
        "agents": {name: own for name, each in held.items() if each is not manager and (own := _own(each)) is not None},
    }


def agent_state(state: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The state of an agent that was asked alone, as `save_state` gives it."""
    thread = _numbered(_remembered(state["llm_context"].get("messages", ()), name))
    return {"thread": _written(thread), "seq": len(thread)}


def _previous(manager: Mapping[str, Any], names: Sequence[str], spoke: Sequence[str]) -> str | None:
    if not spoke or not names:
        return None
    if isinstance(place := manager.get("next_speaker_index"), int):
        return names[(place - 1) % len(names)]
    return manager.get("previous_speaker") or manager.get("current_speaker") or spoke[-1]


def _tokens(manager: Mapping[str, Any], arrows: Sequence[Arrow], spoke: Sequence[str]) -> dict[str, Any] | None:
    """Where a graph stood. Which arrows have arrived is told only by their number: those of whoever spoke first are taken."""
    remaining = manager.get("remaining")
    if not isinstance(remaining, Mapping):
        return None
    waiting = []
    for target, groups in remaining.items():
        for group, missing in groups.items():
            before = [source for source, end, own in arrows if end == target and (own or end) == group]
            arrived = [source for source in dict.fromkeys(spoke) if source in before][: max(0, len(before) - int(missing))]
            if arrived and int(missing) > 0:
                waiting.append([target, "" if group == target else group, sorted(arrived)])
    ready = [[str(name), "it was next when it was saved"] for name in manager.get("ready", ())]
    return {"waiting": waiting, "ready": ready, "began": bool(spoke)}


def _own(held: Any) -> Mapping[str, Any] | None:
    """What an agent of one's own saved; what ours remember of a team is the team's conversation."""
    own = held.get("agent_state") if isinstance(held, Mapping) else None
    return None if not isinstance(own, Mapping) or is_agent_state(own) or "inner_team_state" in own else own


def _events(said: Sequence[Any]) -> list[ThreadEvent]:
    events: list[ThreadEvent] = []
    for place, message in enumerate(said):
        match message:
            case ToolCallRequestEvent() if _is_transfer(message, said[place + 1 :]):
                continue
            case ToolCallRequestEvent():
                calls = tuple(ToolCall(id=call.id, name=call.name, arguments=call.arguments) for call in message.content)
                events.append(ToolsCalled(source=message.source, calls=calls))
            case ToolCallExecutionEvent():
                called = {call.id for event in events if isinstance(event, ToolsCalled) for call in event.calls}
                events += [
                    ToolFinished(
                        source=message.source, call=each.call_id, name=each.name, output=each.content, is_error=bool(each.is_error)
                    )
                    for each in message.content
                    if each.call_id in called
                ]
            case BaseChatMessage():
                events.append(event_of(message, "task" if message.source == "user" else "agent"))  # type: ignore[arg-type]
            case _:
                continue  # what only told how it went
    return events


def _is_transfer(request: ToolCallRequestEvent, after: Sequence[Any]) -> bool:
    """Whether these calls are the hand-over that follows, which is one event here."""
    following = next((each for each in after if isinstance(each, BaseChatMessage)), None)
    handed = isinstance(following, HandoffMessage) and following.source == request.source
    return handed and all(call.name.startswith("transfer_to_") for call in request.content)


def _remembered(messages: Iterable[Mapping[str, Any]], name: str) -> list[ThreadEvent]:
    events: list[ThreadEvent] = []
    for message in messages:
        content, source = message.get("content"), str(message.get("source") or name)
        match message.get("type"):
            case "UserMessage":
                events.append(MessageSaid(source=source, text=_text(content), role="task" if source == "user" else "agent"))
            case "AssistantMessage" if isinstance(content, list):
                events.append(ToolsCalled(source=name, calls=tuple(ToolCall(**_call(each)) for each in content)))
            case "AssistantMessage":
                events.append(MessageSaid(source=name, text=_text(content)))
            case "FunctionExecutionResultMessage":
                events += [
                    ToolFinished(
                        source=name,
                        call=str(each["call_id"]),
                        name=str(each.get("name") or ""),
                        output=str(each["content"]),
                        is_error=bool(each.get("is_error")),
                    )
                    for each in content or ()
                ]
            case _:
                continue  # its system message is its own
    return events


def _call(call: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(call[name]) for name in ("id", "name", "arguments")}


def _text(content: Any) -> str:
    parts = content if isinstance(content, list) else [content]
    return "\n".join(part for part in parts if isinstance(part, str))


def _numbered(events: Sequence[ThreadEvent]) -> list[ThreadEvent]:
    numbered: list[ThreadEvent] = []
    for seq, event in enumerate(events, 1):
        own = {"id": f"m{seq}"} if isinstance(event, MessageSaid) else {}
        numbered.append(event.model_copy(update={"seq": seq, **own}))
    return numbered


def _written(events: Sequence[ThreadEvent]) -> list[dict[str, Any]]:
    return [event.model_dump(mode="json", exclude_none=True) for event in events]
