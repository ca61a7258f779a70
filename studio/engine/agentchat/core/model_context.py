"""How much of a conversation an agent's model reads, in AgentChat's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from studio.engine.agentchat.core.component import ComponentBase
from studio.engine.agentchat.core.models import LLMMessage
from studio.engine.context.base import Context
from studio.engine.context.everything import Everything
from studio.engine.context.head_and_tail import HeadAndTail
from studio.engine.context.last import LastMessages
from studio.engine.context.token_budget import TokenBudget
from studio.engine.events import ThreadEvent


class ChatCompletionContext(ComponentBase):
    """A policy over what its agent hears, which is in the log of the team, or of the agent alone.

    What a script puts into it comes before that.
    """

    component_type = "chat_completion_context"

    def __init__(self, initial_messages: Any = None) -> None:
        self.initial_messages: list[LLMMessage] = list(initial_messages or ())
        self._agent = "assistant"
        self._heard: Callable[[], Sequence[ThreadEvent]] = tuple

    def belong_to(self, agent: str, heard: Callable[[], Sequence[ThreadEvent]]) -> None:
        """Show what this agent has heard between its runs, too."""
        self._agent, self._heard = agent, heard

    async def add_message(self, message: LLMMessage) -> None:
        self.initial_messages.append(message)

    async def get_messages(self) -> list[LLMMessage]:
        """What a model would be shown now, without the system message."""
        from studio.engine.agentchat.model_bridge import events_of, messages_of
        from studio.engine.agents.agent import Turn
        from studio.engine.models.base import ModelRequest

        thread = (*events_of(self.initial_messages, self._agent), *self._heard())
        turn = Turn(index=0, thread=thread, so_far=(), model=None, names=())
        return messages_of(ModelRequest(agent=self._agent, thread=self.component().view(turn)))

    async def clear(self) -> None:
        """Take out what was put in. Agents forget by `on_reset`."""
        self.initial_messages.clear()

    async def save_state(self) -> Mapping[str, Any]:
        return {"messages": [message.model_dump(mode="json") for message in self.initial_messages]}

    async def load_state(self, state: Mapping[str, Any]) -> None:
        """Takes what `save_state` gave. Raises pydantic.ValidationError for anything else."""
        from pydantic import TypeAdapter

        self.initial_messages = TypeAdapter(list[LLMMessage]).validate_python(state["messages"])

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
