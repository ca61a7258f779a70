"""What HTTP and JSON alone cost: aiohttp in a loop, the whole history encoded at every call."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from workload import SYSTEM, TASK, main

_sessions: dict[str, Any] = {}


async def _asked(base_url: str, model: str, messages: list[dict[str, str]]) -> str:
    if base_url not in _sessions:
        import aiohttp

        _sessions[base_url] = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    body = json.dumps({"model": model, "messages": messages}).encode()
    async with _sessions[base_url].post(f"{base_url}/chat/completions", data=body, headers={"Content-Type": "application/json"}) as answer:
        return str(json.loads(await answer.read())["choices"][0]["message"]["content"])


async def close() -> None:
    for session in _sessions.values():
        await session.close()


async def talk(base_url: str, agents: Sequence[str], turns: int) -> int:
    seen = {name: [{"role": "system", "content": SYSTEM}, {"role": "user", "content": TASK}] for name in agents}
    for turn in range(turns):
        _heard(seen, speaker := agents[turn % len(agents)], await _asked(base_url, "talker", seen[speaker]))
    return turns


async def chosen(base_url: str, agents: Sequence[str], turns: int) -> int:
    """The chooser reads the conversation as one text, as AutoGen's does."""
    seen = {name: [{"role": "system", "content": SYSTEM}, {"role": "user", "content": TASK}] for name in agents}
    read = [TASK]
    for _ in range(turns):
        question = f"{chr(10).join(read)}\n\nWho speaks next? Answer with one of these names and nothing else: {', '.join(agents)}"
        speaker = await _asked(base_url, "chooser", [{"role": "user", "content": question}])
        text = await _asked(base_url, "talker", seen[speaker])
        _heard(seen, speaker, text)
        read.append(f"{speaker}: {text}")
    return turns


def _heard(seen: dict[str, list[dict[str, str]]], speaker: str, text: str) -> None:
    for name, messages in seen.items():
        messages.append({"role": "assistant", "content": text} if name == speaker else {"role": "user", "name": speaker, "content": text})


if __name__ == "__main__":
    main(globals(), "aiohttp")
