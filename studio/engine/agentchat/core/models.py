"""What a model client is given and gives back, in AgentChat's words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, TypedDict

from pydantic import BaseModel, Field

from studio.engine.agentchat.core.calls import FunctionCall
from studio.engine.agentchat.core.cancellation import CancellationToken
from studio.engine.agentchat.core.component import ComponentBase
from studio.engine.agentchat.core.image import Image
from studio.engine.models.base import Model


class SystemMessage(BaseModel):
    content: str
    type: Literal["SystemMessage"] = "SystemMessage"


class UserMessage(BaseModel):
    content: str | list[str | Image]
    source: str
    type: Literal["UserMessage"] = "UserMessage"


class AssistantMessage(BaseModel):
    content: str | list[FunctionCall]
    thought: str | None = None
    source: str
    type: Literal["AssistantMessage"] = "AssistantMessage"


class FunctionExecutionResult(BaseModel):
    content: str
    name: str
    call_id: str
    is_error: bool | None = None


class FunctionExecutionResultMessage(BaseModel):
    content: list[FunctionExecutionResult]
    type: Literal["FunctionExecutionResultMessage"] = "FunctionExecutionResultMessage"


LLMMessage = Annotated[
    SystemMessage | UserMessage | AssistantMessage | FunctionExecutionResultMessage,
    Field(discriminator="type"),
]


class RequestUsage(BaseModel):
    prompt_tokens: int
    completion_tokens: int

    def __add__(self, other: RequestUsage) -> RequestUsage:
        return RequestUsage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens, completion_tokens=self.completion_tokens + other.completion_tokens
        )


class CreateResult(BaseModel):
    """A whole answer. `finish_reason` is stop, length, function_calls, content_filter or unknown."""

    finish_reason: str
    content: str | list[FunctionCall]
    usage: RequestUsage
    cached: bool
    logprobs: Any = None
    thought: str | None = None


class ModelInfo(TypedDict, total=False):
    vision: bool
    function_calling: bool
    json_output: bool
    family: str
    structured_output: bool
    multiple_system_messages: bool


class ModelFamily:
    """Names of families of models, as scripts write them into `model_info`."""

    GPT_5: ClassVar[str] = "gpt-5"
    GPT_41: ClassVar[str] = "gpt-41"
    GPT_45: ClassVar[str] = "gpt-45"
    GPT_4O: ClassVar[str] = "gpt-4o"
    GPT_4: ClassVar[str] = "gpt-4"
    GPT_35: ClassVar[str] = "gpt-35"
    O1: ClassVar[str] = "o1"
    O3: ClassVar[str] = "o3"
    O4: ClassVar[str] = "o4"
    R1: ClassVar[str] = "r1"
    GEMINI_1_5_FLASH: ClassVar[str] = "gemini-1.5-flash"
    GEMINI_1_5_PRO: ClassVar[str] = "gemini-1.5-pro"
    GEMINI_2_0_FLASH: ClassVar[str] = "gemini-2.0-flash"
    GEMINI_2_5_PRO: ClassVar[str] = "gemini-2.5-pro"
    CLAUDE_3_5_SONNET: ClassVar[str] = "claude-3-5-sonnet"
    CLAUDE_3_7_SONNET: ClassVar[str] = "claude-3-7-sonnet"
    UNKNOWN: ClassVar[str] = "unknown"


ALL_CAN: ModelInfo = {
    "vision": True,
    "function_calling": True,
    "json_output": True,
    "family": ModelFamily.UNKNOWN,
    "structured_output": True,
    "multiple_system_messages": True,
}
"""What a model is taken for where a script says nothing: the normaliser of a server repairs what it cannot do."""


class ChatCompletionClient(ComponentBase, ABC):
    """A model client. One of your own needs `create`, and `create_stream` where its agents stream."""

    component_type = "model"

    @abstractmethod
    async def create(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Any] = (),
        tool_choice: Any = "auto",
        json_output: Any = None,
        extra_create_args: Mapping[str, Any] = {},
        cancellation_token: CancellationToken | None = None,
    ) -> CreateResult: ...

    async def create_stream(self, messages: Sequence[LLMMessage], **options: Any) -> AsyncGenerator[str | CreateResult]:
        """Pieces of text, then the whole answer. Without a stream of its own, the answer alone."""
        result = await self.create(messages, **options)
        if isinstance(result.content, str) and result.content:
            yield result.content
        yield result

    async def close(self) -> None:
        return

    def actual_usage(self) -> RequestUsage:
        return RequestUsage(prompt_tokens=0, completion_tokens=0)

    def total_usage(self) -> RequestUsage:
        return self.actual_usage()

    def count_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Any] = ()) -> int:
        """An estimate: a quarter of the characters."""
        return sum(len(message.model_dump_json()) for message in messages) // 4

    def remaining_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Any] = ()) -> int:
        return max(0, 128_000 - self.count_tokens(messages, tools=tools))

    @property
    def model_info(self) -> ModelInfo:
        return ALL_CAN

    @property
    def capabilities(self) -> ModelInfo:
        return self.model_info

    def component(self) -> Model:
        """The engine's model that asks this client."""
        from studio.engine.agentchat.model_bridge import ClientModel

        return ClientModel(client=self)
