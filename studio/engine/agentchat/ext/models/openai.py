"""OpenAI's client, and Azure's, with AutoGen's arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from studio.engine.agentchat.core.models import ModelInfo
from studio.engine.agentchat.model_bridge import EngineClient
from studio.engine.errors import AccountMissing, FlowError
from studio.engine.models.azure import with_version
from studio.engine.models.base import Account, Accounts, ModelClient
from studio.engine.models.openai_model import OpenAIModel
from studio.engine.models.presets import preset_named
from studio.texts import text

_PREFIXES = {"gemini-": "gemini", "claude-": "anthropic"}
"""Accounts of models whose names say where they are, as AutoGen takes them."""

_SENT = (
    "frequency_penalty",
    "logit_bias",
    "n",
    "parallel_tool_calls",
    "presence_penalty",
    "reasoning_effort",
    "seed",
    "service_tier",
    "stop",
    "store",
    "top_p",
    "user",
)
_OURS = (
    "add_name_prefixes",
    "default_headers",
    "http_client",
    "include_name_in_message",
    "model_capabilities",
    "organization",
    "stream_options",
)
"""What a script may say and the engine does by itself, or does not do."""


class HeldModel(OpenAIModel):
    """A model whose account the script holds itself: its key is in no file."""

    kind: ClassVar[str] = OpenAIModel.kind
    drawable: ClassVar[bool] = False
    held: Annotated[Account | None, Field(exclude=True, repr=False)] = None

    def connect(self, accounts: Accounts) -> ModelClient:
        if self.held is None:
            return super().connect(accounts)
        from studio.engine.models.openai_client import OpenAIClient

        return OpenAIClient(self, self.held)


class BaseOpenAIChatCompletionClient(EngineClient):
    """A client of a server that speaks the OpenAI protocol."""


def _known(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that are sent along. Raises TypeError for one that nobody knows."""
    strange = [name for name in options if name not in (*_SENT, *_OURS, "response_format", "extra_body", "max_completion_tokens")]
    if strange:
        raise TypeError(f"the client takes no argument '{strange[0]}'")
    extra = {name: options[name] for name in (*_SENT, "max_completion_tokens") if options.get(name) is not None}
    if isinstance(options.get("response_format"), dict):
        extra["response_format"] = options["response_format"]
    return extra | dict(options.get("extra_body") or {})


def _key_of(account: str) -> str | None:
    """The key of an account that the variables of the environment hold."""
    from studio.engine.models.accounts import EnvironmentAccounts

    try:
        return EnvironmentAccounts().account(account).key
    except AccountMissing:
        return None


def held_model(
    model: str,
    account: Account | None,
    options: Mapping[str, Any],
    name: str = "openai",
    timeout: float | None = None,
    max_retries: int = 2,
) -> HeldModel:
    """The engine's model of a client's arguments."""
    values = dict(options)
    given = {
        "temperature": values.pop("temperature", None),
        "max_tokens": values.pop("max_tokens", None),
        "timeout": 60.0 if timeout is None else timeout,
        "retries": min(max_retries, 10),
        "extra": _known(values),
    }
    return HeldModel(model=model, account=name, held=account, **given)


class OpenAIChatCompletionClient(BaseOpenAIChatCompletionClient):
    """Without `api_key` the key is OPENAI_API_KEY, or that of the provider that the model's name says."""

    def __init__(
        self,
        *,
        model: str,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float | None = None,
        max_retries: int = 2,
        model_info: ModelInfo | None = None,
        **options: Any,
    ) -> None:
        """Raises TypeError for arguments that no client takes."""
        name = next((account for prefix, account in _PREFIXES.items() if model.startswith(prefix)), "openai")
        preset = preset_named(name)
        if preset is None or base_url is not None:
            name = "openai"
        account: Account | None = None
        if api_key is not None or base_url is not None:
            address = base_url or (preset.base_url if preset is not None and name != "openai" else None)
            account = Account(name, address, api_key or _key_of(name), provider=name)
        super().__init__(held_model(model, account, options, name, timeout, max_retries), model_info)


class AzureOpenAIChatCompletionClient(BaseOpenAIChatCompletionClient):
    """A deployment of Azure OpenAI. A token of Entra ID may be given, or what makes one."""

    def __init__(
        self,
        *,
        model: str = "",
        azure_endpoint: str | None = None,
        azure_deployment: str | None = None,
        api_version: str = "",
        api_key: str | None = None,
        azure_ad_token: str | None = None,
        azure_ad_token_provider: Any = None,
        timeout: float | None = None,
        max_retries: int = 2,
        model_info: ModelInfo | None = None,
        **options: Any,
    ) -> None:
        """Raises FlowError when a token's maker gives no text."""
        token = azure_ad_token_provider() if callable(azure_ad_token_provider) else azure_ad_token
        if token is not None and not isinstance(token, str):
            raise FlowError("azure_ad_token_provider", text("engine.agentchat.no_token"), text("engine.agentchat.no_token.remedy"))
        account: Account | None = None
        if azure_endpoint is not None:
            key = api_key or token or _key_of("azure")
            account = Account("azure", with_version(azure_endpoint, api_version), key, provider="azure")
        super().__init__(held_model(azure_deployment or model, account, options, "azure", timeout, max_retries), model_info)
