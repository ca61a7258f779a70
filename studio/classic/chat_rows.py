"""Several chats: one after another with what the earlier ones came to, or as soon as those are over that they wait for."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Mapping, Sequence
from typing import Any

from studio.classic.carryover import carried_to
from studio.classic.results import ChatResult
from studio.engine.errors import ConveneError
from studio.texts import text

Chat = Mapping[str, Any]
"""The arguments of initiate_chat, with `sender`; async also `chat_id` and `prerequisites`, a list of such ids."""

_OF_THE_ROW = frozenset({"sender", "chat_id", "prerequisites", "finished_chat_indexes_to_exclude_from_carryover", "verbose"})


class ChatsUnusable(ConveneError, ValueError):
    """Scripts catch it as a ValueError."""

    code = "chats"


def initiate_chats(chat_queue: Sequence[Chat]) -> list[ChatResult]:
    """Hold the chats in order; each is told the summaries of all before it. Raises ChatsUnusable, and what a chat raises."""
    _check(chat_queue)
    finished: list[ChatResult] = []
    for number, chat in enumerate(chat_queue):
        summaries = [each.summary for each in finished]
        result: ChatResult = chat["sender"].initiate_chat(**_arguments(chat, summaries))
        result.chat_id = number
        finished.append(copy.copy(result))
        finished[-1].chat_history = list(result.chat_history)
    return finished


async def a_initiate_chats(chat_queue: Sequence[Chat]) -> dict[int, ChatResult]:
    """Hold each chat as soon as its prerequisites are over, at the same time as others; results by `chat_id`.

    A chat is told the summaries of its prerequisites. The first chat that fails ends the others. Raises ChatsUnusable, and what it raised.
    """
    _check(chat_queue)
    chats = {chat.get("chat_id", number): chat for number, chat in enumerate(chat_queue)}
    if len(chats) != len(chat_queue):
        raise ChatsUnusable(text("classic.chats.same_id"))
    order = _sorted(chats)
    done = {identifier: asyncio.Event() for identifier in order}
    results: dict[int, ChatResult] = {}

    async def hold(identifier: int) -> None:
        chat = chats[identifier]
        before = list(chat.get("prerequisites") or ())
        for earlier in before:
            await done[earlier].wait()
        summaries = [results[earlier].summary for earlier in before]
        result: ChatResult = await chat["sender"].a_initiate_chat(**_arguments(chat, summaries))
        result.chat_id = identifier
        results[identifier] = result
        done[identifier].set()

    try:
        async with asyncio.TaskGroup() as group:
            for identifier in order:
                group.create_task(hold(identifier))
    except BaseExceptionGroup as mistakes:
        raise mistakes.exceptions[0] from None
    return {identifier: results[identifier] for identifier in order}


def _arguments(chat: Chat, summaries: Sequence[Any]) -> dict[str, Any]:
    given = {name: value for name, value in chat.items() if name not in _OF_THE_ROW}
    if carried := carried_to(chat, summaries):
        given["carryover"] = carried
    return given


def _check(chat_queue: Sequence[Chat]) -> None:
    for number, chat in enumerate(chat_queue):
        for name in ("sender", "recipient"):
            if chat.get(name) is None:
                raise ChatsUnusable(text("classic.chats.nobody", number=number + 1, role=name))


def _sorted(chats: Mapping[int, Chat]) -> list[int]:
    """The chats with what they wait for first. Raises ChatsUnusable for a circle and for an unknown chat."""
    waits = {identifier: set(chat.get("prerequisites") or ()) for identifier, chat in chats.items()}
    unknown = set().union(*waits.values()) - chats.keys() if waits else set()
    if unknown:
        raise ChatsUnusable(text("classic.chats.unknown", chat=sorted(unknown, key=str)[0]))
    order: list[int] = []
    while waits:
        free = [identifier for identifier, before in waits.items() if not before - set(order)]
        if not free:
            raise ChatsUnusable(text("classic.chats.circle"))
        order += free
        for identifier in free:
            del waits[identifier]
    return order
