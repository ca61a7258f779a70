"""A list of configurations as a model client of the engine: the next one on a failure, answers remembered, costs counted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from studio.classic.wrapper import OpenAIWrapper
from studio.engine.models.base import ModelReply, ModelRequest, Piece
from studio.engine.usage import NOTHING


class WrapperClient:
    """What an `OpenAIWrapper` answers, whole; requests are texts and the form of the answer, without tools."""

    def __init__(self, wrapper: OpenAIWrapper) -> None:
        self._wrapper = wrapper

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Piece]:
        """One ModelReply. Raises ModelError."""
        messages = [{"role": "system", "content": request.system}]
        for event in request.thread:
            if event.type == "message":
                messages.append({"role": "assistant" if event.source == request.agent else "user", "content": event.text})
        form = {} if request.schema is None else {"response_format": _form(request.schema)}
        answer = await self._wrapper.a_create(messages=messages, agent=request.agent, **form)
        said = answer.choices[0]
        yield ModelReply(
            str(said.message.content or ""),
            finish=str(getattr(said, "finish_reason", None) or "stop"),
            usage=getattr(answer, "spent", NOTHING),
            model=str(answer.model),
        )

    async def close(self) -> None:
        """Connections are the wrapper's."""


def _form(schema: Mapping[str, Any]) -> type:
    """A schema in the way in which a configuration names one: by a class that tells it."""
    return type("Answer", (), {"model_json_schema": staticmethod(lambda: schema)})
