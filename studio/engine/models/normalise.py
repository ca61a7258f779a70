"""The thread of a conversation as one agent sees it, written as the messages that a server of the OpenAI protocol takes.

| event                          | becomes                                                                          |
|--------------------------------|----------------------------------------------------------------------------------|
| my message                     | assistant                                                                        |
| my tool calls                  | assistant with tool_calls, at once followed by one tool message a call            |
| my tool result                 | the text of its call's tool message; a call without a result says so              |
| pictures of my tool result     | user, after the results, of the newest two; of older ones words that say so       |
| a result without a call        | nothing                                                                          |
| my handing over                | assistant with the call of transfer_to_<target> and its result                   |
| another's message, handing over| user, with its name                                                              |
| another's calls and results    | nothing                                                                          |
| the task                       | user, without a name                                                             |
| its attachments                | parts of the user's content after its text; of my own messages, words that say so |

Each event is encoded once; a turn costs what is new, and the joining of what must be sent.
"""

from __future__ import annotations

import hashlib
import json
import operator
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import to_json

from studio.engine.events import YOU, Attachment, HandedOff, MessageSaid, ThreadEvent, ToolCall, ToolFinished, ToolsCalled
from studio.engine.models.attachments import LARGEST_TOGETHER, Part, parts
from studio.engine.models.quirks import Quirks

NO_RESULT = "(interrupted: there is no result)"
NO_OUTPUT = "(no output)"
NO_TEXT = "(nothing said)"
BEGIN = "Please begin."
GO_ON = "Please go on."
SEEN = "I have seen the results."
PICTURE = "[The picture that came with the result of {name}]"
NO_LONGER = "(no longer shown)"
PICTURES_KEPT = 2
"""Pictures of tool results that are sent with every request: the newest ones, since each shows how something looked then."""

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]+")


@dataclass(slots=True)
class _Message:
    """A message and its bytes, which are made when they are first needed."""

    body: dict[str, Any]
    json: bytes | None = None

    @property
    def role(self) -> str:
        return str(self.body["role"])

    def encoded(self) -> bytes:
        if self.json is None:
            self.json = encode(self.body)
        return self.json


