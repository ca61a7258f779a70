"""How a conversation is known again: by its header, by what was said in it, or by a user whose question is open."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence

from studio.serving.door import Door
from studio.serving.reception import Reached, Reception
from studio.serving.talk import Said
from studio.serving.told import Outcome

HEADER = "X-Conversation-ID"
LONGEST_NAME = 200


async def session_of(desk: Reception, door: Door, header: str, user: str, said: Sequence[Said]) -> str | None:
    """The session that a request goes on with.

    A header names one, whatever messages come along. Without it, a client holds its conversation itself: then it goes on only
    where a question waits for just these messages, or waits for this user and stands in the last of them.
    """
    if header:
        session = await asyncio.to_thread(desk.book.conversation, door.id, _key("header", header))
        return session or (header if await desk.owns_session(door, header) else None)
    if not said or said[-1].role != "assistant":
        return None
    waiting = await asyncio.to_thread(desk.book.conversation, door.id, _said_key(said, user))
    if waiting is None and user:
        waiting = await asyncio.to_thread(desk.book.conversation, door.id, _key("user", user, _plain(said[-1].text)))
    if waiting is None or not await desk.asks_in(door, waiting):
        return None
    return waiting


async def remember(desk: Reception, door: Door, header: str, reached: Reached) -> None:
    """Keep what names the conversation before anything is answered."""
    if header and header != reached.session:
        await asyncio.to_thread(desk.book.remember, door.id, _key("header", header), reached.session)


async def remember_question(
    desk: Reception, door: Door, user: str, said: Sequence[Said], reply: str, reached: Reached, outcome: Outcome
) -> None:
    """Keep by what the next message is known for an answer, where a question is open."""
    if outcome.question is None:
        return
    keys = [_said_key([*said, Said("assistant", reply)], user)]
    if user:
        keys.append(_key("user", user, _plain(reply)))
    for key in keys:
        await asyncio.to_thread(desk.book.remember, door.id, key, reached.session)


def _said_key(said: Sequence[Said], user: str) -> str:
    """Users who say the same words are told apart; where clients name none, their conversations are the same to the letter."""
    words = (part for each in said if each.role != "system" for part in (each.role, _plain(each.text)))
    return _key("said by", user, *words) if user else _key("said", *words)


def _plain(text: str) -> str:
    """A text without what clients change in it: spaces and line ends."""
    return " ".join(text.split())


def _key(kind: str, *parts: str) -> str:
    return hashlib.sha256(json.dumps([kind, *parts]).encode("utf-8", "replace")).hexdigest()
