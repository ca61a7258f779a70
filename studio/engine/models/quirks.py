"""What servers that speak the OpenAI protocol want otherwise, as one table, and what can be learned from their refusals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Quirks:
    """How a conversation must be written for a server.

    names       who speaks: a `name` field, or "Name: " before the text for servers that refuse or ignore the field
    system      the system message has a role of its own, or opens the first user message
    alternating user and assistant must take turns: neighbours of one role are merged, tool results are followed by an assistant
    user_last   the last message must not be the assistant's own
    no_empty    a message without a text is refused
    short_ids   tool call ids must be nine letters or digits
    limit       the parameter that limits the length of an answer
    counts      `stream_options` is understood, so that a stream ends with its usage
    images      a message may hold images
    files       a message may hold files that are neither images nor text, such as PDF
    schemas     an answer is held to a JSON schema, or only to JSON, or only asked for in words
    """

    names: Literal["field", "prefix"] = "field"
    system: Literal["system", "user"] = "system"
    alternating: bool = False
    user_last: bool = False
    no_empty: bool = False
    short_ids: bool = False
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    counts: bool = True
    images: bool = True
    files: bool = True
    schemas: Literal["schema", "object", "words"] = "schema"


@dataclass(frozen=True, slots=True)
class _Row:
    """Applies when one of the given patterns is found; the changes of later rows win."""

    changes: Mapping[str, Any]
    provider: str = ""
    url: str = ""
    model: str = ""

    def fits(self, provider: str, url: str, model: str) -> bool:
        given = ((self.provider, provider), (self.url, url), (self.model, model))
        return any(pattern and re.search(pattern, value) for pattern, value in given)


_TURNS = {"names": "prefix", "alternating": True, "user_last": True}
_LOOPBACK = r"//(?:localhost|127\.|0\.0\.0\.0|\[::1\]|host\.docker\.internal)"

TABLE: tuple[_Row, ...] = (
    # Chat templates of local servers drop the field silently: with it, nobody would know who speaks.
    _Row({"names": "prefix"}, provider=r"^(?:ollama|lmstudio|lm studio|vllm|llama\.?cpp|local)$", url=_LOOPBACK),
    _Row({"names": "prefix"}, url=r"//(?:[\w.-]+\.)?(?:groq|together|fireworks|openrouter)\.(?:com|xyz|ai)(?:[:/]|$)"),
    _Row({"names": "prefix", "user_last": True, "no_empty": True}, url=r"generativelanguage\.googleapis\.com", model=r"(?:^|/)gemini-"),
    _Row({**_TURNS, "no_empty": True}, provider=r"^anthropic$", url=r"api\.anthropic\.com", model=r"(?:^|/)claude-"),
    _Row({**_TURNS, "short_ids": True}, provider=r"^mistral$", url=r"api\.mistral\.ai"),
    _Row({**_TURNS, "short_ids": True}, model=r"(?i)(?:^|/)(?:open-)?(?:mistral|mixtral|ministral|codestral|magistral|devstral)"),
    _Row({**_TURNS, "system": "user"}, model=r"(?i)(?:^|/)gemma-?[12]?(?:[:-]|$)"),
    _Row(_TURNS, url=r"api\.perplexity\.ai", model=r"(?i)(?:^|/)(?:deepseek-(?:reasoner|r1)|llama-?2|gemma)"),
    # Of those who take images, few take other files, and they say so late or never.
    _Row({"files": False}, provider=r"^(?:ollama|lmstudio|lm studio|vllm|llama\.?cpp|local)$", url=_LOOPBACK),
    _Row({"files": False}, url=r"//(?:[\w.-]+\.)?(?:groq|together|fireworks|mistral|deepseek|perplexity)\.(?:com|xyz|ai)(?:[:/]|$)"),
    _Row({"images": False, "files": False, "schemas": "object"}, provider=r"^deepseek$", url=r"//api\.deepseek\.com(?:[:/]|$)"),
    # Anthropic's compatible endpoint takes a response_format and passes it over.
    _Row({"schemas": "words"}, url=r"api\.anthropic\.com"),
    _Row({"limit": "max_completion_tokens"}, provider=r"^azure$", url=r"//(?:api\.openai\.com|[\w.-]+\.azure\.(?:com|us|cn))(?:[:/]|$)"),
)


@lru_cache(maxsize=256)
def quirks_of(provider: str, url: str, model: str) -> Quirks:
    """What is known about a server before the first word is exchanged."""
    quirks = Quirks()
    for row in TABLE:
        if row.fits(provider.lower(), url.lower(), model):
            quirks = replace(quirks, **row.changes)
    return quirks


_FORMATS = r"response_format|json_schema|json_object|structured output|guided decoding|(?:invalid|unsupported).{0,20}schema"
_BLIND = {"images": False, "files": False}

_REFUSALS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    (r"stream_options|include_usage", {"counts": False}),
    (r"alternat", _TURNS),
    (r"role '?user'? after role '?tool'?", _TURNS),
    (r"\bname\b.{0,40}(?:extra|permitted|support|recogni|unknown|unexpected|allowed)", {"names": "prefix"}),
    (r"(?:extra|unsupported|unrecogni|unknown|unexpected).{0,60}\bname\b", {"names": "prefix"}),
    (r"system (?:role|message)s?.{0,30}(?:not supported|unsupported|not allowed|only)", {"system": "user"}),
    (r"(?:last (?:role|message).{0,40}|must end with a? ?)user|prefill", {"user_last": True}),
    (r"(?:must (?:be non-empty|not be empty|have non-empty)|empty content|non-empty content)", {"no_empty": True}),
    (r"tool.?call id.{0,60}(?:length of 9|a-z)", {"short_ids": True}),
    (r"max_tokens.{0,80}max_completion_tokens", {"limit": "max_completion_tokens"}),
    (r"max_completion_tokens.{0,60}(?:extra|permitted|support|recogni|unknown|unexpected)", {"limit": "max_tokens"}),
    (r"(?:extra|unsupported|unrecogni|unknown|unexpected).{0,60}max_completion_tokens", {"limit": "max_tokens"}),
    (r"(?:unknown|unsupported|invalid).{0,30}(?:variant|type|part|value).{0,10}[`'\"]file\b", {"files": False}),
    (r"\b(?:files?|documents?|pdf)\b.{0,60}(?:not supported|unsupported|not allowed)", {"files": False}),
    (r"(?:not|n't|cannot|no) .{0,20}(?:support|accept|process).{0,40}\b(?:images?|image_url|vision|multimodal)", _BLIND),
    (r"\b(?:images?|image_url|vision|multimodal)\b.{0,40}(?:not (?:supported|allowed|available)|unsupported by)", _BLIND),
    (r"unknown variant.{0,5}image_url|content.{0,40}must be a string", _BLIND),
    (_FORMATS, {"schemas": "object"}),
    (_FORMATS, {"schemas": "words"}),
)
_LESS = ("schema", "object", "words")


def learned(quirks: Quirks, refusal: str) -> Quirks | None:
    """The quirks that a refusal's words teach, None when they teach nothing new: asking again would be pointless."""
    for pattern, changes in _REFUSALS:
        if re.search(pattern, refusal, re.IGNORECASE | re.DOTALL):
            taught = replace(quirks, **changes)
            # What a server was once found not to do is not asked of it again, or two refusals would take turns for ever.
            if taught != quirks and _LESS.index(taught.schemas) >= _LESS.index(quirks.schemas):
                return taught
    return None
