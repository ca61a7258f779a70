"""An answer of Gemini's protocol, told in chunks of the OpenAI protocol, and the signatures in it that must be shown again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio.engine.models.openai_answer import Unusable
from studio.texts import text

FINISH = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "LANGUAGE": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "IMAGE_SAFETY": "content_filter",
    "MODEL_ARMOR": "content_filter",
}
"""What Gemini calls the ways in which an answer ends."""

BROKEN = frozenset(
    {"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MALFORMED_RESPONSE", "MISSING_THOUGHT_SIGNATURE"}
)
"""Ends that leave nothing to be used; asking again may help."""


class Translation:
    """Follows one answer. `signatures` are those of its calls, in order, None for calls without one."""

    def __init__(self) -> None:
        self.signatures: list[bytes | None] = []

    def chunks(self, told: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """What a piece of the answer (with names in snake case) is in the OpenAI protocol. Raises Unusable for an end that is none."""
        chunk: dict[str, Any] = {"model": told.get("model_version")}
        if (counted := told.get("usage_metadata")) is not None:
            chunk["usage"] = usage(counted)
        yield chunk
        refused = (told.get("prompt_feedback") or {}).get("block_reason")
        if refused:
            yield _delta({}, "content_filter")
        for candidate in (told.get("candidates") or ())[:1]:
            for part in (candidate.get("content") or {}).get("parts") or ():
                yield from self._part(part, str(told.get("response_id") or ""))
            ended = candidate.get("finish_reason") or ""
            reason = str(getattr(ended, "value", ended))
            if reason in BROKEN:
                raise Unusable(text("engine.model_answer.broken_off", reason=candidate.get("finish_message") or reason))
            if reason and reason != "FINISH_REASON_UNSPECIFIED":
                yield _delta({}, "tool_calls" if reason == "STOP" and self.signatures else FINISH.get(reason, reason.lower()))

    def _part(self, part: dict[str, Any], response: str) -> Iterator[dict[str, Any]]:
        if (call := part.get("function_call")) is not None:
            number = len(self.signatures)
            self.signatures.append(part.get("thought_signature"))
            # A name of its own for each answer: an id that two answers shared would show one the other's signature.
            identifier = call.get("id") or (f"{response}_{number}" if response else None)
            function = {"name": call.get("name"), "arguments": call.get("args") or {}}
            yield _delta({"tool_calls": [{"index": number, "id": identifier, "function": function}]})
        elif said := part.get("text"):
            yield _delta({"reasoning_content" if part.get("thought") else "content": said})


def usage(told: dict[str, Any]) -> dict[str, Any]:
    """Gemini counts thoughts beside the answer; here they are part of what was written."""
    return {
        "prompt_tokens": (told.get("prompt_token_count") or 0) + (told.get("tool_use_prompt_token_count") or 0),
        "completion_tokens": (told.get("candidates_token_count") or 0) + (told.get("thoughts_token_count") or 0),
        "prompt_tokens_details": {"cached_tokens": told.get("cached_content_token_count") or 0},
    }


def _delta(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"choices": [{"delta": delta, "finish_reason": finish}]}
