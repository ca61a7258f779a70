"""The providers that an account can be made for: each is a name and a base URL of a server that speaks the OpenAI protocol."""

from __future__ import annotations

from typing import TypedDict


class Preset(TypedDict):
    """`key_at` is where its keys are made, "" where no key is needed; `local` servers run on this machine."""

    id: str
    title: str
    base_url: str
    key_at: str
    example: str
    local: bool


def _preset(id_: str, title: str, base_url: str, key_at: str, example: str, *, local: bool = False) -> Preset:
    return {"id": id_, "title": title, "base_url": base_url, "key_at": key_at, "example": example, "local": local}


PRESETS: tuple[Preset, ...] = (
    _preset("openai", "OpenAI", "https://api.openai.com/v1", "platform.openai.com/api-keys", "gpt-4o-mini"),
    _preset("anthropic", "Anthropic", "https://api.anthropic.com/v1/", "console.anthropic.com", "claude-sonnet-4-5"),
    _preset(
        "gemini",
        "Google Gemini",
        "https://generativelanguage.googleapis.com/v1beta/openai/",
        "aistudio.google.com/apikey",
        "gemini-2.5-flash",
    ),
    _preset("azure", "Azure OpenAI", "https://YOUR-RESOURCE.openai.azure.com/openai/v1/", "portal.azure.com", "gpt-4o-mini"),
    _preset("mistral", "Mistral", "https://api.mistral.ai/v1", "console.mistral.ai/api-keys", "mistral-small-latest"),
    _preset("deepseek", "DeepSeek", "https://api.deepseek.com/v1", "platform.deepseek.com/api_keys", "deepseek-chat"),
    _preset("groq", "Groq", "https://api.groq.com/openai/v1", "console.groq.com/keys", "llama-3.3-70b-versatile"),
    _preset("openrouter", "OpenRouter", "https://openrouter.ai/api/v1", "openrouter.ai/keys", "meta-llama/llama-3.3-70b-instruct"),
    _preset("together", "Together", "https://api.together.xyz/v1", "api.together.ai", "meta-llama/Llama-3.3-70B-Instruct-Turbo"),
    _preset(
        "fireworks",
        "Fireworks",
        "https://api.fireworks.ai/inference/v1",
        "fireworks.ai",
        "accounts/fireworks/models/llama-v3p3-70b-instruct",
    ),
    _preset("ollama", "Ollama", "http://127.0.0.1:11434/v1", "", "llama3.2", local=True),
    _preset("lm studio", "LM Studio", "http://127.0.0.1:1234/v1", "", "", local=True),
    _preset("vllm", "vLLM", "http://127.0.0.1:8000/v1", "", "", local=True),
    _preset("other", "", "", "", "", local=False),
)
"""`other` is any other server that speaks the protocol; its title is a text."""


def preset(preset_id: str) -> Preset:
    """The preset with this id; the open one for ids that are not known."""
    return next((each for each in PRESETS if each["id"] == preset_id), PRESETS[-1])


def preset_of(base_url: str) -> Preset:
    """The preset that this address belongs to; the open one for other addresses."""
    plain = base_url.rstrip("/")
    return next((each for each in PRESETS if each["base_url"].rstrip("/") == plain), PRESETS[-1])
