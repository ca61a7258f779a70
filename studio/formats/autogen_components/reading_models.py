"""Models: which account they need, which key is missing, and which model is gone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from studio.engine.models.presets import preset_at, preset_named
from studio.flow.catalogue.validation import validate_config
from studio.formats.autogen_components.envelope import ELSEWHERE, Envelope
from studio.formats.autogen_components.mapping import ClassMap, class_map
from studio.formats.autogen_components.reading import SECRET, Reading
from studio.texts import text

PASSED_ON = ("frequency_penalty", "logit_bias", "presence_penalty", "response_format", "seed", "stop", "top_p", "user", "reasoning_effort")
"""Fields of AutoGen that go into the request as they are."""

OPENAI = "OpenAIChatCompletionClient"
REPLAY = "ReplayChatCompletionClient"
MAX_REPLIES = 1_000
_TYPES = {"anthropic": "AnthropicChatCompletionClient", "ollama": "OllamaChatCompletionClient", "azure": "AzureOpenAIChatCompletionClient"}

GONE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"text-davinci.*|code-davinci.*|davinci|curie|babbage|ada", "gpt-4o-mini"),
        (r"gpt-3\.5-turbo-(?:0301|0613|16k.*)", "gpt-4o-mini"),
        (r"gpt-4-(?:0314|32k.*|vision-preview|1106-vision-preview|1106-preview|0125-preview|turbo-preview)", "gpt-4o"),
        (r"gpt-4\.5-preview.*", "gpt-4.1"),
        (r"o1-(?:preview|mini).*", "o4-mini"),
        (r"claude-(?:instant|1|2).*", "claude-sonnet-4-5"),
        (r"claude-3-(?:opus|sonnet|5-sonnet|7-sonnet)-\d+|claude-3-(?:opus|5-sonnet|7-sonnet)-latest", "claude-sonnet-4-5"),
        (r"gemini-(?:pro|1\.0|1\.5).*", "gemini-2.5-flash"),
        (r"(?:open-)?mixtral-8x7b-32768|llama3-(?:8|70)b-8192|gemma-7b-it", "llama-3.3-70b-versatile"),
    )
)
"""Names of models that their providers do not serve any more, and one that takes their place."""


def gone(model: str) -> str | None:
    """A model to take instead of one that no longer exists; None for every other."""
    return next((instead for pattern, instead in GONE if pattern.fullmatch(model.lower())), None)


@dataclass(frozen=True, slots=True)
class Served:
    """The class that asks a model, and the address of its server where that is not the provider's own."""

    name: str
    address: str = ""


def served_by(api_type: str) -> Served | None:
    """Who asks the models of an `api_type` of AutoGen 0.2, in small letters; None for one that nobody knows."""
    if api_type in _TYPES:
        return Served(_TYPES[api_type])
    if api_type in ("", "openai", "open_ai"):
        return Served(OPENAI)
    preset = preset_named({"google": "gemini"}.get(api_type, api_type))
    return Served(OPENAI, preset.base_url) if preset is not None else None


def read_model(reading: Reading, found: Envelope, speaker: str = "") -> str:
    """Draws a model and gives its node's id; one of an unknown class is kept as it stands. `speaker` is for whom it speaks."""
    if found.name == REPLAY and speaker and isinstance(found.config.get("chat_completions"), list):
        return _practice(reading, found, speaker)
    if found.provider == f"{ELSEWHERE}.model":
        return _elsewhere(reading, str(found.config.get("source", "")), found.pointer)
    table = class_map(found.name, found.provider, found.type)
    if table is None or table.type != "model":
        return reading.unknown(found, found.raw, found.pointer)
    config, lost = reading.plain(table, found, table.kind)
    account, url = _account(table, found)
    extra = {name: found.config[name] for name in PASSED_ON if found.config.get(name) is not None}
    if extra:
        config["extra"] = extra
        lost = [(theirs, why) for theirs, why in lost if theirs not in extra]
    if found.name.startswith("Ollama"):
        # AutoGen 0.2 and Agent Framework say beside the model what this client wants in its options.
        beside = {field: value for field in ("temperature", "max_tokens") if isinstance(value := found.config.get(field), int | float)}
        beside = {} if validate_config(table.kind, {**config, **beside}) else beside
        config |= beside
        lost = [(theirs, why) for theirs, why in lost if theirs not in beside]
    options = found.config.get("options")
    if isinstance(options, Mapping):
        if isinstance(options.get("temperature"), (int, float)):
            config["temperature"] = options["temperature"]
        reading.tell_unread(replace(found, config=options, inside=found.at("options")), ("temperature",), (), found.name)
    elif options:
        lost.append(("options", ""))
    if account != "openai" or table.kind != "openai":
        config["account"] = account
    if found.name.startswith("Azure"):
        deployment = found.config.get("azure_deployment")
        if isinstance(deployment, str) and deployment and config.get("model") not in (None, "", deployment):
            other = str(config["model"])[:80]
            reading.say("approximated", "deployment", found.at("model"), subject=deployment, deployment=deployment[:80], model=other)
        config["model"] = deployment if isinstance(deployment, str) and deployment else config.get("model", "")
    name = str(config.get("model") or text("kind.openai.name"))[:200]
    node = reading.shared(table.kind, "", config, what=text("autogen.what.model", name=name), at=found.pointer)
    reading.tell_losses(lost, found, (node,), name)
    _tell_account(reading, found, node, account, url)
    if (instead := gone(name)) is not None:
        reading.say("decision", "model_gone", found.at("model"), (node,), remedy=True, subject=name, model=name, instead=instead)
    return node


