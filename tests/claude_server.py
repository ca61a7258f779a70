"""The scripted model server in Anthropic's protocol: the same scripts and faults, said in events of its Messages API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from model_replies import Fault, Said, Seen, arguments_of, pieces_of, wire_call
from model_server import ModelServer

SIGNATURE = "c2lnbmVk"
"""What this server signs its thoughts with."""

KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
    529: "overloaded_error",
}


class ClaudeServer(ModelServer):
    """Speaks `POST /v1/messages`. As strict as the real one about results, thoughts, empty texts and tools that nobody declared."""

    @property
    def base_url(self) -> str:
        return self.origin

    def asked(self, key: str | None = None) -> list[Seen]:
        return [seen for seen in self.requests if seen.path.endswith("/messages") and key in (None, seen.key)]

    def _add_routes(self, app: web.Application) -> None:
        app.router.add_post("/v1/messages", self._complete)
        app.router.add_get("/v1/models", self._list_models)

    def _lines(self, seen: Seen, said: Said, *, ends: bool = True) -> list[bytes]:
        usage = self._told_usage(seen, said)
        started = {name: count for name, count in usage.items() if name != "output_tokens"} | {"output_tokens": 1}
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": seen.body.get("model"), "content": [], "usage": started}
        events: list[dict[str, Any]] = [{"type": "message_start", "message": message}, {"type": "ping"}]
        for number, block in enumerate(self._blocks(seen, said)):
            events += _streamed(number, block)
        if ends:
            delta = {"stop_reason": said.finish or ("tool_use" if said.calls else "end_turn"), "stop_sequence": None}
            events.append({"type": "message_delta", "delta": delta, "usage": {"output_tokens": usage["output_tokens"]}})
            events.append({"type": "message_stop"})
        return [_line(event) for event in events]

    def _blocks(self, seen: Seen, said: Said) -> list[dict[str, Any]]:
        blocks: list[dict[str, Any]] = []
        if said.reasoning:
            blocks.append({"type": "thinking", "thinking": said.reasoning, "signature": SIGNATURE})
        if said.text:
            blocks.append({"type": "text", "text": said.text})
        for number, call in enumerate(said.calls):
            wire = wire_call(seen, call, number)
            blocks.append({"type": "tool_use", "id": wire["id"], "name": call.name, "input": arguments_of(call)})
        return blocks

    def _whole(self, seen: Seen, said: Said) -> dict[str, Any]:
        blocks = [{**block, "input": json.loads(block["input"])} if "input" in block else block for block in self._blocks(seen, said)]
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": seen.body.get("model"),
            "content": blocks,
            "stop_reason": said.finish or ("tool_use" if said.calls else "end_turn"),
            "usage": self._told_usage(seen, said),
        }

    def _told_usage(self, seen: Seen, said: Said) -> dict[str, Any]:
        if said.usage is not None:
            return dict(said.usage)
        counted = self._usage(seen, said)
        return {"input_tokens": counted["prompt_tokens"], "output_tokens": counted["completion_tokens"]}

    def _beginning(self, seen: Seen, pieces: int) -> list[bytes]:
        return self._lines(seen, Said("".join(f"piece{n} " for n in range(pieces))), ends=False)

    def _error_line(self, fault: Fault) -> bytes:
        return _line({"type": "error", "error": {"type": KINDS.get(fault.status, "api_error"), "message": fault.message}})

    def _error(self, status: int, message: str, code: str | None = None) -> web.Response:
        return web.json_response({"type": "error", "error": {"type": KINDS.get(status, "api_error"), "message": message}}, status=status)

    def _strictness(self, seen: Seen) -> web.Response | None:
        why = _refusal(seen.body)
        return self._error(400, why) if why else None


def _refusal(body: Mapping[str, Any]) -> str | None:
    messages = body.get("messages") or []
    if "max_tokens" not in body or not messages or messages[0]["role"] != "user":
        return "messages: first message must use the user role, max_tokens: Field required"
    if (body.get("thinking") or {}).get("type") == "enabled" and body["thinking"]["budget_tokens"] >= body["max_tokens"]:
        return "max_tokens must be greater than thinking.budget_tokens"
    if "thinking" in body and "temperature" in body:
        return "temperature may only be set to 1 when thinking is enabled"
    waiting: set[str] = set()
    for message in messages:
        blocks = message["content"]
        results = {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"}
        if waiting != results:
            return f"tool_use ids were found without tool_result blocks immediately after: {sorted(waiting ^ results)}"
        if any(block["type"] == "text" and not block["text"].strip() for block in blocks):
            return "text content blocks must be non-empty"
        waiting = {block["id"] for block in blocks if block["type"] == "tool_use"}
        if waiting and "tools" not in body:
            return "Requests which have tool_use or tool_result blocks in messages must define tools."
        thinks = [block for block in blocks if block["type"] == "thinking"]
        if any(block["signature"] != SIGNATURE for block in thinks):
            return "Invalid `signature` in `thinking` block"
        last_calls = waiting and message is messages[-2] if len(messages) > 1 else False
        if "thinking" in body and last_calls and not thinks:
            return "Expected `thinking` or `redacted_thinking`, but found `tool_use`."
    return "tool_use ids were found without tool_result blocks" if waiting else None


def _streamed(number: int, block: dict[str, Any]) -> list[dict[str, Any]]:
    match block["type"]:
        case "thinking":
            start: dict[str, Any] = {"type": "thinking", "thinking": "", "signature": ""}
            deltas = [{"type": "thinking_delta", "thinking": piece} for piece in pieces_of(block["thinking"])]
            deltas.append({"type": "signature_delta", "signature": block["signature"]})
        case "tool_use":
            start = {**block, "input": {}}
            half = len(block["input"]) // 2
            deltas = [{"type": "input_json_delta", "partial_json": part} for part in ("", block["input"][:half], block["input"][half:])]
        case _:
            start = {"type": "text", "text": ""}
            deltas = [{"type": "text_delta", "text": piece} for piece in pieces_of(block["text"])]
    return [
        {"type": "content_block_start", "index": number, "content_block": start},
        *({"type": "content_block_delta", "index": number, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": number},
    ]


def _line(event: Mapping[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n".encode()
