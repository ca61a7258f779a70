"""Asking a Gemini model in Google's own protocol, through Google's SDK."""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from studio.engine.errors import ModelError
from studio.engine.models import openai_errors
from studio.engine.models.base import Account, ModelRequest
from studio.engine.models.connections import Connection, http_client
from studio.engine.models.extras import require
from studio.engine.models.gemini_answer import Translation
from studio.engine.models.gemini_messages import written
from studio.engine.models.native import Asking, NativeClient
from studio.engine.models.openai_answer import Unusable
from studio.engine.models.talks import Talk
from studio.texts import text

if TYPE_CHECKING:
    import httpx2
    from google.genai import Client
    from google.genai.types import GenerateContentResponse

    from studio.engine.models.gemini_model import GeminiModel

GEMINI_URL = "https://generativelanguage.googleapis.com"

_OURS = frozenset({"system_instruction", "tools", "http_options", "automatic_function_calling"})
_responses: ContextVar[list[httpx2.Response]] = ContextVar("responses")


class GeminiClient(NativeClient):
    """A Gemini model of one account."""

    _kind = "gemini"

    def __init__(self, model: GeminiModel, account: Account) -> None:
        require("google.genai", "gemini", account.name)
        base_url = re.sub(r"(?:/v1(?:beta)?)?(?:/openai)?/?$", "", (account.base_url or GEMINI_URL).rstrip("/"))
        super().__init__(account, base_url, GEMINI_URL, model.model, model.timeout, model.retries)
        self._model = model
        self._connection: Connection[GeminiSdk] = Connection(base_url, account.key, GeminiSdk, "google.genai")

    async def close(self) -> None:
        """Frees what is held; a later stream opens it again."""
        await super().close()
        await self._connection.close()

    async def _ask(self, body: dict[str, Any]) -> Asking:
        sdk = await self._connection.sdk()
        return _Asking(await sdk.client.aio.models.generate_content_stream(**body))

    def _body(self, request: ModelRequest, messages: Sequence[dict[str, Any]], talk: Talk, form: dict[str, Any] | None) -> dict[str, Any]:
        model = self._model
        config: dict[str, Any] = {name: value for name, value in model.extra.items() if name not in _OURS}
        config["http_options"] = {"timeout": int(self._place.timeout * 1000)}
        config["automatic_function_calling"] = {"disable": True}
        config["thinking_config"] = _thinking(model)
        if request.system:
            config["system_instruction"] = request.system
        if model.temperature is not None:
            config["temperature"] = model.temperature
        if model.max_tokens is not None:
            config["max_output_tokens"] = model.max_tokens
        if form is not None:
            config |= {"response_mime_type": "application/json", "response_json_schema": form}
        if request.tools:
            declared = [
                {"name": tool.name, "description": tool.description, "parameters_json_schema": dict(tool.parameters)}
                for tool in request.tools
            ]
            config["tools"] = [{"function_declarations": declared}]
        signatures = talk.signed(self._kind)
        contents = written(messages, signatures, signed=re.search(r"gemini-(?:[3-9]|\d\d)", self._name) is not None)
        return {"model": self._name, "contents": contents, "config": {name: value for name, value in config.items() if value is not None}}

    def _failure(self, error: BaseException) -> ModelError:
        from google.genai import errors

        match error:
            case errors.APIError():
                words = str(error.message or error.status or "")
                status = error.code if isinstance(error.code, int) else 500
                # A wrong key is a bad request to Google.
                return openai_errors.of_status(401 if "API_KEY_INVALID" in str(error.details) else status, words, self._place)
            case errors.UnknownApiResponseError():
                return openai_errors.failure(Unusable(text("engine.model_answer.no_answer")), self._place)
            case _:
                return openai_errors.failure(error, self._place)


class GeminiSdk:
    """Google's SDK on a client of our own, which tells of each answer so that it can be ended in its middle."""

    client: Client

    def __init__(self, base_url: str, key: str | None) -> None:
        from google.genai import Client
        from google.genai.types import HttpOptions

        self._http = http_client(base_url)
        self._http.event_hooks = {"request": [_unnamed] if not key else [], "response": [_remember]}
        options = HttpOptions(base_url=base_url, api_version="v1beta", httpx_async_client=self._http)
        self.client = Client(vertexai=False, api_key=key or "none", http_options=options)

    async def close(self) -> None:
        await self._http.aclose()
        self.client.close()


class _Asking(Asking):
    def __init__(self, answer: AsyncIterator[GenerateContentResponse]) -> None:
        self._answer = answer
        self._responses: list[httpx2.Response] = []

    async def chunks(self) -> AsyncGenerator[dict[str, Any]]:
        translation = Translation()
        piece = await self._first()
        while piece is not None:
            for chunk in translation.chunks(piece.model_dump(mode="python", exclude_none=True)):
                yield chunk
            piece = await anext(self._answer, None)
        self.signed = [base64.b64encode(each).decode() if each else None for each in translation.signatures]

    async def _first(self) -> GenerateContentResponse | None:
        """The first piece: only now the SDK sends the request, and the answer to it is noted."""
        token = _responses.set(self._responses)
        try:
            return await anext(self._answer, None)
        except ValueError:
            if any("html" in response.headers.get("content-type", "") for response in self._responses):
                raise Unusable(text("engine.model_answer.web_page")) from None
            raise
        finally:
            _responses.reset(token)

    async def close(self) -> None:
        for response in self._responses:
            await response.aclose()
        ends = getattr(self._answer, "aclose", None)
        if ends is not None:
            with contextlib.suppress(Exception):
                await ends()


async def _remember(response: httpx2.Response) -> None:
    _responses.get([]).append(response)


async def _unnamed(request: httpx2.Request) -> None:
    request.headers.pop("x-goog-api-key", None)


def _thinking(model: GeminiModel) -> dict[str, Any] | None:
    if model.thinking_level:
        return {"include_thoughts": True, "thinking_level": model.thinking_level.upper()}
    if model.thinking_tokens == 0:
        return {"thinking_budget": 0}
    if model.thinking_tokens is not None:
        return {"include_thoughts": True, "thinking_budget": model.thinking_tokens}
    return None
