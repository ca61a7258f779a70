"""How a chat begins: its first message, with what earlier chats came to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from studio.classic.messages import Message


def with_carryover(message: Any, context: Mapping[str, Any]) -> Any:
    """The message with the carryover after it; among parts, with images, as a text before them.

    Raises TypeError for a carryover that is neither a text nor a list.
    """
    carried = context.get("carryover")
    if not carried:
        return message
    if not isinstance(carried, str | list | tuple):
        raise TypeError("A carryover is a text or a list of texts.")
    text = carried if isinstance(carried, str) else "\n".join(_carried(each) for each in carried)
    text = f"\nContext: \n{text}"
    if isinstance(message, str):
        return message + text
    if not isinstance(message, Mapping):
        raise TypeError(f"The first message is a text, a dictionary or a function, not {type(message).__name__}.")
    first: Message = dict(message)
    content = first.get("content")
    if isinstance(content, str):
        first["content"] = content + text
    elif isinstance(content, list):
        first["content"] = [{"type": "text", "text": text}, *content]
    return first


def _carried(item: Any) -> str:
    if isinstance(item, str):
        return item
    if isinstance(item, Mapping) and "content" in item:
        return str(item["content"])
    return json.dumps(item, ensure_ascii=False, default=str) if isinstance(item, Mapping | list) else str(item)


def carried_to(chat: Mapping[str, Any], summaries: Sequence[Any]) -> list[Any]:
    """The carryover of a chat in a row: its own, then the summaries of the chats before it but for those that are left out."""
    own = chat.get("carryover") or []
    left_out = set(chat.get("finished_chat_indexes_to_exclude_from_carryover") or ())
    earlier = [summary for number, summary in enumerate(summaries) if number not in left_out and summary]
    return [*([own] if isinstance(own, str) else own), *earlier]
