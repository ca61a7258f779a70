"""The floor under every peer: the `openai` SDK's create() in a loop, one client for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workload import SYSTEM, TASK, main

_clients: dict[str, Any] = {}


def _client(base_url: str) -> Any:
    if base_url not in _clients:
        from openai import AsyncOpenAI

        _clients[base_url] = AsyncOpenAI(api_key="k", base_url=base_url, max_retries=0)
    return _clients[base_url]


async def _asked(base_url: str, model: str, messages: list[dict[str, str]]) -> str:
    answer = await _client(base_url).chat.completions.create(model=model, messages=messages)
    return str(answer.choices[0].message.content)


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
    main(globals(), "openai")
