"""Between the engine's models and AgentChat's clients: either may stand for the other."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field

from studio.engine.agentchat.core.calls import FunctionCall
from studio.engine.agentchat.core.image import Image
from studio.engine.agentchat.core.models import (
    AssistantMessage,
    ChatCompletionClient,
    CreateResult,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    ModelInfo,
    RequestUsage,
    SystemMessage,
    UserMessage,
)
from studio.engine.component import Component as EngineComponent
from studio.engine.errors import FlowError, ModelUnavailable
from studio.engine.events import HandedOff, MessageSaid, ThreadEvent, ToolCall, ToolFinished, ToolsCalled
from studio.engine.models.base import Accounts, Delta, Model, ModelClient, ModelReply, ModelRequest, Piece, Told, ToolSchema
from studio.engine.usage import Usage
from studio.texts import text

WHO = "assistant"
"""Whose turn it is when a script asks a client itself."""

_FINISHES = {"tool_calls": "function_calls"}

Made = dict[tuple[str, int], tuple[ThreadEvent, list[LLMMessage]]]
"""The messages of an event as an agent sees it, by the agent and the event's identity; the event is held, so that this stays its own."""


# A client of a script's own as the engine's model -------------------------------------------------------------------------


class ClientModel(Model):
    """A model that a client of a script answers for: its own class, replayed answers, a cache before another one."""

    kind: ClassVar[str] = "agentchat_client"
    drawable: ClassVar[bool] = False
    summary: ClassVar[str] = "A script's own client"

    client: Annotated[Any, Field(exclude=True, repr=False)]
    streams: bool = False

    def connect(self, accounts: Accounts) -> ModelClient:
        return _Asked(self.client, self.streams)


class _Asked:
    def __init__(self, client: ChatCompletionClient, streams: bool) -> None:
        self._client = client
        self._streams = streams
        self._made: Made = {}

    async def stream(self, request: ModelRequest) -> AsyncIterator[Piece]:
        """Raises ModelUnavailable for whatever the client raises."""
        messages, options = messages_of(request, self._made), _options(request)
        result: CreateResult | None = None
        try:
            if self._streams:
                async with contextlib.aclosing(self._client.create_stream(messages, **options)) as pieces:
                    async for piece in pieces:
                        if isinstance(piece, str):
                            yield Delta(piece)
                        else:
                            result = piece
            else:
                result = await self._client.create(messages, **options)
        except Exception as mistake:
            raise ModelUnavailable(
                text("engine.agentchat.client_failed", agent=request.agent, kind=type(mistake).__name__, error=mistake), ""
            ) from mistake
        if result is None:
            raise ModelUnavailable(text("engine.agentchat.client_ended", agent=request.agent), "")
        yield _reply(result)

    async def close(self) -> None:
        """The script made it and closes it."""


def _options(request: ModelRequest) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if request.tools:
        options["tools"] = [{"name": each.name, "description": each.description, "parameters": each.parameters} for each in request.tools]
    if request.schema is not None:
        options["json_output"] = True
    return options


def _reply(result: CreateResult) -> ModelReply:
    usage = Usage(
        prompt_tokens=result.usage.prompt_tokens,
        completion_tokens=result.usage.completion_tokens,
        calls=1,
        remembered=int(result.cached),
    )
    if isinstance(result.content, str):
        return ModelReply(text=result.content, reasoning=result.thought or "", usage=usage, model=WHO)
    calls = tuple(ToolCall(id=call.id, name=call.name, arguments=call.arguments) for call in result.content)
    return ModelReply(text=result.thought or "", calls=calls, finish="tool_calls", usage=usage, model=WHO)


def messages_of(request: ModelRequest, made: Made | None = None) -> list[LLMMessage]:
    """What a client is asked: the thread as the asking agent sees it, calls at once followed by their results.

    `made` holds what was written for earlier requests: a turn costs what is new.
    """
    made = {} if made is None else made
    found: list[LLMMessage] = [SystemMessage(content=request.system)] if request.system else []
    results = {event.call: event for event in request.thread if isinstance(event, ToolFinished)}
    for event in request.thread:
        key = request.agent, id(event)
        known = made.get(key)
        if known is None:
            known = event, _as_messages(event, request.agent, results)
            if not isinstance(event, ToolsCalled):  # its results may still come
                made[key] = known
        found.extend(known[1])
    found.extend(UserMessage(content=text, source="user") for text in request.extra)
    return found


def _as_messages(event: ThreadEvent, agent: str, results: Mapping[str, ToolFinished]) -> list[LLMMessage]:
    mine = event.source == agent
    match event:
        case ToolsCalled() if mine:
            calls = [FunctionCall(id=call.id, name=call.name, arguments=call.arguments) for call in event.calls]
            done = [
                FunctionExecutionResult(content=result.output, name=result.name, call_id=call.id, is_error=result.is_error)
                for call in event.calls
                if (result := results.get(call.id)) is not None
            ]
            asked = AssistantMessage(content=calls, source=agent, thought=event.text or None)
            return [asked, FunctionExecutionResultMessage(content=done)] if done else [asked]
        case MessageSaid() | HandedOff() if mine:
            return [AssistantMessage(content=event.text, source=agent)]
        case MessageSaid(attachments=pictures) if pictures:
            parts: list[str | Image] = [
                event.text,
                *(Image.from_base64(each.data) for each in pictures if each.media_type.startswith("image/")),
            ]
            return [UserMessage(content=parts, source=event.source)]
        case MessageSaid() | HandedOff():
            return [UserMessage(content=event.text, source=event.source or "user")]
        case _:
            return []


