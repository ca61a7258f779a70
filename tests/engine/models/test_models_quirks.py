"""What is known about servers, and what their refusals teach."""

from __future__ import annotations

import itertools

import pytest

from studio.engine.events import YOU, Attachment, MessageSaid, ToolCall, ToolFinished, ToolsCalled
from studio.engine.models.normalise import Perspective
from studio.engine.models.quirks import Quirks, learned, quirks_of

OPENAI = "https://api.openai.com/v1"
LOCAL = Quirks(names="prefix", files=False)
MISTRAL = Quirks("prefix", alternating=True, user_last=True, short_ids=True, files=False)


@pytest.mark.parametrize(
    ("provider", "url", "model", "expected"),
    [
        ("openai", OPENAI, "gpt-4o", Quirks(limit="max_completion_tokens")),
        ("azure", "https://lab.openai.azure.com", "gpt-4o", Quirks(limit="max_completion_tokens")),
        ("ollama", "http://gpu.lan:11434/v1", "llama3", LOCAL),
        ("lmstudio", "http://gpu.lan:1234/v1", "qwen3", LOCAL),
        ("vllm", "http://gpu.lan:8000/v1", "qwen3", LOCAL),
        ("openai", "http://127.0.0.1:8080/v1", "llama3", LOCAL),
        ("openai", "https://api.together.xyz/v1", "llama3", LOCAL),
        ("openai", "https://api.fireworks.ai/inference/v1", "llama3", LOCAL),
        ("openai", "https://api.groq.com/openai/v1", "llama3", LOCAL),
        ("openai", "https://api.mistral.ai/v1", "x", MISTRAL),
        ("openai", "http://localhost:8000/v1", "mistralai/Mistral-7B", MISTRAL),
        ("deepseek", "https://api.deepseek.com/v1", "deepseek-chat", Quirks(images=False, files=False, schemas="object")),
        (
            "openai",
            "https://api.deepseek.com/v1",
            "deepseek-reasoner",
            Quirks("prefix", alternating=True, user_last=True, images=False, files=False, schemas="object"),
        ),
        ("openai", "https://x.test/v1", "deepseek-reasoner", Quirks("prefix", alternating=True, user_last=True)),
        ("openai", "https://openrouter.ai/api/v1", "gpt-4o", Quirks(names="prefix")),
        (
            "openai",
            "https://generativelanguage.googleapis.com/v1beta/openai",
            "gemini-2.5-pro",
            Quirks("prefix", user_last=True, no_empty=True),
        ),
        (
            "openai",
            "https://api.anthropic.com/v1",
            "claude-x",
            Quirks("prefix", alternating=True, user_last=True, no_empty=True, schemas="words"),
        ),
        ("openai", "https://x.test/v1", "google/gemma-2-9b", Quirks("prefix", "user", alternating=True, user_last=True)),
        ("openai", "https://models.example.org/v1", "anything", Quirks()),
        ("openai", "https://notapi.openai.com.evil.test/v1", "gpt-4o", Quirks()),
    ],
)
def test_a_server_is_known_by_its_provider_address_or_model(provider: str, url: str, model: str, expected: Quirks):
    assert quirks_of(provider, url, model) == expected


SERVERS = {
    "openai": ("openai", OPENAI, "gpt-4o"),
    "azure": ("azure", "https://lab.openai.azure.com", "gpt-4o"),
    "ollama": ("ollama", "http://localhost:11434/v1", "llama3"),
    "lmstudio": ("lmstudio", "http://localhost:1234/v1", "qwen3"),
    "vllm": ("vllm", "http://localhost:8000/v1", "qwen3"),
    "together": ("openai", "https://api.together.xyz/v1", "llama3"),
    "fireworks": ("openai", "https://api.fireworks.ai/inference/v1", "llama3"),
    "groq": ("openai", "https://api.groq.com/openai/v1", "llama3"),
    "mistral": ("mistral", "https://api.mistral.ai/v1", "mistral-large-latest"),
    "deepseek": ("deepseek", "https://api.deepseek.com/v1", "deepseek-reasoner"),
    "openrouter": ("openai", "https://openrouter.ai/api/v1", "gpt-4o"),
    "gemini": ("openai", "https://generativelanguage.googleapis.com/v1beta/openai", "gemini-2.5-pro"),
    "anthropic": ("openai", "https://api.anthropic.com/v1", "claude-sonnet-4-5"),
}


@pytest.mark.parametrize("server", SERVERS)
def test_every_server_gets_a_conversation_that_it_takes(server: str):
    quirks = quirks_of(*SERVERS[server])
    photo = Attachment(name="photo.png", media_type="image/png", data="AAAA")
    call = ToolCall(id="call_of_many_letters", name="now")
    thread = (
        MessageSaid(source="ann", text="I begin."),
        MessageSaid(source=YOU, role="task", text="Look.", attachments=(photo,)),
        MessageSaid(source="bob", text="So do I."),
        MessageSaid(source="eve", text=" "),
        ToolsCalled(source="ann", calls=(call,)),
        ToolFinished(source="ann", call=call.id, name="now", output="noon"),
        MessageSaid(source="bob", text="And?"),
        MessageSaid(source="ann", text="Noon."),
    )
    perspective = Perspective("ann", quirks)
    perspective.follow(thread)
    messages = perspective.messages("You are ann.")
    roles = [message["role"] for message in messages]
    assert roles.count("system") == (quirks.system == "system")
    assert "system" not in roles[1:]
    if quirks.alternating:
        talk = [role for role in roles if role != "system"]
        assert talk[0] == "user"
        assert all(one != other or one == "tool" for one, other in itertools.pairwise(talk))
        assert ("tool", "user") not in itertools.pairwise(talk)
    if quirks.user_last:
        assert roles[-1] == "user"
    if quirks.names == "prefix":
        assert not any("name" in message for message in messages)
        assert "bob: So do I." in str(messages)
    else:
        assert [message.get("name") for message in messages if message.get("name")] == ["bob", "eve", "bob"]
    if quirks.no_empty:
        assert all(message["content"] for message in messages if not message.get("tool_calls"))
    if quirks.short_ids:
        assert all(len(message["tool_call_id"]) == 9 for message in messages if message["role"] == "tool")
    assert ("image_url" in str(messages)) == quirks.images


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
        ("Failed to deserialize: messages[1]: unknown variant `image_url`, expected `text`", {"images": False, "files": False}),
        ("This model does not support image input.", {"images": False}),
        ("Invalid value: 'file'. unsupported content part type 'file'", {"files": False}),
        ("'response_format.type' : value is not one of the allowed values ['text','json_object']", {"schemas": "object"}),
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


def test_what_a_server_was_found_unable_to_do_is_never_asked_of_it_again():
    taught: Quirks | None = Quirks()
    steps = []
    while taught is not None:
        steps.append(taught.schemas)
        taught = learned(taught, "response_format is not supported")
    assert steps == ["schema", "object", "words"]


def test_a_broken_image_does_not_make_a_server_blind():
    assert learned(Quirks(), "You uploaded an unsupported image. Please make sure your image is valid.") is None
