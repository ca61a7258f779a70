"""Asking a Claude model in Anthropic's own protocol, through Anthropic's SDK."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from studio.engine.errors import ModelError
from studio.engine.models import openai_errors
from studio.engine.models.anthropic_answer import STATUS, Translation
from studio.engine.models.anthropic_messages import lacks_thoughts, written
from studio.engine.models.base import Account, ModelRequest
from studio.engine.models.connections import Connection, http_client
from studio.engine.models.extras import require
from studio.engine.models.native import Asking, NativeClient
from studio.engine.models.normalise import encode
from studio.engine.models.openai_answer import Unusable
from studio.engine.models.talks import Talk
from studio.texts import text

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic, AsyncStream

    from studio.engine.models.anthropic_model import AnthropicModel

ANTHROPIC_URL = "https://api.anthropic.com"

LARGEST_BODY = 16 * 1024 * 1024
"""Bytes of an answer that is not streamed."""

_OURS = frozenset({"model", "messages", "system", "tools", "stream"})


class AnthropicClient(NativeClient):
    """A Claude model of one account."""

    _kind = "anthropic"

    def __init__(self, model: AnthropicModel, account: Account) -> None:
        require("anthropic", "anthropic", account.name)
        base_url = re.sub(r"/v1/?$", "", (account.base_url or ANTHROPIC_URL).rstrip("/"))
        super().__init__(account, base_url, ANTHROPIC_URL, model.model, model.timeout, model.retries)
        self._model = model
        self._limit: int | None = None
        self._connection: Connection[AsyncAnthropic] = Connection(base_url, account.key, anthropic_sdk, "anthropic")

    async def close(self) -> None:
        """Frees what is held; a later stream opens it again."""
        await super().close()
        await self._connection.close()

    async def _ask(self, body: dict[str, Any]) -> Asking:
        sdk = await self._connection.sdk()
        from anthropic import AsyncStream, Omit, Timeout

        headers: dict[str, str | Omit] = {"Content-Type": "application/json"}
        if not self._place.key:
            headers["Authorization"] = Omit()
        # As with the OpenAI SDK: post() with a ready body does not look into every message of the history.
        stream: AsyncStream[object] = await sdk.post(
            "/v1/messages",
            content=encode(body),
            cast_to=object,
            stream=True,
            stream_cls=AsyncStream[object],
            options={"timeout": Timeout(self._place.timeout), "headers": headers},
        )
        return _Asking(stream)

    def _body(self, request: ModelRequest, messages: Sequence[dict[str, Any]], talk: Talk, form: dict[str, Any] | None) -> dict[str, Any]:
        model = self._model
        turns = written(messages, talk.signed(self._kind))
        fields: dict[str, Any] = {name: value for name, value in model.extra.items() if name not in _OURS}
        fields |= {"model": self._name, "stream": True, "messages": turns}
        limit = model.max_tokens
        output: dict[str, Any] = {"format": {"type": "json_schema", "schema": form}} if form else {}
        if (model.effort or model.thinking_tokens) and not lacks_thoughts(turns):
            if model.effort:
                fields["thinking"] = {"type": "adaptive", "display": "summarized"}
                output["effort"] = model.effort
            else:
                limit += model.thinking_tokens or 0
                fields["thinking"] = {"type": "enabled", "budget_tokens": model.thinking_tokens}
        elif model.temperature is not None:
            fields["temperature"] = model.temperature
        if output:
            fields["output_config"] = {**fields.get("output_config", {}), **output}
        fields["max_tokens"] = limit if self._limit is None else min(limit, self._limit)
        if request.system:
            fields["system"] = request.system
        if request.tools:
            fields["tools"] = [
                {"name": tool.name, "description": tool.description, "input_schema": dict(tool.parameters)}
                | ({"strict": True} if tool.strict else {})
                for tool in request.tools
            ]
        elif used := list(dict.fromkeys(_used(turns))):
            # Calls in the conversation are refused where no tools are declared, also when none may be called any more.
            fields["tools"] = [{"name": name, "input_schema": {"type": "object"}} for name in used]
            fields["tool_choice"] = {"type": "none"}
        return fields

    def _learn(self, failure: ModelError) -> bool:
        """Also takes from a refusal how long an answer of this model may be at most."""
        found = re.search(r"max_tokens: \d+ > (\d+)", failure.sentence) if failure.status == 400 else None
        if found is not None and self._limit is None:
            self._limit = int(found[1])
            return True
        return super()._learn(failure)

    def _failure(self, error: BaseException) -> ModelError:
        import anthropic

        match error:
            case anthropic.APIStatusError():
                kind, words = _told(error.body)
                status = error.status_code if error.status_code >= 400 else STATUS.get(kind, 500)
                return openai_errors.of_status(status, words or error.message, self._place, kind == "billing_error")
            case anthropic.APIConnectionError():
                return openai_errors.failure(error.__cause__ or TimeoutError(), self._place)
            case _:
                return openai_errors.failure(error, self._place)


class _Asking(Asking):
    def __init__(self, stream: AsyncStream[object]) -> None:
        self._stream = stream

    async def chunks(self) -> AsyncGenerator[dict[str, Any]]:
        translation = Translation()
        content_type = self._stream.response.headers.get("content-type", "")
        if "html" in content_type:
            raise Unusable(text("engine.model_answer.web_page"))
        if "application/json" in content_type:
            for chunk in translation.whole(await _read(self._stream)):
                yield chunk
        else:
            async for event in self._stream:
                for chunk in translation.chunks(event):
                    yield chunk
                if isinstance(event, dict) and event.get("type") == "message_stop":
                    break
        self.signed = [translation.thoughts]

    async def close(self) -> None:
        await self._stream.close()


def anthropic_sdk(base_url: str, key: str | None) -> AsyncAnthropic:
    """A client of Anthropic's SDK that takes nothing from ANTHROPIC_… variables: they may belong to another server."""
    from anthropic import AsyncAnthropic

    return AsyncAnthropic(api_key=key or "", base_url=base_url, max_retries=0, http_client=http_client(base_url))


async def _read(stream: AsyncStream[object]) -> dict[str, Any]:
    """The JSON of a server that does not stream. Raises Unusable."""
    body = bytearray()
    async for part in stream.response.aiter_bytes():
        body += part
        if len(body) > LARGEST_BODY:
            raise Unusable(text("engine.model_answer.too_large"))
    try:
        message = json.loads(bytes(body))
    except (ValueError, RecursionError):
        raise Unusable(text("engine.model_answer.no_json")) from None
    if not isinstance(message, dict) or not isinstance(message.get("content"), list):
        kind, words = _told(message)
        why = text("engine.model_answer.error", words=words) if words else text("engine.model_answer.no_answer")
        raise Unusable(why, STATUS.get(kind))
    return message


def _used(turns: list[dict[str, Any]]) -> Iterator[str]:
    return (block["name"] for turn in turns for block in turn["content"] if block["type"] == "tool_use")


def _told(body: Any) -> tuple[str, str]:
    """What kind of error a server's answer names, and its words."""
    error = body.get("error") if isinstance(body, dict) else None
    return (str(error.get("type") or ""), str(error.get("message") or "")) if isinstance(error, dict) else ("", "")
