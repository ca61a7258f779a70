"""How much of a conversation an agent's model reads, in AgentChat's words."""

from __future__ import annotations

from typing import Any

from studio.engine.agentchat.core.component import ComponentBase
from studio.engine.context.base import Context
from studio.engine.context.everything import Everything
from studio.engine.context.head_and_tail import HeadAndTail
from studio.engine.context.last import LastMessages
from studio.engine.context.token_budget import TokenBudget


class ChatCompletionContext(ComponentBase):
    """A policy. It holds no messages: those are in the log of the team, or of the agent alone."""

    component_type = "chat_completion_context"

    def __init__(self, initial_messages: Any = None) -> None:
        self.initial_messages = list(initial_messages or ())

    def component(self) -> Context:
        return Everything()


class UnboundedChatCompletionContext(ChatCompletionContext):
    """Everything."""


class BufferedChatCompletionContext(ChatCompletionContext):
    """The newest `buffer_size` messages; calls and their results count as one and stay together."""

    def __init__(self, buffer_size: int, initial_messages: Any = None) -> None:
        super().__init__(initial_messages)
        if buffer_size <= 0:
            raise ValueError("buffer_size must be greater than 0.")
        self.buffer_size = buffer_size

    def component(self) -> Context:
        return LastMessages(count=self.buffer_size, keep_task=False)


class HeadAndTailChatCompletionContext(ChatCompletionContext):
    def __init__(self, head_size: int, tail_size: int, initial_messages: Any = None) -> None:
        super().__init__(initial_messages)
        if head_size <= 0 or tail_size <= 0:
            raise ValueError("head_size and tail_size must be greater than 0.")
        self.head_size, self.tail_size = head_size, tail_size

    def component(self) -> Context:
        return HeadAndTail(head=self.head_size, tail=self.tail_size)


class TokenLimitedChatCompletionContext(ChatCompletionContext):
    """As much as fits. Without a limit it is the engine's usual budget."""

    def __init__(self, model_client: Any, *, token_limit: int | None = None, tool_schema: Any = None, initial_messages: Any = None) -> None:
        super().__init__(initial_messages)
        if token_limit is not None and token_limit <= 0:
            raise ValueError("token_limit must be greater than 0.")
        self.token_limit = token_limit

    def component(self) -> Context:
        return TokenBudget() if self.token_limit is None else TokenBudget(tokens=max(100, self.token_limit))
