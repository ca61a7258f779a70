"""An answer of Anthropic's protocol, told in chunks of the OpenAI protocol, and the thoughts in it that must be shown again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio.engine.models.openai_answer import Unusable
from studio.texts import text

FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
}
"""What Anthropic calls the ways in which an answer ends."""

STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""The HTTP status that an error in a stream would have had."""


class Translation:
    """Follows one answer. `thoughts` are its thinking blocks, whole, with the signatures that let the model go on from them."""

    def __init__(self) -> None:
        self.thoughts: list[dict[str, Any]] = []
        self._blocks: dict[int, dict[str, Any]] = {}
        self._calls: dict[int, int] = {}
        self._usage: dict[str, Any] = {}

    def chunks(self, event: Any) -> Iterator[dict[str, Any]]:
        """What an event of the stream is in the OpenAI protocol. Raises Unusable for an error that came instead of one."""
        if not isinstance(event, dict):
            raise Unusable(text("engine.model_answer.no_answer"))
        match event.get("type"):
            case "message_start":
                message = _object(event.get("message"))
                self._usage |= _object(message.get("usage"))
                yield {"model": message.get("model")}
            case "content_block_start":
                yield from self._begin(_number(event), _object(event.get("content_block")))
            case "content_block_delta":
                yield from self._more(_number(event), _object(event.get("delta")))
            case "message_delta":
                self._usage |= {name: value for name, value in _object(event.get("usage")).items() if value is not None}
                reason = _object(event.get("delta")).get("stop_reason")
                finish = FINISH.get(reason, str(reason)) if reason else None
                yield {"choices": [{"delta": {}, "finish_reason": finish}], "usage": usage(self._usage)}
            case "error":
                error = _object(event.get("error"))
                raise Unusable(text("engine.model_answer.error", words=error.get("message")), STATUS.get(str(error.get("type"))))

    def whole(self, message: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The same for a message that came in one piece."""
        yield from self.chunks({"type": "message_start", "message": message})
        content = message.get("content")
        for number, block in enumerate(content if isinstance(content, list) else ()):
            yield from self._begin(number, _object(block))
        yield from self.chunks({"type": "message_delta", "delta": {"stop_reason": message.get("stop_reason")}})

    def _begin(self, number: int, block: dict[str, Any]) -> Iterator[dict[str, Any]]:
        self._blocks[number] = block
        match block.get("type"):
            case "text" if block.get("text"):
                yield _delta({"content": block["text"]})
            case "thinking":
                kept = {"type": "thinking", "thinking": str(block.get("thinking") or ""), "signature": str(block.get("signature") or "")}
                self.thoughts.append(kept)
                self._blocks[number] = kept
                if kept["thinking"]:
                    yield _delta({"reasoning_content": kept["thinking"]})
            case "redacted_thinking":
                self.thoughts.append(dict(block))
            case "tool_use":
                index = self._calls.setdefault(number, len(self._calls))
                call: dict[str, Any] = {"index": index, "id": block.get("id"), "function": {"name": block.get("name")}}
                if block.get("input"):
                    call["function"]["arguments"] = block["input"]
                yield _delta({"tool_calls": [call]})

    def _more(self, number: int, delta: dict[str, Any]) -> Iterator[dict[str, Any]]:
        block = self._blocks.get(number, {})
        match delta.get("type"):
            case "text_delta":
                yield _delta({"content": delta.get("text")})
            case "thinking_delta":
                if block.get("type") == "thinking":
                    block["thinking"] += str(delta.get("thinking") or "")
                yield _delta({"reasoning_content": delta.get("thinking")})
            case "signature_delta" if block.get("type") == "thinking":
                block["signature"] += str(delta.get("signature") or "")
            case "input_json_delta" if number in self._calls:
                yield _delta({"tool_calls": [{"index": self._calls[number], "function": {"arguments": delta.get("partial_json")}}]})


def usage(told: dict[str, Any]) -> dict[str, Any]:
    """Anthropic counts what came from its cache, and what went into it, beside the prompt; here all of it is the prompt."""
    read, made = told.get("cache_read_input_tokens") or 0, told.get("cache_creation_input_tokens") or 0
    return {
        "prompt_tokens": (told.get("input_tokens") or 0) + read + made,
        "completion_tokens": told.get("output_tokens") or 0,
        "prompt_tokens_details": {"cached_tokens": read},
    }


def _delta(delta: dict[str, Any]) -> dict[str, Any]:
    return {"choices": [{"delta": delta}]}


def _number(event: dict[str, Any]) -> int:
    index = event.get("index")
    return index if isinstance(index, int) else 0


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
