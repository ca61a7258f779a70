"""The events of a run in AgentChat's words: messages and events, in the order in which they happened."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from studio.engine.agentchat.base import Said
from studio.engine.agentchat.core.calls import FunctionCall
from studio.engine.agentchat.core.code_executor import CodeBlock, CodeResult
from studio.engine.agentchat.core.image import Image
from studio.engine.agentchat.core.memory import MemoryContent
from studio.engine.agentchat.core.models import AssistantMessage, FunctionExecutionResult, FunctionExecutionResultMessage, RequestUsage
from studio.engine.agentchat.messages import (
    BaseChatMessage,
    CodeExecutionEvent,
    CodeGenerationEvent,
    HandoffMessage,
    MemoryQueryEvent,
    ModelClientStreamingChunkEvent,
    MultiModalMessage,
    SelectSpeakerEvent,
    StructuredMessage,
    TextMessage,
    ThoughtEvent,
    ToolCallExecutionEvent,
    ToolCallRequestEvent,
    ToolCallSummaryMessage,
    UserInputRequestedEvent,
)
from studio.engine.agents.code_runner import DRAFT
from studio.engine.code.fences import runnable_blocks
from studio.engine.events import (
    Attachment,
    CodeFinished,
    Event,
    HandedOff,
    MessageSaid,
    Noticed,
    QuestionAsked,
    Recalled,
    SpeakerChosen,
    TextDelta,
    ToolFinished,
    ToolsCalled,
)
from studio.engine.usage import Usage


class Speaks(Protocol):
    """What the translation must know of a participant."""

    streams: bool
    shows_code: bool
    asks_people: bool
    output_type: Any
    output_format: str | None


@dataclass(slots=True)
class _Calls:
    """The calls of a speaker's turn: those that are open, and what came of the last ones."""

    event: ToolsCalled
    results: dict[str, FunctionExecutionResult] = field(default_factory=dict)

    @property
    def calls(self) -> list[FunctionCall]:
        return [FunctionCall(id=call.id, name=call.name, arguments=call.arguments) for call in self.event.calls]

    @property
    def done(self) -> bool:
        return len(self.results) == len(self.event.calls)

    @property
    def in_order(self) -> list[FunctionExecutionResult]:
        return [self.results[call.id] for call in self.event.calls if call.id in self.results]


