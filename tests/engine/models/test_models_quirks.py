"""What is known about servers, and what their refusals teach."""

from __future__ import annotations

import pytest

from studio.engine.models.quirks import Quirks, learned, quirks_of

OPENAI = "https://api.openai.com/v1"


@pytest.mark.parametrize(
    ("provider", "url", "model", "expected"),
    [
        ("openai", OPENAI, "gpt-4o", Quirks(limit="max_completion_tokens")),
        ("openai", "https://models.example.org/v1", "anything", Quirks()),
        ("openai", "http://127.0.0.1:8080/v1", "llama3", Quirks(names="prefix")),
        ("ollama", "http://gpu.lan:11434/v1", "llama3", Quirks(names="prefix")),
        ("openai", "https://api.groq.com/openai/v1", "llama3", Quirks(names="prefix")),
        ("openai", "https://openrouter.ai/api/v1", "gpt-4o", Quirks(names="prefix")),
        ("openai", "https://api.mistral.ai/v1", "x", Quirks("prefix", alternating=True, user_last=True, short_ids=True)),
        ("openai", "http://localhost:8000/v1", "mistralai/Mistral-7B", Quirks("prefix", alternating=True, user_last=True, short_ids=True)),
        ("openai", "https://x.test/v1", "google/gemma-2-9b", Quirks("prefix", "user", alternating=True, user_last=True)),
        ("openai", "https://x.test/v1", "deepseek-reasoner", Quirks("prefix", alternating=True, user_last=True)),
        ("openai", "https://api.anthropic.com/v1", "claude-x", Quirks("prefix", alternating=True, user_last=True, no_empty=True)),
        ("openai", "https://notapi.openai.com.evil.test/v1", "gpt-4o", Quirks()),
    ],
)
def test_a_server_is_known_by_its_provider_address_or_model(provider: str, url: str, model: str, expected: Quirks):
    assert quirks_of(provider, url, model) == expected


@pytest.mark.parametrize(
    ("refusal", "change"),
    [
        ("Unrecognized request argument supplied: stream_options", {"counts": False}),
        ("[{'loc': ['body', 'stream_options'], 'msg': 'Extra inputs are not permitted'}]", {"counts": False}),
        (
            "'messages.1' : for 'role:user' the following must be satisfied[('messages.1' : property 'name' is unsupported)]",
            {"names": "prefix"},
        ),
        ("messages.1.name: Extra inputs are not permitted", {"names": "prefix"}),
        ("Conversation roles must alternate user/assistant/user/assistant/...", {"alternating": True}),
        ("Unexpected role 'user' after role 'tool'", {"alternating": True}),
        ("Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant", {"user_last": True}),
        ("System role not supported", {"system": "user"}),
        ("messages: text content blocks must be non-empty", {"no_empty": True}),
        ("Tool call id was call_1 but must be a-z, A-Z, 0-9, with a length of 9.", {"short_ids": True}),
        (
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'",
            {"limit": "max_completion_tokens"},
        ),
    ],
)
def test_a_refusal_teaches_its_quirk(refusal: str, change: dict[str, object]):
    taught = learned(Quirks(), refusal)
    assert taught is not None
    assert {name: getattr(taught, name) for name in change} == change
    assert learned(taught, refusal) != taught


@pytest.mark.parametrize("refusal", ["temperature must be below 2", "maximum context length exceeded", "", "the server does not feel well"])
def test_other_refusals_teach_nothing(refusal: str):
    assert learned(Quirks(), refusal) is None


def test_nothing_is_learned_twice():
    quirks, lessons = Quirks(), 0
    refusal = (
        "stream_options name unsupported alternate prefill empty content system role not supported max_tokens use max_completion_tokens"
    )
    while (taught := learned(quirks, refusal)) is not None:
        quirks, lessons = taught, lessons + 1
    assert lessons < 10