@dataclass(slots=True)
class Perspective:
    """What `agent` sees of a thread, in the way that a server wants it; follows a growing thread without starting over."""

    agent: str
    quirks: Quirks = field(default_factory=Quirks)
    reads: tuple[str, ...] = ()
    """Beginnings of the media types that its tools read: such files are named to it instead of being sent."""
    call_ids: set[str] = field(default_factory=set)
    """The ids of all tool calls in the thread, whoever made them."""
    left_out: list[str] = field(default_factory=list)
    """Sentences about attachments that this server is not sent."""
    signed: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """What servers signed with its own calls, by the ids under which they are sent."""
    attached: int = 0
    """Characters of base64 among the messages."""
    _followed: list[ThreadEvent] = field(default_factory=list)
    _messages: list[_Message] = field(default_factory=list)
    _open: dict[str, list[int]] = field(default_factory=dict)
    _pictures: list[tuple[int, Part]] = field(default_factory=list)
    _system: tuple[str, _Message] | None = None

    def follow(self, thread: Sequence[ThreadEvent]) -> None:
        """Take in what is new. A thread that is no continuation of the last one is read from its beginning."""
        known = len(self._followed)
        if len(thread) < known or not all(map(operator.is_, self._followed, thread)):
            known = 0
            for cache in (self.call_ids, self.left_out, self.signed, self._followed, self._messages, self._open, self._pictures):
                cache.clear()
            self.attached = 0
        new = thread[known:] if known else thread
        self._followed.extend(new)
        for event in new:
            self._take(event)

    def messages(self, system: str = "", extra: Sequence[str] = ()) -> list[dict[str, Any]]:
        """What is sent, as objects."""
        return [message.body for message in self._whole(system, extra)]

    def encoded(self, system: str = "", extra: Sequence[str] = ()) -> bytes:
        """What is sent, as the inside of a JSON array."""
        return b",".join([message.json or message.encoded() for message in self._whole(system, extra)])

    # One event ----------------------------------------------------------------------------------------------------------

    def _take(self, event: ThreadEvent) -> None:
        mine = event.source == self.agent
        match event:
            case MessageSaid() if mine:
                shown = "".join(f"\n[attached: {each.name}]" for each in event.attachments)
                self._add({"role": "assistant", "content": self._text(event.text + shown)})
            case MessageSaid():
                heard = self._heard(event.source, event.text)
                self._add(self._with(heard, event.attachments) if event.attachments else heard)
            case ToolsCalled():
                self.call_ids.update(call.id for call in event.calls)
                if mine:
                    self._called(event.text, event.calls)
            case ToolFinished() if mine:
                if self._finished(event.call, event.output) and event.attachments:
                    self._pictured(event.name, event.attachments)
            case HandedOff() if mine and event.call:
                self.call_ids.add(event.call)
                self._called(event.text, (ToolCall(id=event.call, name=_transfer(event.target), signed=event.signed),))
                self._finished(event.call, f"Handed over to {event.target}.")
            case HandedOff() if mine:
                self._add({"role": "assistant", "content": event.text or f"I hand over to {event.target}."})
            case HandedOff():
                if event.call:
                    self.call_ids.add(event.call)
                self._add(self._heard(event.source, event.text or f"I hand over to {event.target}."))
            case ToolFinished():
                pass

    def _called(self, text: str, calls: Iterable[ToolCall]) -> None:
        wire: list[dict[str, Any]] = []
        taken: set[str] = set()
        places: list[tuple[str, str]] = []
        for number, call in enumerate(calls):
            identifier = self._call_id(call.id or f"call_{len(self._messages)}_{number}")
            while identifier in taken:
                identifier = self._call_id(f"{identifier}_{number}")
            taken.add(identifier)
            if call.signed:
                self.signed[identifier] = call.signed
            function = {"name": _NOT_IN_NAMES.sub("_", call.name)[:64] or "unknown", "arguments": _arguments(call.arguments)}
            wire.append({"id": identifier, "type": "function", "function": function})
            places.append((call.id, identifier))
        if not wire:
            if text:
                self._add({"role": "assistant", "content": text})
            return
        self._add({"role": "assistant", "content": text or None, "tool_calls": wire})
        for call_id, _ in places:
            self._open[call_id] = []
        for call_id, identifier in places:
            self._open[call_id].append(len(self._messages))
            self._messages.append(_Message({"role": "tool", "tool_call_id": identifier, "content": NO_RESULT}))

    def _finished(self, call: str, output: str) -> bool:
        """Put a result where its call waits for it. Whether one does."""
        waiting = self._open.get(call)
        if not waiting:
            return False
        place = waiting.pop(0)
        self._messages[place] = _Message({**self._messages[place].body, "content": output or NO_OUTPUT})
        return True

    def _pictured(self, name: str, attachments: Iterable[Attachment]) -> None:
        """Show what came with a result: a tool's own message takes texts only."""
        written = parts(attachments, self.quirks, LARGEST_TOGETHER - self.attached)
        self.left_out.extend(part.left_out for part in written if part.left_out)
        shown = [part for part in written if part.size]
        if not shown:
            return
        self._add({"role": "user", "content": _sum(PICTURE.format(name=name), [part.body for part in shown])})
        self.attached += sum(part.size for part in shown)
        self._pictures += [(len(self._messages) - 1, part) for part in shown]
        while len(self._pictures) > PICTURES_KEPT:
            place, old = self._pictures.pop(0)
            body = self._messages[place].body
            rest = [{"type": "text", "text": NO_LONGER} if part is old.body else part for part in body["content"]]
            self._messages[place] = _Message({**body, "content": _sum(rest, "")})
            self.attached -= old.size

    def _heard(self, source: str, text: str) -> dict[str, Any]:
        text = self._text(text)
        if not source or source == YOU:
            return {"role": "user", "content": text}
        if self.quirks.names == "field" and _NAME.fullmatch(source):
            return {"role": "user", "name": source, "content": text}
        return {"role": "user", "content": f"{source}: {text}"}

    def _with(self, heard: dict[str, Any], attachments: Iterable[Attachment]) -> dict[str, Any]:
        """A message with what is attached to it."""
        written = parts(attachments, self.quirks, LARGEST_TOGETHER - self.attached, self.reads)
        self.attached += sum(part.size for part in written)
        self.left_out.extend(part.left_out for part in written if part.left_out)
        return heard | {"content": _sum(heard["content"], [part.body for part in written])}

    def _text(self, text: str) -> str:
        return NO_TEXT if self.quirks.no_empty and not text.strip() else text

    def _call_id(self, identifier: str) -> str:
        if not self.quirks.short_ids or re.fullmatch(r"[a-zA-Z0-9]{9}", identifier):
            return identifier
        return hashlib.sha256(identifier.encode("utf-8", "replace")).hexdigest()[:9]

    # The list of messages -----------------------------------------------------------------------------------------------

    def _add(self, body: dict[str, Any]) -> None:
        _join(self._messages, body, self.quirks.alternating)

    def _whole(self, system: str, extra: Sequence[str]) -> list[_Message]:
        alternating = self.quirks.alternating
        whole = list(self._messages)
        for text in extra:
            _join(whole, {"role": "user", "content": text}, alternating)
        if not whole or (self.quirks.user_last and whole[-1].role == "assistant"):
            _join(whole, {"role": "user", "content": GO_ON if whole else BEGIN}, alternating)
        if alternating and whole[0].role != "user":
            whole.insert(0, _Message({"role": "user", "content": BEGIN}))
        if not system:
            return whole
        if self.quirks.system == "system":
            if self._system is None or self._system[0] != system:
                self._system = system, _Message({"role": "system", "content": system})
            whole.insert(0, self._system[1])
        elif whole[0].role == "user":
            first = whole[0].body
            whole[0] = _Message({**first, "content": _sum(system, first["content"])})
        else:
            whole.insert(0, _Message({"role": "user", "content": system}))
        return whole


