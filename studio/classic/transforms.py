"""Shortening what an agent's model is shown, without touching what was said: the last messages, or as many tokens as it may read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from studio.classic.messages import Message, calls_in, content_str

CHARACTERS_PER_TOKEN = 4
"""The rule of thumb by which tokens are reckoned: nothing is downloaded to count them."""


class MessageTransform(Protocol):
    def apply_transform(self, messages: list[Message]) -> list[Message]: ...


def tokens_of(message: Message) -> int:
    """About how many tokens a message is, calls included."""
    characters = len(content_str(message.get("content"))) + sum(len(call.name) + len(call.arguments) for call in calls_in(message))
    return -(-characters // CHARACTERS_PER_TOKEN)


class MessageHistoryLimiter:
    """The last `max_messages` messages; with `keep_first_message` the first is one of them. Results are not parted from their calls."""

    def __init__(self, max_messages: int | None = None, keep_first_message: bool = False) -> None:
        if max_messages is not None and max_messages < 1:
            raise ValueError("max_messages is one at least.")
        self._most = max_messages
        self._keeps_first = keep_first_message

    def apply_transform(self, messages: list[Message]) -> list[Message]:
        if self._most is None or len(messages) <= self._most:
            return messages
        first = messages[:1] if self._keeps_first else []
        rest = self._most - len(first)
        return [*first, *without_lost_results(messages[len(messages) - rest :] if rest else [])]


class MessageTokenLimiter:
    """At most `max_tokens_per_message` of each message and `max_tokens` of all, the newest first; not below `min_tokens` in all."""

    def __init__(
        self,
        max_tokens_per_message: int | None = None,
        max_tokens: int | None = None,
        min_tokens: int | None = None,
        model: str = "",
        filter_dict: Any = None,
        exclude_filter: bool = True,
    ) -> None:
        for name, value in (("max_tokens_per_message", max_tokens_per_message), ("max_tokens", max_tokens), ("min_tokens", min_tokens)):
            if value is not None and value < 0:
                raise ValueError(f"{name} is not negative.")
        if min_tokens and max_tokens is not None and min_tokens > max_tokens:
            raise ValueError("min_tokens is not more than max_tokens.")
        self._each, self._all, self._least = max_tokens_per_message, max_tokens, min_tokens or 0

    def apply_transform(self, messages: list[Message]) -> list[Message]:
        if sum(map(tokens_of, messages)) < self._least:
            return messages
        kept: list[Message] = []
        room = self._all
        for message in reversed(messages):
            limits = [limit for limit in (self._each, room) if limit is not None]
            cut = shortened(message, min(limits)) if limits else message
            if room is not None:
                if room <= 0:
                    break
                room -= tokens_of(cut)
            kept.append(cut)
        return without_lost_results(kept[::-1])


class TransformMessages:
    """Transforms that are applied in order before an agent replies: `TransformMessages([…]).add_to_agent(agent)`."""

    def __init__(self, *, transforms: Sequence[MessageTransform] = (), verbose: bool = True) -> None:
        self._transforms = list(transforms)

    def add_to_agent(self, agent: Any) -> None:
        agent.register_hook("process_all_messages_before_reply", self._transform_messages)

    def _transform_messages(self, messages: list[Message]) -> list[Message]:
        system = messages[:1] if messages and messages[0].get("role") == "system" else []
        rest = [dict(message) for message in messages[len(system) :]]
        for transform in self._transforms:
            rest = transform.apply_transform(rest)
        return [*system, *rest]


def shortened(message: Message, tokens: int) -> Message:
    """A message of at most so many tokens, its beginning kept; calls and images are left whole."""
    content = message.get("content")
    if not isinstance(content, str) or tokens_of(message) <= tokens:
        return message
    return {**message, "content": content[: tokens * CHARACTERS_PER_TOKEN]}


def without_lost_results(messages: list[Message]) -> list[Message]:
    """The messages without results at their beginning whose calls were left out: servers refuse those."""
    first = 0
    while first < len(messages) and messages[first].get("role") in ("tool", "function"):
        first += 1
    return messages[first:]
