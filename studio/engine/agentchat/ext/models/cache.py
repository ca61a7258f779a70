"""Answers of a model kept for the same question."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from studio.engine.agentchat.core.models import ChatCompletionClient, CreateResult, LLMMessage, ModelInfo, RequestUsage
from studio.engine.agentchat.ext.cache_store.memory import InMemoryStore

CHAT_CACHE_VALUE_TYPE = CreateResult


class ChatCompletionCache(ChatCompletionClient):
    """Asks the client only what it was not asked before. The key holds the model and the choice of tools too, which AutoGen leaves out."""

    def __init__(self, client: ChatCompletionClient, store: Any = None) -> None:
        self.client = client
        self._store = InMemoryStore() if store is None else store

    @property
    def model_info(self) -> ModelInfo:
        return self.client.model_info

    async def create(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Any] = (),
        tool_choice: Any = "auto",
        json_output: Any = None,
        extra_create_args: Mapping[str, Any] = {},
        cancellation_token: Any = None,
    ) -> CreateResult:
        key = self._key(messages, tools, tool_choice, json_output, extra_create_args)
        if (known := _result(self._store.get(key))) is not None:
            return known.model_copy(update={"cached": True})
        result = await self.client.create(
            messages,
            tools=tools,
            tool_choice=tool_choice,
            json_output=json_output,
            extra_create_args=extra_create_args,
            cancellation_token=cancellation_token,
        )
        self._store.set(key, result.model_dump(mode="json"))
        return result

    async def create_stream(self, messages: Sequence[LLMMessage], **options: Any) -> AsyncGenerator[str | CreateResult]:
        result = await self.create(messages, **options)
        if isinstance(result.content, str) and result.content:
            yield result.content
        yield result

    def _key(self, messages: Sequence[LLMMessage], tools: Sequence[Any], choice: Any, wanted: Any, extra: Mapping[str, Any]) -> str:
        shape = wanted.model_json_schema() if isinstance(wanted, type) and issubclass(wanted, BaseModel) else wanted
        shown = [tool if isinstance(tool, Mapping) else getattr(tool, "schema", str(tool)) for tool in tools]
        try:
            model: Any = self.client.component().model_dump(mode="json")
        except Exception:
            model = type(self.client).__name__
        asked = [model, [message.model_dump(mode="json") for message in messages], shown, str(choice), shape, dict(extra)]
        return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()

    def actual_usage(self) -> RequestUsage:
        return self.client.actual_usage()

    async def close(self) -> None:
        await self.client.close()


def _result(kept: Any) -> CreateResult | None:
    """What a store kept; what cannot be read is asked anew."""
    try:
        return kept if isinstance(kept, CreateResult) else CreateResult.model_validate(kept) if kept is not None else None
    except ValueError:
        return None
