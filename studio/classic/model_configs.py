"""One entry of a config_list as a model of our engine: where it is, what it costs, how it is asked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.engine.errors import AccountMissing, ConveneError
from studio.engine.models.base import Account, Model
from studio.engine.models.openai_model import OpenAIModel
from studio.engine.models.presets import preset_named
from studio.engine.models.prices import Price, Prices
from studio.texts import text

Config = dict[str, Any]

OF_THE_WRAPPER = frozenset(
    " api_key api_type api_version base_url api_base client_host azure_endpoint azure_deployment azure_ad_token azure_ad_token_provider"
    " organization default_headers http_client engine price tags cache cache_seed filter_func context allow_format_str_template agent"
    " config_list model_client_cls api_rate_limit max_retries timeout request_timeout retry_wait_time max_retry_period hide_tools"
    " native_tool_calls messages tools functions model temperature max_tokens max_completion_tokens response_format stream"
    " stream_options".split()
)
"""What a configuration says to this library; everything else goes to the server as it is."""

_PRESETS = {"google": "gemini", "gemini": "gemini", "client_host": "ollama"}
_ELSEWHERE = {"cerebras": "https://api.cerebras.ai/v1", "cohere": "https://api.cohere.ai/compatibility/v1"}
_ENVIRONMENT = {"google": "GOOGLE_GEMINI_API_KEY", "cerebras": "CEREBRAS_API_KEY", "cohere": "COHERE_API_KEY"}

DEFAULT_TIMEOUT = 600.0
"""Seconds without a word from the server, where a configuration names none: what the OpenAI library waits."""


class ConfigUnusable(ConveneError, ValueError):
    """A configuration that no model can be made of; scripts catch it as a ValueError."""

    code = "llm_config"


@dataclass(frozen=True, slots=True)
class OneAccount:
    """The accounts of a configuration: its own."""

    the: Account

    def account(self, name: str) -> Account:
        return self.the


def account_of(config: Mapping[str, Any]) -> Account:
    """Where a configuration's model is. Raises AccountMissing for a kind of API that is not spoken here."""
    api = str(config.get("api_type") or "openai").lower()
    key = str(config.get("api_key") or config.get("azure_ad_token") or "") or None
    addresses = (config.get(each) for each in ("base_url", "azure_endpoint", "client_host", "api_base"))
    base_url = next((str(address) for address in addresses if address), None)
    rate = int(float(config.get("api_rate_limit") or 0) * 60)
    name = str(config.get("model") or api)
    if api in ("azure", "azure_ad"):
        from studio.engine.models.azure import with_version

        key = key or os.environ.get("AZURE_OPENAI_API_KEY")
        if base_url is None:
            raise AccountMissing(name, text("classic.model.azure_address"))
        version = str(config.get("api_version") or os.environ.get("OPENAI_API_VERSION") or "")
        return Account(name, with_version(base_url, version) if version else base_url, key, "azure", requests_per_minute=rate)
    if api in ("openai", "open_ai", "completion", "responses"):
        base_url = base_url or os.environ.get("OPENAI_BASE_URL")
        return Account(name, base_url, key or os.environ.get("OPENAI_API_KEY"), "openai", requests_per_minute=rate)
    preset = preset_named(_PRESETS.get(api, api))
    if preset is None and api not in _ELSEWHERE and base_url is None:
        raise AccountMissing(name, text("classic.model.unknown_api", api=api))
    key = key or os.environ.get(_ENVIRONMENT.get(api, f"{api.upper()}_API_KEY"))
    found = preset.base_url if preset is not None else _ELSEWHERE.get(api)
    if api == "ollama" and base_url and not base_url.rstrip("/").endswith("/v1"):
        base_url = f"{base_url.rstrip('/')}/v1"
    return Account(name, base_url or found, key, preset.id if preset else api, requests_per_minute=rate)


def model_of(config: Mapping[str, Any]) -> Model:
    """The model that a configuration describes. Raises ConfigUnusable when a value is out of bounds."""
    limit = config.get("max_tokens") or config.get("max_completion_tokens")
    extra = {name: value for name, value in config.items() if name not in OF_THE_WRAPPER and value is not None}
    if isinstance(form := config.get("response_format"), Mapping):
        extra["response_format"] = dict(form)
    try:
        return OpenAIModel(
            model=str(config.get("model") or ""),
            account=str(config.get("model") or "model"),
            temperature=config.get("temperature"),
            max_tokens=limit,
            timeout=float(config.get("timeout") or config.get("request_timeout") or DEFAULT_TIMEOUT),
            retries=int(config.get("max_retries", 2)),
            extra=extra,
        )
    except ValueError as mistake:
        raise ConfigUnusable(f"llm_config: {mistake}") from None


def answer_schema(config: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The JSON schema of a `response_format` that is a pydantic class."""
    form = config.get("response_format")
    if isinstance(form, type) and hasattr(form, "model_json_schema"):
        schema: Mapping[str, Any] = form.model_json_schema()
        return schema
    return None


def prices_of(config: Mapping[str, Any]) -> Prices:
    """The list prices, with the configuration's own: `price` is [prompt, completion] in US dollars per thousand tokens."""
    price = config.get("price")
    if price is None:
        return Prices()
    if not isinstance(price, list | tuple) or len(price) != 2:
        raise ConfigUnusable(text("classic.model.price"), text("classic.model.price.remedy"))
    own = Price(float(price[0]) * 1000, float(price[1]) * 1000)
    return Prices({"*": own})
