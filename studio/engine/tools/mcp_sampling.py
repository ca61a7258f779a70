"""Letting an MCP server ask a model: its question as a request, the reply as its answer; texts only."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from studio.engine.errors import ConveneError
from studio.engine.events import YOU, MessageSaid
from studio.engine.models.base import ModelRequest
from studio.engine.tools.base import Ask

if TYPE_CHECKING:
    from mcp_types import CreateMessageRequestParams, CreateMessageResult, ErrorData

MODEL = "model"
"""Who has said what the model said before, in a server's question."""
MAX_QUESTION = 200_000
"""Characters of a server's question."""
MAX_MESSAGES = 100


@dataclass(slots=True)
class Sampling:
    """Answers a server by the model of whoever calls it at the time; of several, of the last who began.

    Each answer takes at most `timeout` seconds. A server that is not `allowed` to ask is not even told that it could.
    """

    timeout: float
    allowed: bool = True
    callers: list[Ask] = field(default_factory=list)

    @contextlib.contextmanager
    def while_called(self, ask: Ask | None) -> Iterator[None]:
        """While this lasts the server may ask, if there is somebody to ask."""
        if ask is None:
            yield
            return
        self.callers.append(ask)
        try:
            yield
        finally:
            self.callers.remove(ask)

    async def __call__(self, context: Any, params: CreateMessageRequestParams) -> CreateMessageResult | ErrorData:
        from mcp_types import INVALID_REQUEST, CreateMessageResult, ErrorData, TextContent

        if not self.callers:
            return ErrorData(code=INVALID_REQUEST, message="A model may be asked only during a call.")
        request = request_of(params)
        if isinstance(request, str):
            return ErrorData(code=INVALID_REQUEST, message=request)
        try:
            async with asyncio.timeout(self.timeout):
                reply = await self.callers[-1](request)
        except ConveneError as mistake:
            return ErrorData(code=INVALID_REQUEST, message=mistake.sentence)
        except TimeoutError:
            return ErrorData(code=INVALID_REQUEST, message=f"The model gave no answer within {self.timeout:g} s.")
        why = "maxTokens" if reply.finish == "length" else "endTurn"
        return CreateMessageResult(role="assistant", content=TextContent(text=reply.text), model=reply.model or "unknown", stop_reason=why)


def request_of(question: CreateMessageRequestParams) -> ModelRequest | str:
    """A server's question to a model, or why it cannot be asked."""
    if len(question.messages) > MAX_MESSAGES:
        return f"A question may have {MAX_MESSAGES} messages."
    thread, size = [], len(question.system_prompt or "")
    for message in question.messages:
        if any(block.type != "text" for block in message.content_as_list):
            return "Only texts can be put to the model."
        text = "\n".join(block.text for block in message.content_as_list if block.type == "text")
        size += len(text)
        own = message.role == "assistant"
        thread.append(MessageSaid(source=MODEL if own else YOU, text=text, role="agent" if own else "task"))
    if size > MAX_QUESTION:
        return f"A question may have {MAX_QUESTION:,} characters."
    return ModelRequest(agent=MODEL, system=question.system_prompt or "", thread=tuple(thread))
