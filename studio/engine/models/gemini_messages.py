"""A conversation as Gemini's protocol wants it, made from the messages of the OpenAI protocol.

| message                          | becomes                                                                            |
|----------------------------------|------------------------------------------------------------------------------------|
| user                             | user, with parts of text, pictures and files                                       |
| assistant                        | model, with a part of text                                                         |
| assistant with tool_calls        | model: its text, a function_call a call with the signature of the thought before it |
| tool                             | user, with a function_response that names the function of its call                 |
| neighbours of one role           | one content with the parts of both                                                 |
"""

from __future__ import annotations

import base64
import binascii
import json
import mimetypes
import re
from collections.abc import Iterable, Mapping
from typing import Any

UNSIGNED = b"skip_thought_signature_validator"
"""What Google takes instead of a signature that was lost: newer models refuse calls without any."""

_DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+);base64,(.+)", re.DOTALL)


def written(messages: Iterable[Mapping[str, Any]], signatures: Mapping[str, str], *, signed: bool) -> list[dict[str, Any]]:
    """The contents to send. `signatures` are those that came with calls, in base64, by the call's id.

    `signed` says that calls must have one.
    """
    whole: list[dict[str, Any]] = []
    names: dict[str, str] = {}
    for message in messages:
        role, parts = _parts(message, signatures, names, signed)
        if not parts:
            continue
        if whole and whole[-1]["role"] == role:
            whole[-1]["parts"].extend(parts)
        else:
            whole.append({"role": role, "parts": parts})
    return whole


def _parts(
    message: Mapping[str, Any], signatures: Mapping[str, str], names: dict[str, str], signed: bool
) -> tuple[str, list[dict[str, Any]]]:
    content = message.get("content")
    if message["role"] == "tool":
        call = message["tool_call_id"]
        texts = "".join(part["text"] for part in _content(content) if "text" in part)
        return "user", [{"function_response": {"id": call, "name": names.get(call, "unknown"), "response": {"output": texts}}}]
    parts = _content(content)
    for number, call in enumerate(message.get("tool_calls") or ()):
        function = call["function"]
        names[call["id"]] = function["name"]
        part: dict[str, Any] = {"function_call": {"id": call["id"], "name": function["name"], "args": json.loads(function["arguments"])}}
        # Of parallel calls only the first one carries a signature.
        if (signature := _signature(signatures.get(call["id"])) or (UNSIGNED if signed and number == 0 else None)) is not None:
            part["thought_signature"] = signature
        parts.append(part)
    return ("model" if message["role"] == "assistant" else "user"), parts


def _signature(kept: Any) -> bytes | None:
    try:
        return base64.b64decode(kept, validate=True) if isinstance(kept, str) else None
    except binascii.Error:
        return None


def _content(content: Any) -> list[dict[str, Any]]:
    """The parts of a message's content: text that is not empty, pictures and files."""
    items: list[dict[str, Any]] = content if isinstance(content, list) else [{"type": "text", "text": content or ""}]
    parts: list[dict[str, Any]] = []
    for item in items:
        match item.get("type"):
            case "text" if item["text"].strip():
                parts.append({"text": item["text"]})
            case "image_url":
                parts.append(_data(item["image_url"]["url"]))
            case "file":
                parts.append(_data(item["file"].get("file_data", "")))
    return [part for part in parts if part]


def _data(url: str) -> dict[str, Any]:
    found = _DATA_URL.fullmatch(url)
    if found is None:
        kind = mimetypes.guess_type(url.partition("?")[0])[0] or "image/*"
        return {"file_data": {"file_uri": url, "mime_type": kind}} if url else {}
    try:
        return {"inline_data": {"mime_type": found[1], "data": base64.b64decode(found[2], validate=True)}}
    except binascii.Error:
        return {}
