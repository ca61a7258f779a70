"""Questions to a server of the OpenAI protocol that are answered in one piece of JSON: embeddings, transcripts."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from studio.engine.models.connections import Connection, Reach
from studio.engine.models.openai_answer import Unusable
from studio.engine.models.posting import Answering, Head, behind_proxy, post_straight, post_through_sdk
from studio.texts import text

if TYPE_CHECKING:
    from openai import AsyncOpenAI

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes."""

LONGEST_ANSWER = 300.0
"""Seconds for one whole answer."""


async def posted(connection: Connection[AsyncOpenAI], reach: Reach, timeout: float, body: bytes) -> dict[str, Any]:
    """The JSON object that a server answers to a body; `timeout` is in seconds without a word from it.

    Raises Unusable, and what sending raises.
    """
    sdk = await connection.sdk()
    answering: Answering
    async with asyncio.timeout(LONGEST_ANSWER):
        if behind_proxy(reach.base_url):
            answering = await post_through_sdk(sdk, reach, timeout, body)
        else:
            answering = await post_straight(await connection.session(), Head.of(reach, timeout), body)
        try:
            answer = bytearray()
            while part := await answering.piece():
                answer += part
                if len(answer) > LARGEST_ANSWER:
                    raise Unusable(text("engine.model_answer.too_large"))
        finally:
            await answering.close()
    try:
        document = json.loads(answer)
    except (ValueError, RecursionError):
        raise Unusable(text("engine.model_answer.no_json")) from None
    if not isinstance(document, dict):
        raise Unusable(text("engine.model_answer.no_object"))
    if isinstance(error := document.get("error"), dict | str):
        raise Unusable(str(error.get("message", error) if isinstance(error, dict) else error))
    return document
