"""A conversation as Anthropic's protocol wants it, made from the messages of the OpenAI protocol.

| message                          | becomes                                                                       |
|----------------------------------|-------------------------------------------------------------------------------|
| user                             | user, with blocks of text and pictures                                        |
| assistant                        | assistant, with a block of text                                               |
| assistant with tool_calls        | assistant: its signed thoughts, its text, a tool_use block a call             |
| tool                             | user, with a tool_result block; the results of parallel calls in one message  |
| neighbours of one role           | one message with the blocks of both; results come first                       |
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Blocks = list[dict[str, Any]]

_DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+);base64,(.+)", re.DOTALL)
_NOT_IN_IDS = re.compile(r"[^a-zA-Z0-9_-]")


def written(messages: Iterable[Mapping[str, Any]], thoughts: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """The messages to send. `thoughts` are the thinking blocks, signatures and all, that came before a call, by the call's id."""
    whole: list[dict[str, Any]] = []
    for message in messages:
        role, blocks = _blocks(message, thoughts)
        if not blocks:
            continue
        if whole and whole[-1]["role"] == role:
            whole[-1]["content"].extend(blocks)
        else:
            whole.append({"role": role, "content": blocks})
    return whole


def lacks_thoughts(messages: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the calls whose results come last lost the thoughts that led to them: the server refuses to go on thinking then."""
    for message in reversed(messages):
        kinds = {block["type"] for block in message["content"]}
        if message["role"] == "assistant":
            return "tool_use" in kinds and not kinds & {"thinking", "redacted_thinking"}
        if "tool_result" not in kinds:
            return False
    return False


def _blocks(message: Mapping[str, Any], thoughts: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[str, Blocks]:
    content = message.get("content")
    if message["role"] == "tool":
        result = {"type": "tool_result", "tool_use_id": _id(message["tool_call_id"]), "content": _content(content)}
        return "user", [result]
    blocks = _content(content)
    calls = message.get("tool_calls") or ()
    if calls:
        before = [dict(block) for block in thoughts.get(calls[0]["id"], ()) if isinstance(block, Mapping)]
        used = [{"type": "tool_use", "id": _id(call["id"]), **_called(call["function"])} for call in calls]
        blocks = before + blocks + used
    return ("assistant" if message["role"] == "assistant" else "user"), blocks


def _called(function: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": function["name"], "input": json.loads(function["arguments"])}


def _content(content: Any) -> Blocks:
    """The blocks of a message's content: text that is not empty, and pictures."""
    parts: list[dict[str, Any]] = content if isinstance(content, list) else [{"type": "text", "text": content or ""}]
    blocks: Blocks = []
    for part in parts:
        match part.get("type"):
            case "text" if part["text"].strip():
                blocks.append({"type": "text", "text": part["text"]})
            case "image_url":
                blocks.append({"type": "image", "source": _source(part["image_url"]["url"])})
            case "file" if (found := _DATA_URL.fullmatch(part["file"].get("file_data", ""))) is not None:
                blocks.append({"type": "document", "source": {"type": "base64", "media_type": found[1], "data": found[2]}})
    return blocks


def _source(url: str) -> dict[str, Any]:
    found = _DATA_URL.fullmatch(url)
    return {"type": "base64", "media_type": found[1], "data": found[2]} if found else {"type": "url", "url": url}


def _id(identifier: str) -> str:
    return _NOT_IN_IDS.sub("_", identifier)