# The engine's model as a client --------------------------------------------------------------------------------------------


class EngineClient(ChatCompletionClient):
    """A client of AgentChat's kind around one of the engine's models. Retries, rates and repairs are the engine's."""

    def __init__(self, model: Model, info: ModelInfo | None = None) -> None:
        self._model = model
        self._info = info
        self._open: ModelClient | None = None
        self._used = RequestUsage(prompt_tokens=0, completion_tokens=0)

    def component(self) -> Model:
        return self._model

    @property
    def model_info(self) -> ModelInfo:
        return {**super().model_info, **(self._info or {})}

    async def create(self, messages: Sequence[LLMMessage], **options: Any) -> CreateResult:
        async for piece in self.create_stream(messages, **options):
            if isinstance(piece, CreateResult):
                return piece
        raise FlowError(text("engine.agentchat.model_client"), text("engine.agentchat.model_without_answer"))

    async def create_stream(self, messages: Sequence[LLMMessage], **options: Any) -> AsyncGenerator[str | CreateResult]:
        """Raises ModelError, and CancelledError when the token is cancelled."""
        token = options.get("cancellation_token")
        if token is not None and token.is_cancelled():
            import asyncio

            raise asyncio.CancelledError
        client = self._client()
        async with contextlib.aclosing(client.stream(_request(messages, options))) as pieces:  # type: ignore[type-var]
            async for piece in pieces:
                if isinstance(piece, Delta) and piece.kind == "text":
                    yield piece.text
                elif isinstance(piece, ModelReply):
                    yield self._result(piece)
                elif isinstance(piece, Told):  # an answer that is not kept has its cost all the same
                    self._used = self._used + _used(piece.usage)

    def _client(self) -> ModelClient:
        if self._open is None:
            from studio.engine.models.accounts import EnvironmentAccounts

            self._open = self._model.connect(EnvironmentAccounts())
        return self._open

    def _result(self, reply: ModelReply) -> CreateResult:
        usage = _used(reply.usage)
        self._used = self._used + usage
        calls = [FunctionCall(id=call.id, name=call.name, arguments=call.arguments) for call in reply.calls]
        return CreateResult(
            finish_reason=_FINISHES.get(reply.finish, reply.finish),
            content=calls or reply.text,
            usage=usage,
            cached=bool(reply.usage.remembered),
            thought=(reply.text if calls else reply.reasoning) or None,
        )

    def actual_usage(self) -> RequestUsage:
        return self._used

    async def close(self) -> None:
        opened, self._open = self._open, None
        if opened is not None:
            await opened.close()

    @classmethod
    def of_component(cls, component: EngineComponent) -> Any:
        if not isinstance(component, Model):
            raise FlowError(component.kind, text("engine.agentchat.not_a_model"))
        return EngineClient(component)


def _request(messages: Sequence[LLMMessage], options: Mapping[str, Any]) -> ModelRequest:
    system = "\n\n".join(message.content for message in messages if isinstance(message, SystemMessage))
    tools = () if options.get("tool_choice") == "none" else tuple(_schema(tool) for tool in options.get("tools") or ())
    wanted = options.get("json_output")
    schema: Mapping[str, Any] | None = None
    if isinstance(wanted, type) and issubclass(wanted, BaseModel):
        schema = wanted.model_json_schema()
    elif wanted:
        schema = {"type": "object"}
    return ModelRequest(agent=WHO, system=system, thread=events_of(messages, WHO), tools=tools, schema=schema)


def _schema(tool: Any) -> ToolSchema:
    shown = tool if isinstance(tool, Mapping) else getattr(tool, "schema", None)
    if isinstance(shown, Mapping):
        return ToolSchema(
            str(shown["name"]), str(shown.get("description", "")), shown.get("parameters") or {"type": "object", "properties": {}}
        )
    schema: ToolSchema = tool.schema_for_model()
    return schema


def _used(usage: Usage) -> RequestUsage:
    return RequestUsage(prompt_tokens=usage.prompt_tokens, completion_tokens=usage.completion_tokens)


def events_of(messages: Sequence[LLMMessage], agent: str) -> tuple[ThreadEvent, ...]:
    """Messages of a client as the thread of an agent; system messages are left out."""
    found: list[ThreadEvent] = []
    for message in messages:
        match message:
            case UserMessage(content=str()):
                found.append(MessageSaid(source=message.source, text=str(message.content), role="human"))
            case UserMessage():
                texts = " ".join(part for part in message.content if isinstance(part, str))
                pictures = tuple(part.attachment for part in message.content if isinstance(part, Image))
                found.append(MessageSaid(source=message.source, text=texts, role="human", attachments=pictures))
            case AssistantMessage(content=str()):
                found.append(MessageSaid(source=agent, text=str(message.content)))
            case AssistantMessage():
                calls = tuple(
                    ToolCall(id=call.id, name=call.name, arguments=call.arguments)
                    for call in message.content
                    if isinstance(call, FunctionCall)
                )
                found.append(ToolsCalled(source=agent, calls=calls, text=message.thought or ""))
            case FunctionExecutionResultMessage():
                found += [
                    ToolFinished(source=agent, call=each.call_id, name=each.name, output=each.content, is_error=bool(each.is_error))
                    for each in message.content
                ]
            case _:
                continue
    return tuple(found)
