"""Known places where models are served: their address, the variables that hold their keys, and where keys are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from studio.engine.models.base import Account


@dataclass(frozen=True, slots=True)
class Preset:
    """A provider, reached through the OpenAI protocol; `native` is the model kind that speaks the provider's own protocol, if there is one.

    `keys`, `urls`, `versions` and `models` are environment variables in the order in which they are looked up, beside those that any
    account has (<ID>_API_KEY, <ID>_BASE_URL, <ID>_MODEL). `key_at` is where its keys are made, for a person to read: nothing is ever
    fetched from it. `model` is the default one, or an example of what its names look like where `example` says so. What its messages
    must look like is in the table of quirks, which knows `id` and `base_url`.
    """

    id: str
    title: str
    base_url: str
    key_at: str = ""
    model: str = ""
    keys: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    local: bool = False
    needs: Literal["key", "address and key", "nothing"] = "key"
    native: str = ""


PRESETS: tuple[Preset, ...] = (
    Preset("openai", "OpenAI", "https://api.openai.com/v1", "platform.openai.com/api-keys", "gpt-4o-mini"),
    Preset(
        "anthropic",
        "Anthropic",
        "https://api.anthropic.com/v1",
        "platform.claude.com/settings/keys",
        "claude-sonnet-4-5",
        native="anthropic",
    ),
    Preset(
        "gemini",
        "Google Gemini",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        "aistudio.google.com/apikey",
        "gemini-2.5-flash",
        keys=("GOOGLE_API_KEY",),
        native="gemini",
    ),
    Preset(
        "azure",
        "Azure OpenAI",
        "",
        "portal.azure.com",
        "gpt-4o-mini",
        keys=("AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN"),
        urls=("AZURE_OPENAI_ENDPOINT",),
        versions=("AZURE_OPENAI_API_VERSION", "OPENAI_API_VERSION"),
        models=("AZURE_OPENAI_DEPLOYMENT",),
        needs="address and key",
    ),
    Preset("mistral", "Mistral", "https://api.mistral.ai/v1", "console.mistral.ai/api-keys", "mistral-small-latest"),
    Preset("deepseek", "DeepSeek", "https://api.deepseek.com/v1", "platform.deepseek.com/api_keys", "deepseek-chat"),
    Preset("groq", "Groq", "https://api.groq.com/openai/v1", "console.groq.com/keys", "llama-3.3-70b-versatile"),
    Preset("openrouter", "OpenRouter", "https://openrouter.ai/api/v1", "openrouter.ai/keys", "meta-llama/llama-3.3-70b-instruct"),
    Preset("together", "Together", "https://api.together.xyz/v1", "api.together.ai", "meta-llama/Llama-3.3-70B-Instruct-Turbo"),
    Preset(
        "fireworks",
        "Fireworks",
        "https://api.fireworks.ai/inference/v1",
        "fireworks.ai",
        "accounts/fireworks/models/llama-v3p3-70b-instruct",
    ),
    Preset("ollama", "Ollama", "http://127.0.0.1:11434/v1", model="llama3.2", local=True, needs="nothing"),
    Preset("lm studio", "LM Studio", "http://127.0.0.1:1234/v1", local=True, needs="nothing"),
    Preset("vllm", "vLLM", "http://127.0.0.1:8000/v1", local=True, needs="nothing"),
)


def money_of(account: Account, base_url: str) -> Literal["free", "told", "listed"]:
    """How a call's price is known: servers of one's own machine cost nothing, OpenRouter tells dollars, others have the price table.

    A server on this machine that is none of the known ones may well pass requests on to somebody who is paid.
    """
    preset = preset_at(base_url) or preset_named(account.provider)
    if preset is None:
        return "listed"
    return "free" if preset.local else "told" if preset.id == "openrouter" else "listed"


def preset_named(name: str) -> Preset | None:
    """The preset that an account's name or provider means, however it is written: "LM Studio", "lmstudio", "lm_studio"."""
    plain = _plain(name)
    return next((preset for preset in PRESETS if _plain(preset.id) == plain or _plain(preset.title) == plain), None)


def preset_at(base_url: str) -> Preset | None:
    """The preset that an address belongs to, None for any other address."""
    from studio.engine.models.azure import is_azure

    if is_azure("", base_url):
        return preset_named("azure")
    address = _address(base_url)
    return next((preset for preset in PRESETS if preset.base_url and _address(preset.base_url) == address), None)


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _address(base_url: str) -> str:
    return base_url.lower().rstrip("/").replace("//localhost:", "//127.0.0.1:")
