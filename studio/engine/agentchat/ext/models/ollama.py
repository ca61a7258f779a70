"""Ollama's client with AutoGen's arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.engine.agentchat.core.models import ModelInfo
from studio.engine.agentchat.ext.models.openai import HeldModel
from studio.engine.agentchat.model_bridge import EngineClient
from studio.engine.models.base import Account

_NAMES = {"num_predict": "max_tokens"}


class OllamaChatCompletionClient(EngineClient):
    """Asks Ollama at its address of the OpenAI protocol. `options` are sent along."""

    def __init__(
        self,
        *,
        model: str,
        host: str | None = None,
        options: Mapping[str, Any] | None = None,
        timeout: float | None = None,
        model_info: ModelInfo | None = None,
        **more: Any,
    ) -> None:
        account = None if host is None else Account("ollama", f"{host.rstrip('/').removesuffix('/v1')}/v1", None, provider="ollama")
        values = {_NAMES.get(name, name): value for name, value in {**(options or {}), **more}.items()}
        given = {name: values.pop(name) for name in ("temperature", "max_tokens") if values.get(name) is not None}
        super().__init__(
            HeldModel(model=model, account="ollama", held=account, timeout=60.0 if timeout is None else timeout, extra=values, **given),
            model_info,
        )
