"""What was said in AutoGen Studio 0.1: a question, the messages of the agents, and the answer, as messages that become events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from studio.formats.autogen_database.history import as_json, words

MAX_PARTS = 100
"""Parts of one message, and calls in it."""

ASSISTANT = "assistant"
"""Who gives the answer of a workflow, as AutoGen Studio 0.1 called it."""

READ_META = ("messages", "summary_method", "time", "task")
"""What an answer says about itself that is read, or said by something else."""


@dataclass(frozen=True, slots=True)
class Said:
    """A row of the table of messages."""

    role: str
    content: Any
    meta: Any
    time: Any


@dataclass(slots=True)
class Exchange:
    """A question with what was answered to it. `asked` is None for answers that no question precedes."""

    asked: Said | None
    answers: list[Said] = field(default_factory=list)

    @property
    def task(self) -> str:
        return words(self.asked.content) if self.asked is not None else ""

    @property
    def began(self) -> Any:
        return (self.asked or self.answers[0]).time

    def messages(self) -> list[tuple[Any, Any]]:
        """(message as JSON, its time) of what the agents said among each other and of the answer, in order."""
        found: list[tuple[Any, Any]] = []
        for answer in self.answers:
            inner = list(_inner(answer))
            if inner and words(inner[0][0].get("content")).strip() == self.task.strip():
                # The first message of a workflow is the question itself.
                inner = inner[1:]
            found += inner
            last = words(found[-1][0].get("content")) if found else ""
            if not found or (words(answer.content) and words(answer.content) != last):
                found.append(({"source": ASSISTANT, "content": answer.content}, answer.time))
        return found


def exchanges(said: Sequence[Said]) -> list[Exchange]:
    """The messages of a session, each question with its answers."""
    found: list[Exchange] = []
    for each in said:
        if each.role == "user":
            found.append(Exchange(each))
        elif found:
            found[-1].answers.append(each)
        else:
            found.append(Exchange(None, [each]))
    return found


def unread_meta(said: Sequence[Said]) -> dict[str, int]:
    """What answers say about themselves that nothing comes of, with the number of answers that do."""
    found: dict[str, int] = {}
    for each in said:
        meta = as_json(each.meta)
        for name, value in meta.items() if isinstance(meta, Mapping) else ():
            if name not in READ_META and value not in (None, "", [], {}):
                found[str(name)[:60]] = found.get(str(name)[:60], 0) + 1
    return found


def _inner(answer: Said) -> Iterator[tuple[dict[str, Any], Any]]:
    meta = as_json(answer.meta)
    listed = meta.get("messages") if isinstance(meta, Mapping) else None
    for item in listed if isinstance(listed, list) else ():
        record = item if isinstance(item, Mapping) else {}
        message = record.get("message")
        source = str(record.get("sender") or ASSISTANT)
        for content in _contents(message):
            yield {"source": source, "content": content}, record.get("timestamp") or answer.time


def _contents(message: Any) -> Iterator[Any]:
    """What a message of AutoGen 0.2 says: its text, then the calls of functions or their results, as AutoGen 0.4 has them."""
    if not isinstance(message, Mapping):
        yield message if isinstance(message, str) else None
        return
    calls = [_call(call) for call in _listed(message.get("tool_calls"))]
    if isinstance(message.get("function_call"), Mapping):
        calls.append(_call({"function": message["function_call"]}))
    results = [
        {"call_id": str(each.get("tool_call_id") or "call"), "content": words(each.get("content"))}
        for each in _listed(message.get("tool_responses"))
    ]
    if results:
        yield results
        return
    content = _plain(message.get("content"))
    if content or not calls:
        yield content
    if calls:
        yield calls


def _call(call: Mapping[str, Any]) -> dict[str, Any]:
    function = call.get("function")
    function = function if isinstance(function, Mapping) else {}
    arguments = function.get("arguments")
    written = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return {"id": str(call.get("id") or "call"), "name": str(function.get("name") or "function"), "arguments": written}


def _plain(content: Any) -> Any:
    """Parts of a message as AutoGen 0.4 has them: text as such, everything else as it is."""
    if not isinstance(content, list):
        return content
    return [part["text"] if isinstance(part, Mapping) and isinstance(part.get("text"), str) else part for part in content[:MAX_PARTS]]


def _listed(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value[:MAX_PARTS] if isinstance(each, Mapping)] if isinstance(value, list) else []
