"""Anthropic's client with AutoGen's arguments."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from studio.engine.agentchat.core.models import ModelInfo
from studio.engine.agentchat.model_bridge import EngineClient
from studio.engine.models.anthropic_model import AnthropicModel
from studio.engine.models.base import Account, Accounts, ModelClient


class HeldClaude(AnthropicModel):
    """A model whose account the script holds itself."""

    kind: ClassVar[str] = AnthropicModel.kind
    drawable: ClassVar[bool] = False
    held: Annotated[Account | None, Field(exclude=True, repr=False)] = None

    def connect(self, accounts: Accounts) -> ModelClient:
        if self.held is None:
            return super().connect(accounts)
        from studio.engine.models.anthropic_client import AnthropicClient

        return AnthropicClient(self, self.held)


class AnthropicChatCompletionClient(EngineClient):
    """Without `api_key` the key is ANTHROPIC_API_KEY."""

    def __init__(
        self,
        *,
        model: str,
        api_key: str | None = None,
        base_url: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        timeout: float | None = None,
        max_retries: int = 2,
        model_info: ModelInfo | None = None,
        **options: Any,
    ) -> None:
        account = None if api_key is None and base_url is None else Account("anthropic", base_url, api_key, provider="anthropic")
        super().__init__(
            HeldClaude(
                model=model,
                held=account,
                temperature=temperature,
                max_tokens=max_tokens or 8192,
                timeout=60.0 if timeout is None else timeout,
                retries=min(max_retries, 10),
                extra=options,
            ),
            model_info,
        )
