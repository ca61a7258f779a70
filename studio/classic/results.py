"""What comes of a chat."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from studio.classic.messages import Message
from studio.engine.events import Event


@dataclass(slots=True)
class ChatResult:
    """`chat_history` is the sender's side of the conversation, `cost` what the two agents' models have cost by now in US dollars,
    `human_input` everything that people typed, `events` the chat's log.
    """

    chat_id: int | None = None
    chat_history: list[Message] = field(default_factory=list)
    summary: Any = None
    cost: dict[str, Any] = field(default_factory=dict)
    human_input: list[str] = field(default_factory=list)
    events: tuple[Event, ...] = field(default=(), repr=False)
