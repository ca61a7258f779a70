"""Messages of AutoGen as events of a run, one by one: whatever a row holds, something readable comes of it or it is left out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from studio.engine.events import (
    YOU,
    ErrorHappened,
    Event,
    HandedOff,
    MessageSaid,
    Noticed,
    RunFinished,
    RunStarted,
    ToolCall,
    ToolFinished,
    ToolsCalled,
)
from studio.engine.usage import NOTHING, Usage
from studio.texts import text

MAX_TEXT = 200_000
"""Characters of one message."""

MAX_EVENTS = 5_000
"""Of one run."""

_UNSHOWN = frozenset(
    {"ModelClientStreamingChunkEvent", "UserInputRequestedEvent", "MemoryQueryEvent", "SelectorEvent", "SelectSpeakerEvent"}
)
_STATUS: Mapping[str, Literal["done", "stopped", "failed"]] = {"complete": "done", "error": "failed"}


def events_of(
    messages: Sequence[tuple[Any, Any]],
    *,
    flow: str,
    task: str,
    started: datetime,
    status: Any,
    stop_reason: str,
    error: str,
    left_out: Counter[str],
) -> tuple[Event, ...]:
    """The log of one run, numbered from 1. `messages` are (message as JSON, its time) in order.

    `left_out` counts the messages that nothing comes of: `unreadable`, `unshown`, `empty`, `too_long`.
    """
    found: list[Event] = [RunStarted(time=started, source=YOU, task=task, flow=flow)]
    if task:
        found.append(MessageSaid(time=started, source=YOU, text=task, role="task"))
    cut = False
    usage = NOTHING
    for number, (config, time) in enumerate(messages):
        if len(found) >= MAX_EVENTS:
            cut = True
            left_out["too_long"] += len(messages) - number
            break
        message = as_json(config)
        if (why := _unusable(message)) is not None:
            left_out[why] += 1
            continue
        for event in _events(message, moment(time, started), task):
            usage = usage + getattr(event, "usage", NOTHING)
            found.append(event)
    last = found[-1].time
    if cut:
        found.append(Noticed(time=last, source=flow, text=text("autogen_database.cut", limit=MAX_EVENTS), code="imported"))
    if error:
        found.append(ErrorHappened(time=last, source=flow, code="imported", text=error[:MAX_TEXT]))
    ended = _STATUS.get(str(status).rpartition(".")[2].lower(), "stopped")
    found.append(RunFinished(time=last, source=flow, status=ended, stop_reason=stop_reason[:2_000], by="imported", usage=usage))
    return tuple(_numbered(event, number) for number, event in enumerate(found, 1))


def as_json(value: Any) -> Any:
    """What a JSON column holds; None for what is none."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def moment(value: Any, otherwise: datetime) -> datetime:
    """A time as SQLite and JSON write it, with a time zone."""
    try:
        found = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return otherwise


def words(content: Any) -> str:
    """What a message says, or several messages, as text: pictures are named, everything else that is no text is JSON."""
    if isinstance(content, str):
        return _clean(content)
    if isinstance(content, list) and content and all(isinstance(part, Mapping) and "source" in part for part in content):
        return _clean("\n\n".join(filter(None, (words(part.get("content")) for part in content[:100]))))
    if isinstance(content, list) and any(isinstance(part, str) for part in content):
        return _clean("\n\n".join(part if isinstance(part, str) else text("autogen_database.picture") for part in content[:100]))
    if isinstance(content, Mapping) and isinstance(content.get("content"), str):
        return _clean(content["content"])
    try:
        return "" if content is None else _clean(json.dumps(content, ensure_ascii=False)[:MAX_TEXT])
    except (TypeError, ValueError, RecursionError):
        return ""


def _unusable(message: Any) -> str | None:
    """Why nothing comes of a message; None for one that says something."""
    if not isinstance(message, Mapping):
        return "unreadable"
    if message.get("type") in _UNSHOWN or message.get("source") in ("llm_call_event", "system"):
        return "unshown"
    return None if words(message.get("content")) else "empty"


def _events(message: Mapping[str, Any], time: datetime, task: str) -> Iterator[Event]:
    source = str(message.get("source") or "agent")[:200]
    content = message.get("content")
    usage = _usage(message.get("models_usage"))
    items = content if isinstance(content, list) else []
    if calls := [item for item in items[:100] if isinstance(item, Mapping) and "arguments" in item and "name" in item]:
        called = tuple(ToolCall(id=_id(call), name=str(call["name"])[:200], arguments=str(call["arguments"])[:MAX_TEXT]) for call in calls)
        yield ToolsCalled(time=time, source=source, calls=called, usage=usage)
        return
    if results := [item for item in items[:100] if isinstance(item, Mapping) and "call_id" in item]:
        for result in results:
            yield ToolFinished(
                time=time,
                source=source,
                call=str(result["call_id"])[:200],
                name=str(result.get("name") or "tool")[:200],
                output=words(result.get("content")),
                is_error=result.get("is_error") is True,
            )
        return
    said = words(content)
    if isinstance(message.get("target"), str):
        yield HandedOff(time=time, source=source, target=message["target"][:200], text=said, usage=usage)
    elif source == "user" and said == task:
        return
    else:
        yield MessageSaid(time=time, source=source, text=said, role="human" if source.startswith("user") else "agent", usage=usage)


def _numbered(event: Event, number: int) -> Event:
    changes: dict[str, Any] = {"seq": number}
    if isinstance(event, MessageSaid):
        changes["id"] = f"m{number}"
    return event.model_copy(update=changes)


def _usage(value: Any) -> Usage:
    if not isinstance(value, Mapping):
        return NOTHING
    return Usage(prompt_tokens=_count(value.get("prompt_tokens")), completion_tokens=_count(value.get("completion_tokens")), calls=1)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else 0


def _id(call: Mapping[str, Any]) -> str:
    return str(call.get("id") or "call")[:200]


def _clean(value: str) -> str:
    # Lone halves of characters cannot be stored anywhere.
    return value[:MAX_TEXT].encode("utf-8", "replace").decode("utf-8")
