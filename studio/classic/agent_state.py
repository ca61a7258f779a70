"""What an agent does to itself before each reply: its system message by the group's variables, or a function of the script."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from studio.classic.handoffs import ContextStr, ContextVariables
from studio.classic.messages import Message


@dataclass(frozen=True)
class UpdateSystemMessage:
    """A text with {variables}, or a function of (agent, messages) that returns the new system message."""

    content_updater: str | Callable[[Any, list[Message]], str]

    def __call__(self, agent: Any, messages: list[Message]) -> None:
        if isinstance(self.content_updater, str):
            text = ContextStr(self.content_updater).format(agent.context_variables)
        else:
            text = self.content_updater(agent, messages)
        agent.update_system_message(text)


Updates = Sequence[Any] | Callable[..., Any] | None


def updating(agent: Any, updates: Updates) -> Callable[[list[Message]], list[Message]] | None:
    """The hook before a reply that makes these updates; None without any. A function of the script gets (agent, messages)."""
    several = [updates] if callable(updates) else list(updates or ())
    if not several:
        return None

    def update(messages: list[Message]) -> list[Message]:
        for each in several:
            each(agent, messages)
        return messages

    return update


def variables_of(given: Any) -> ContextVariables:
    return given if isinstance(given, ContextVariables) else ContextVariables(given or {})