def _elsewhere(reading: Reading, source: str, at: str) -> str:
    """A model of which a script says nothing but what it is called there."""
    name = " ".join(source.split())[:60]
    node = reading.shared("openai", name, {}, what="", at=at)
    reading.say("decision", "model_elsewhere", at, (node,), remedy=True, subject=name, source=source)
    return node


def _practice(reading: Reading, found: Envelope, speaker: str) -> str:
    """A client that plays what it is given is a practice model of the one whom it speaks for."""
    listed = reading.first(found.config["chat_completions"], MAX_REPLIES, found.at("chat_completions"), what="chat_completions")
    replies = [reply for reply in listed if isinstance(reply, str)]
    what = text("autogen.what.model", name=text("kind.practice.name"))
    node = reading.node("practice", "", {"script": {speaker: replies}} if replies else {}, what=what, at=found.pointer)
    reading.say("approximated", "differs.replay", found.pointer, (node,), name=speaker)
    if len(replies) < len(listed):
        reading.say("approximated", "field_lost", found.at("chat_completions"), (node,), name=found.name, field="chat_completions")
    reading.tell_unread(found, ("chat_completions",), (node,), found.name)
    return node


def _account(table: ClassMap, found: Envelope) -> tuple[str, str]:
    """The name of the account that a model needs, and its address where it is not the provider's own."""
    if found.name.startswith("Azure"):
        return "azure", _text(found.config.get("azure_endpoint"))
    url = _text(found.config.get("base_url")) or _text(found.config.get("host"))
    if found.name.startswith("Ollama"):
        known = preset_at(url)
        return "ollama", url if known is None or known.id != "ollama" else ""
    if table.kind == "anthropic":
        return "anthropic", url
    model = _text(found.config.get("model")).lower()
    if not url:
        return ("gemini" if model.startswith("gemini-") else "anthropic" if model.startswith("claude-") else "openai"), ""
    preset = preset_at(url)
    if preset is not None:
        return preset.id, ""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    return (re.sub(r"[^a-z0-9.-]", "", host.lower())[:60] or "server"), url


def _tell_account(reading: Reading, found: Envelope, node: str, account: str, url: str) -> None:
    key = found.config.get("api_key")
    if url:
        reading.say("decision", "account_missing", found.pointer, (node,), remedy=True, subject=account, account=account, url=url[:300])
    if isinstance(key, str) and key and not SECRET.match(key):
        reading.say("decision", "key_in_file", found.at("api_key"), (node,), remedy=True, subject=account, account=account)
    elif account not in ("ollama", "lm studio", "vllm") and (key or url or account != "openai" or found.config.get("model")):
        # Of a model of which nothing is said, the account is not known either.
        code = "key_blanked" if key else "key_missing"
        at = found.at("api_key") if key else found.pointer
        reading.say("decision", code, at, (node,), remedy=True, subject=account, account=account)
    for field in ("azure_ad_token", "azure_ad_token_provider"):
        if found.config.get(field):
            reading.say("decision", "token_provider", found.at(field), (node,), remedy=True, name=account, field=field, account=account)
    for field in ("organization", "default_headers", "api_version"):
        if found.config.get(field):
            reading.say("approximated", "field_lost", found.at(field), (node,), name=account, field=field)


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
