"""The messages and events of AgentChat: what agents say to each other, and what a stream shows of their work."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, Field, computed_field

from studio.engine.agentchat.core.calls import FunctionCall
from studio.engine.agentchat.core.code_executor import CodeBlock, CodeResult
from studio.engine.agentchat.core.image import Image
from studio.engine.agentchat.core.memory import MemoryContent
from studio.engine.agentchat.core.models import FunctionExecutionResult, LLMMessage, RequestUsage, UserMessage

Content = TypeVar("Content", bound=BaseModel)


class BaseMessage(BaseModel, ABC):
    """What all messages and events have. `source` is who it is of."""

    id: str = Field(default_factory=lambda: str(uuid.uuid4()))
    source: str
    models_usage: RequestUsage | None = None
    metadata: dict[str, str] = {}
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))

    @abstractmethod
    def to_text(self) -> str:
        """As people read it."""

    def dump(self) -> Mapping[str, Any]:
        return self.model_dump(mode="json")

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Self:
        """Raises pydantic.ValidationError."""
        return cls.model_validate(data)


class BaseChatMessage(BaseMessage, ABC):
    """What is said to others."""

    def to_model_text(self) -> str:
        """As models read it."""
        return self.to_text()

    def to_model_message(self) -> UserMessage:
        return UserMessage(content=self.to_model_text(), source=self.source)


class BaseTextChatMessage(BaseChatMessage, ABC):
    content: str

    def to_text(self) -> str:
        return self.content


class BaseAgentEvent(BaseMessage, ABC):
    """What happens within a turn: shown, and no message to others."""

    content: Any

    def to_text(self) -> str:
        return str(self.content)


class TextMessage(BaseTextChatMessage):
    type: Literal["TextMessage"] = "TextMessage"


class StopMessage(BaseTextChatMessage):
    type: Literal["StopMessage"] = "StopMessage"


class HandoffMessage(BaseTextChatMessage):
    target: str
    context: list[LLMMessage] = []
    type: Literal["HandoffMessage"] = "HandoffMessage"


class ToolCallSummaryMessage(BaseTextChatMessage):
    """The results of tools, said as they are."""

    tool_calls: list[FunctionCall] = []
    results: list[FunctionExecutionResult] = []
    type: Literal["ToolCallSummaryMessage"] = "ToolCallSummaryMessage"


class MultiModalMessage(BaseChatMessage):
    content: list[str | Image]
    type: Literal["MultiModalMessage"] = "MultiModalMessage"

    def to_text(self, iterm: bool = False) -> str:
        return "\n".join(part if isinstance(part, str) else "<image>" for part in self.content)

    def to_model_text(self, image_placeholder: str | None = "[image]") -> str:
        parts = (part if isinstance(part, str) else image_placeholder for part in self.content)
        return " ".join(part for part in parts if part)

    def to_model_message(self) -> UserMessage:
        return UserMessage(content=self.content, source=self.source)


class StructuredMessage(BaseChatMessage, Generic[Content]):
    """An answer of a shape that a script asked for."""

    content: Content
    format_string: str | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def type(self) -> str:
        return type(self).__name__

    def to_text(self) -> str:
        if self.format_string is not None:
            return self.format_string.format(**self.content.model_dump())
        return self.content.model_dump_json()

    def to_model_text(self) -> str:
        return self.content.model_dump_json() if self.format_string is None else self.to_text()


class ToolCallRequestEvent(BaseAgentEvent):
    content: list[FunctionCall]
    type: Literal["ToolCallRequestEvent"] = "ToolCallRequestEvent"


class ToolCallExecutionEvent(BaseAgentEvent):
    content: list[FunctionExecutionResult]
    type: Literal["ToolCallExecutionEvent"] = "ToolCallExecutionEvent"


class CodeGenerationEvent(BaseAgentEvent):
    retry_attempt: int
    content: str
    code_blocks: list[CodeBlock]
    type: Literal["CodeGenerationEvent"] = "CodeGenerationEvent"


class CodeExecutionEvent(BaseAgentEvent):
    content: Any = None
    retry_attempt: int
    result: CodeResult
    type: Literal["CodeExecutionEvent"] = "CodeExecutionEvent"

    def to_text(self) -> str:
        return self.result.output


class UserInputRequestedEvent(BaseAgentEvent):
    request_id: str
    content: Literal[""] = ""
    type: Literal["UserInputRequestedEvent"] = "UserInputRequestedEvent"


class MemoryQueryEvent(BaseAgentEvent):
    content: list[MemoryContent]
    type: Literal["MemoryQueryEvent"] = "MemoryQueryEvent"


class ModelClientStreamingChunkEvent(BaseAgentEvent):
    """A piece of an answer; `full_message_id` is the id of the message that it becomes."""

    content: str
    full_message_id: str | None = None
    type: Literal["ModelClientStreamingChunkEvent"] = "ModelClientStreamingChunkEvent"


class ThoughtEvent(BaseAgentEvent):
    content: str
    type: Literal["ThoughtEvent"] = "ThoughtEvent"


class SelectSpeakerEvent(BaseAgentEvent):
    content: list[str]
    type: Literal["SelectSpeakerEvent"] = "SelectSpeakerEvent"


class SelectorEvent(BaseAgentEvent):
    content: str
    type: Literal["SelectorEvent"] = "SelectorEvent"


ChatMessage = TextMessage | MultiModalMessage | StopMessage | ToolCallSummaryMessage | HandoffMessage
AgentEvent = (
    ToolCallRequestEvent
    | ToolCallExecutionEvent
    | MemoryQueryEvent
    | UserInputRequestedEvent
    | ModelClientStreamingChunkEvent
    | ThoughtEvent
    | SelectSpeakerEvent
    | CodeGenerationEvent
    | CodeExecutionEvent
)


class MessageFactory:
    """Reads messages of registered types from their dumps."""

    _known: ClassVar[tuple[type[BaseMessage], ...]] = (
        TextMessage,
        MultiModalMessage,
        StopMessage,
        HandoffMessage,
        ToolCallSummaryMessage,
        ToolCallRequestEvent,
        ToolCallExecutionEvent,
        MemoryQueryEvent,
        UserInputRequestedEvent,
        ThoughtEvent,
        CodeGenerationEvent,
        CodeExecutionEvent,
    )

    def __init__(self) -> None:
        self._types: dict[str, type[BaseMessage]] = {each.__name__: each for each in self._known}

    def register(self, message_type: type[BaseMessage]) -> None:
        self._types[message_type.__name__] = message_type

    def is_registered(self, message_type: type[BaseMessage]) -> bool:
        return message_type.__name__ in self._types

    def knows(self, data: Mapping[str, Any]) -> bool:
        """Whether a dump is of a registered type."""
        return str(data.get("type")) in self._types

    def create(self, data: Mapping[str, Any]) -> BaseMessage:
        """Raises ValueError for an unknown type."""
        found = self._types.get(str(data.get("type")))
        if found is None:
            raise ValueError(f"'{data.get('type')}' is no registered type of message")
        return found.load(data)