def _join(messages: list[_Message], body: dict[str, Any], alternating: bool) -> None:
    """Add a message; where roles must alternate, a neighbour of the same role takes it in, as a new object."""
    if alternating and messages:
        last = messages[-1]
        if last.role == "tool" and body["role"] == "user":
            messages.append(_Message({"role": "assistant", "content": SEEN}))
        elif last.role == body["role"] != "tool":
            content = _sum(last.body["content"], body["content"])
            messages[-1] = _Message({**last.body, **body, "content": content or None if "tool_calls" in body else content})
            return
    messages.append(_Message(body))


def _sum(before: Any, after: Any) -> Any:
    """Two contents as one: a text when both are texts and nothing else is among them, else parts."""
    one, other = (each if isinstance(each, list) else [{"type": "text", "text": each}] if each else [] for each in (before, after))
    both: list[dict[str, Any]] = []
    for part in (*one, *other):
        if both and part["type"] == both[-1]["type"] == "text":
            both[-1] = {"type": "text", "text": f"{both[-1]['text']}\n\n{part['text']}"}
        else:
            both.append(part)
    if len(both) > 1 or (both and both[0]["type"] != "text"):
        return both
    return both[0]["text"] if both else ""


def _arguments(text: str) -> str:
    """Arguments as a server can parse them: what is no JSON object is shown to the model as what it wrote."""
    try:
        if isinstance(json.loads(text), dict):
            return text
    except (ValueError, RecursionError):
        pass
    return json.dumps({"malformed": text}) if text.strip() else "{}"


def _transfer(target: str) -> str:
    """The name of the tool by which an assistant hands over."""
    return "transfer_to_" + re.sub(r"\W+", "_", target.lower())


def encode(value: Any) -> bytes:
    """Compact JSON in UTF-8; half a surrogate pair, which no server takes, becomes a question mark. Raises TypeError."""
    try:
        return to_json(value)
    except ValueError:
        pass
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