@dataclass(slots=True)
class Translation:
    """`tasks` are the messages that the run was begun with; `given` those that agents of a script's own class made themselves;
    `called` the conversations that answer the call of a tool."""

    speakers: Mapping[str, Speaks]
    tasks: list[BaseChatMessage] = field(default_factory=list)
    given: dict[str, BaseChatMessage] = field(default_factory=dict)
    manager: str | None = None
    called: set[str | None] = field(default_factory=set)
    _calls: dict[str, _Calls] = field(default_factory=dict)
    _ids: dict[str, str] = field(default_factory=dict)
    _drafts: dict[str, int] = field(default_factory=dict)

    def take(self, event: Event) -> list[Said]:
        """What a durable event is; often nothing."""
        match event:
            case MessageSaid(role="task") | HandedOff() if self._is_task(event):
                return [self.tasks.pop(0)]
            case MessageSaid(role="task"):
                return [TextMessage(source="user", content=event.text)] if event.scope in self.called else []
            case MessageSaid():
                return [*self._thought(event.source, event.reasoning), self._message(event)]
            case HandedOff():
                return [self._handed(event)]
            case ToolsCalled():
                self._calls[event.source] = asked = _Calls(event)
                thought = self._thought(event.source, event.reasoning or event.text)
                return [*thought, ToolCallRequestEvent(source=event.source, content=asked.calls, models_usage=_usage(event.usage))]
            case ToolFinished():
                return self._finished(event)
            case Noticed(code=code) if code == DRAFT:
                return self._draft(event)
            case CodeFinished():
                return self._ran(event)
            case Recalled():
                return [MemoryQueryEvent(source=event.source, content=[_memory(each) for each in event.entries])] if event.entries else []
            case QuestionAsked() if not event.subject and self._knows(event.source, "asks_people"):
                return [UserInputRequestedEvent(source=event.source, request_id=event.id)]
            case SpeakerChosen():
                self._calls.pop(event.speaker, None)
                self._drafts.pop(event.speaker, None)
                return [SelectSpeakerEvent(source=self.manager, content=[event.speaker])] if self.manager is not None else []
            case _:
                return []

    def chunk(self, event: TextDelta) -> ModelClientStreamingChunkEvent | None:
        """A piece of what is being said, where the speaker's script wants to see it."""
        if event.kind != "text" or not event.text or not self._knows(event.source, "streams"):
            return None
        whole = self._ids.setdefault(event.source, str(uuid.uuid4()))
        return ModelClientStreamingChunkEvent(source=event.source, content=event.text, full_message_id=whole)

    def void(self, source: str) -> None:
        """What a speaker streamed does not count."""
        self._ids.pop(source, None)

    def _is_task(self, event: Event) -> bool:
        return bool(self.tasks) and event.scope is None

    def _knows(self, source: str, what: str) -> bool:
        return bool(getattr(self.speakers.get(source), what, False))

    def _thought(self, source: str, text: str) -> list[Said]:
        return [ThoughtEvent(source=source, content=text)] if text else []

    def _message(self, event: MessageSaid) -> BaseChatMessage:
        made = self.given.pop(event.source, None)
        if made is not None:
            return made
        facts: dict[str, Any] = {"source": event.source, "models_usage": _usage(event.usage)}
        if (whole := self._ids.pop(event.source, None)) is not None:
            facts["id"] = whole
        asked, speaker = self._calls.pop(event.source, None), self.speakers.get(event.source)
        if asked is not None and asked.done and not event.usage.calls and not event.attachments:
            return ToolCallSummaryMessage(content=event.text, tool_calls=asked.calls, results=asked.in_order, **facts)
        if event.data is not None and speaker is not None and speaker.output_type is not None:
            content = speaker.output_type.model_validate(event.data)
            kind = StructuredMessage[speaker.output_type]  # type: ignore[name-defined]
            return kind(content=content, format_string=speaker.output_format, **facts)
        if event.attachments:
            return MultiModalMessage(content=[event.text, *_pictures(event.attachments)], **facts)
        return TextMessage(content=event.text, **facts)

    def _handed(self, event: HandedOff) -> BaseChatMessage:
        made = self.given.pop(event.source, None)
        if made is not None:
            return made
        asked, context = self._calls.pop(event.source, None), []
        if asked is not None:
            own = [call for call in asked.calls if not call.name.startswith("transfer_to_")]
            done = [result for result in asked.in_order if result.call_id in {call.id for call in own}]
            if own:
                context = [AssistantMessage(content=own, source=event.source), FunctionExecutionResultMessage(content=done)]
        return HandoffMessage(
            source=event.source, content=event.text, target=event.target, context=context, models_usage=_usage(event.usage)
        )

    def _finished(self, event: ToolFinished) -> list[Said]:
        asked = self._calls.get(event.source)
        if asked is None:
            return []
        asked.results[event.call] = FunctionExecutionResult(
            content=event.output, name=event.name, call_id=event.call, is_error=event.is_error
        )
        return [ToolCallExecutionEvent(source=event.source, content=asked.in_order)] if asked.done else []

    def _draft(self, event: Noticed) -> list[Said]:
        attempt = self._drafts.get(event.source, -1) + 1
        self._drafts[event.source] = attempt
        self._ids.pop(event.source, None)
        blocks = [CodeBlock(code=block.code, language=block.language) for block in runnable_blocks(event.text)]
        generated = CodeGenerationEvent(
            source=event.source, content=event.text, code_blocks=blocks, retry_attempt=attempt, models_usage=_usage(event.usage)
        )
        return [generated]

    def _ran(self, event: CodeFinished) -> list[Said]:
        if not self._knows(event.source, "shows_code"):
            return []
        result = CodeResult(exit_code=event.exit_code, output=event.output)
        return [CodeExecutionEvent(source=event.source, result=result, retry_attempt=self._drafts.get(event.source, 0))]


def _usage(usage: Usage) -> RequestUsage | None:
    return RequestUsage(prompt_tokens=usage.prompt_tokens, completion_tokens=usage.completion_tokens) if usage.calls else None


def _memory(entry: Mapping[str, Any]) -> MemoryContent:
    facts = {name: value for name, value in entry.items() if name not in ("text", "mime_type")}
    return MemoryContent(content=str(entry.get("text", "")), mime_type=str(entry.get("mime_type", "text/plain")), metadata=facts or None)


def _pictures(attachments: Iterable[Attachment]) -> list[str | Image]:
    return [Image.from_base64(each.data) for each in attachments if each.media_type.startswith("image/")]


def event_of(message: BaseChatMessage, role: Any = "agent") -> Event:
    """A message in the engine's words."""
    match message:
        case HandoffMessage():
            return HandedOff(source=message.source, target=message.target, text=message.content)
        case MultiModalMessage():
            pictures = tuple(part.attachment for part in message.content if isinstance(part, Image))
            return MessageSaid(source=message.source, text=message.to_model_text(None), role=role, attachments=pictures)
        case StructuredMessage():
            return MessageSaid(source=message.source, text=message.to_model_text(), role=role, data=message.content.model_dump(mode="json"))
        case _:
            return MessageSaid(source=message.source, text=message.to_model_text(), role=role)


def messages_in(thread: Sequence[Event], speakers: Mapping[str, Speaks]) -> list[Said]:
    """What was said in a thread, when only its events are left."""
    words = Translation(speakers)
    found: list[Said] = []
    for event in thread:
        if isinstance(event, MessageSaid) and event.role == "task":
            found.append(TextMessage(source=event.source, content=event.text))
        else:
            found.extend(words.take(event))
    return found
