"""What a scripted model server can be told to answer, and how an answer looks on the wire of the OpenAI protocol."""

from __future__ import annotations

import json
import re
import threading
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """A tool call. `arguments` is an object, or text that is sent as it stands (also when it is no JSON)."""

    name: str
    arguments: Mapping[str, Any] | str = field(default_factory=dict)
    id: str | None = "auto"


@dataclass(frozen=True)
class Said:
    """A reply in full. `first` and `each` are seconds before the first piece and between pieces; `usage` replaces the counted numbers."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    reasoning: str = ""
    finish: str | None = None
    first: float = 0.0
    each: float = 0.0
    usage: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Fault:
    """What a server can do wrong.

    status       answers `status` with `message` (and a Retry-After header)
    reset        closes the connection by a reset before a word
    cut          the same after `after` pieces of a good answer
    eof          ends the stream cleanly after `after` pieces: no finish, no [DONE]
    no_finish    a whole text and [DONE], but no finish_reason
    garbage      a 200 whose body (or stream line) is no JSON
    html         a 200 with a web page
    empty        a 200 with nothing
    no_choices   a 200 with an empty list of choices
    null_choices a 200 without choices
    error        a 200 with an error inside
    late_error   `after` pieces, then an error inside the stream
    null_content a finished answer whose content is null
    stall        accepts the request and never says a word
    stall_later  the same after `after` pieces
    """

    kind: str
    status: int = 500
    message: str = "the server does not feel well"
    retry_after: str | None = None
    after: int = 2


@dataclass(frozen=True)
class Raw:
    """The body's bytes exactly as given, one write a part."""

    parts: tuple[bytes, ...]
    content_type: str = "text/event-stream"
    each: float = 0.0


class InTurn:
    """Each request takes the next of these replies; the last one stays (or it starts over, when `again`)."""

    def __init__(self, *replies: Any, again: bool = False) -> None:
        self._replies = replies
        self._again = again
        self._taken = 0
        self._lock = threading.Lock()

    def next(self) -> Any:
        with self._lock:
            taken = self._taken
            self._taken += 1
        return self._replies[taken % len(self._replies) if self._again else min(taken, len(self._replies) - 1)]


@dataclass(frozen=True)
class Seen:
    """A request as it came. `key` is the script's key that it was answered by."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    key: str = ""
    time: float = 0.0
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def messages(self) -> list[dict[str, Any]]:
        return list(self.body.get("messages") or self.body.get("contents") or [])

    @property
    def system(self) -> str:
        apart = {"content": self.body.get("system")}, self.body.get("systemInstruction") or {}
        return "\n".join(
            text_of(message) for message in (*apart, *self.messages) if message.get("role", "system") in ("system", "developer")
        )

    @property
    def assistant_messages(self) -> int:
        return sum(message.get("role") in ("assistant", "model") for message in self.messages)


Reply = Any
"""A text, a Call (or {"tool", "arguments"}), a list of calls (parallel), {"text", "tool", …}, a Said, a Fault, a Raw, an InTurn, or a function of the request."""


def said_of(reply: Reply) -> Said:
    if isinstance(reply, Said):
        return reply
    if isinstance(reply, str):
        return Said(reply)
    if isinstance(reply, Call):
        return Said(calls=(reply,))
    if isinstance(reply, Mapping):
        calls = (Call(str(reply["tool"]), reply.get("arguments", {})),) if "tool" in reply else ()
        return Said(text=str(reply.get("text", "")), calls=calls)
    parts = [said_of(part) for part in reply]
    return Said(text="".join(part.text for part in parts), calls=tuple(call for part in parts for call in part.calls))


def arguments_of(call: Call) -> str:
    return call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments)


def wire_call(seen: Seen, call: Call, number: int) -> dict[str, Any]:
    wire: dict[str, Any] = {"type": "function", "function": {"name": call.name, "arguments": arguments_of(call)}}
    automatic = f"call_{zlib.crc32(seen.system.encode()):08x}_{seen.assistant_messages}_{number}"
    identifier = automatic if call.id == "auto" else call.id
    return wire if identifier is None else {"id": identifier, **wire}


def chunk_of(seen: Seen, delta: Mapping[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1700000000,
        "model": seen.body.get("model"),
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }


def null_choice() -> dict[str, Any]:
    return {"index": 0, "message": {"role": "assistant", "content": None}, "finish_reason": "stop"}


def finishes(chunk: Mapping[str, Any]) -> bool:
    return any(choice["finish_reason"] for choice in chunk["choices"])


def event_line(chunk: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


def pieces_of(text: str) -> list[str]:
    return re.findall(r"\s*\S+\s*$|\s*\S+|\s+", text)


def text_of(message: Mapping[str, Any]) -> str:
    content = message.get("content") or message.get("parts")
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))
    return str(content or "")
