"""Messages as dictionaries, the way scripts see them, and as events of our engine, the way models are asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from studio.engine.events import MOST_ATTACHMENTS, YOU, Attachment, MessageSaid, ThreadEvent, ToolCall, ToolFinished, ToolsCalled

Message = dict[str, Any]

KEPT = ("content", "function_call", "tool_calls", "tool_responses", "tool_call_id", "name", "context")
"""What of a message is stored, beside its role."""

ADDRESS = re.compile(r"https?://\S{1,2000}")
"""Where an image stands that a model's server fetches itself."""

_DATA = re.compile(r"data:(?P<kind>[\w.+-]+/[\w.+-]+);base64,(?P<data>[A-Za-z0-9+/]*={0,2})")


def as_message(said: Mapping[str, Any] | str) -> Message:
    """A message from a text or a mapping. Raises TypeError for anything else."""
    if isinstance(said, str):
        return {"content": said}
    if isinstance(said, Mapping):
        return dict(said)
    raise TypeError(f"A message is a text or a dictionary, not {type(said).__name__}.")


def content_str(content: Any) -> str:
    """The text of a content: a text, a list of parts, or nothing. Images leave a mark in it."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        texts = [part if isinstance(part, str) else part.get("text", "") if part.get("type") == "text" else "<image>" for part in content]
        return "".join(texts)
    raise TypeError(f"A content is a text, a list of parts or None, not {type(content).__name__}.")


def stored(said: Mapping[str, Any] | str, role: str, name: str) -> Message | None:
    """A message as an agent keeps it, None for one that says nothing: neither content nor a call."""
    message = as_message(said)
    kept: Message = {key: message[key] for key in KEPT if message.get(key) is not None}
    calls = bool(kept.get("function_call") or kept.get("tool_calls"))
    if "content" not in kept:
        if not calls:
            return None
        kept["content"] = None
    given = message.get("role")
    if given in ("function", "tool"):
        kept["role"] = given
        if "tool_responses" in kept:
            kept["tool_responses"] = [{**each, "content": str(each["content"])} for each in kept["tool_responses"]]
    else:
        kept["role"] = message.get("override_role", role)
    if calls:
        kept["role"] = "assistant"
    else:
        kept.setdefault("name", name)
    return kept


def calls_in(message: Mapping[str, Any]) -> tuple[ToolCall, ...]:
    """The calls that a message asks for, old and new form."""
    calls = [
        ToolCall(id=str(call.get("id") or ""), name=call["function"]["name"], arguments=call["function"].get("arguments") or "")
        for call in message.get("tool_calls") or ()
        if call.get("type", "function") == "function"
    ]
    if function := message.get("function_call"):
        calls.append(ToolCall(id=_function_id(function["name"]), name=function["name"], arguments=function.get("arguments") or ""))
    return tuple(calls)


def _function_id(name: str) -> str:
    return f"function_{name}"


def results_in(message: Mapping[str, Any], source: str) -> list[ToolFinished]:
    """The results that a message carries, as those of `source`, who asked for them."""
    if message.get("tool_responses"):
        return [
            ToolFinished(source=source, call=str(each.get("tool_call_id") or ""), name="", output=content_str(each.get("content")))
            for each in message["tool_responses"]
        ]
    output = content_str(message.get("content"))
    if message.get("role") == "tool":
        return [ToolFinished(source=source, call=str(message.get("tool_call_id") or ""), name="", output=output)]
    if message.get("role") == "function":
        name = str(message.get("name") or "")
        return [ToolFinished(source=source, call=_function_id(name), name=name, output=output)]
    return []


def heard(source: str, content: Any, addresses: bool = False, **more: Any) -> MessageSaid:
    """What was said as an event; images that are given as data come along as attachments, others as their address in the text.

    With `addresses` those come along as well, for a model whose server fetches them; a log keeps the text.
    """
    if not isinstance(content, list):
        return MessageSaid(source=source, text=content_str(content), **more)
    texts: list[str] = []
    images: list[Attachment] = []
    for part in content:
        if isinstance(part, str) or part.get("type") == "text":
            texts.append(part if isinstance(part, str) else part.get("text", ""))
            continue
        image = part.get("image_url") or {}
        address = str(image.get("url", "") if isinstance(image, Mapping) else image)
        if found := _DATA.fullmatch(address):
            images.append(Attachment(name=f"image-{len(images) + 1}", media_type=found["kind"], data=found["data"]))
        elif addresses and ADDRESS.fullmatch(address) and len(images) < MOST_ATTACHMENTS:
            images.append(Attachment(name=f"image-{len(images) + 1}", media_type="image/png", url=address))
        elif address:
            texts.append(address)
    return MessageSaid(source=source, text="\n".join(text for text in texts if text), attachments=tuple(images), **more)


def events_of(message: Mapping[str, Any], agent: str) -> tuple[ThreadEvent, ...]:
    """A stored message as `agent` is shown it: role assistant is its own, calls and results are its own as well."""
    role, content = message.get("role", "user"), message.get("content")
    results = results_in(message, agent)
    if message.get("role") in ("tool", "function"):
        return tuple(results)
    if calls := calls_in(message):
        return (ToolsCalled(source=agent, calls=calls, text=content_str(content)), *results)
    if role == "assistant":
        return (heard(agent, content),)
    name = str(message.get("name") or "") if role == "user" else YOU
    # A message by somebody of the agent's own name is none of its own: that happens when an agent talks to itself.
    said = heard("" if name == agent else name, content, addresses=True)
    return (*results, said) if said.text or said.attachments or not results else tuple(results)


@dataclass(slots=True)
class View:
    """A growing list of messages as events; messages that were seen before give the same events, so that clients need not start over."""

    agent: str
    _seen: list[Message] = field(default_factory=list)
    _events: list[tuple[ThreadEvent, ...]] = field(default_factory=list)

    def follow(self, messages: Sequence[Mapping[str, Any]]) -> tuple[ThreadEvent, ...]:
        """Events of all messages, in order."""
        same = 0
        for known, message in zip(self._seen, messages, strict=False):
            if known != message:
                break
            same += 1
        del self._seen[same:], self._events[same:]
        for message in messages[same:]:
            self._seen.append(dict(message))
            self._events.append(events_of(message, self.agent))
        return tuple(event for events in self._events for event in events)


def split_system(messages: Sequence[Mapping[str, Any]]) -> tuple[str, Sequence[Mapping[str, Any]]]:
    """The system text that opens a conversation, and the rest."""
    opening = 0
    while opening < len(messages) and messages[opening].get("role") in ("system", "developer"):
        opening += 1
    texts = [content_str(message.get("content")) for message in messages[:opening]]
    return "\n\n".join(text for text in texts if text), messages[opening:]
