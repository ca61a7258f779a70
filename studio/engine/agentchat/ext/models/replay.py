"""A client that says what it was given to say, in order: for tests and demonstrations."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from studio.engine.agentchat.core.models import ChatCompletionClient, CreateResult, LLMMessage, ModelInfo, RequestUsage


class ReplayChatCompletionClient(ChatCompletionClient):
    """Raises ValueError when it is asked more often than it has answers."""

    def __init__(self, chat_completions: Sequence[str | CreateResult], model_info: ModelInfo | None = None) -> None:
        self.chat_completions = list(chat_completions)
        self.create_calls: list[dict[str, Any]] = []
        self._info = model_info
        self._next = 0
        self._used = RequestUsage(prompt_tokens=0, completion_tokens=0)

    @property
    def model_info(self) -> ModelInfo:
        return {**super().model_info, **(self._info or {})}

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
        if self._next >= len(self.chat_completions):
            raise ValueError("No more mock responses available")
        answer = self.chat_completions[self._next]
        self._next += 1
        if isinstance(answer, str):
            usage = RequestUsage(prompt_tokens=sum(len(_text(each).split()) for each in messages), completion_tokens=len(answer.split()))
            answer = CreateResult(finish_reason="stop", content=answer, usage=usage, cached=True)
        self._used = self._used + answer.usage
        self.create_calls.append({"messages": list(messages), "tools": tools, "json_output": json_output, "tool_choice": tool_choice})
        return answer

    async def create_stream(self, messages: Sequence[LLMMessage], **options: Any) -> AsyncGenerator[str | CreateResult]:
        """Word by word."""
        result = await self.create(messages, **options)
        if isinstance(result.content, str):
            words = result.content.split(" ")
            for index, word in enumerate(words):
                yield word if index == len(words) - 1 else f"{word} "
        yield result

    def actual_usage(self) -> RequestUsage:
        return self._used

    def reset(self) -> None:
        """Begin anew with the first answer."""
        self._next = 0


def _text(message: LLMMessage) -> str:
    content = message.content
    return content if isinstance(content, str) else " ".join(str(part) for part in content)
