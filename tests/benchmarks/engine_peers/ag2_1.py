"""AG2 1.x: agents on its network; two in a `conversation` channel, more in a `discussion`, which takes turns. No model chooses speakers in it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from workload import SYSTEM, TASK, main


async def talk(base_url: str, agents: Sequence[str], turns: int) -> int:
    from ag2.config import OpenAIConfig

    config = OpenAIConfig(model="talker", api_key="k", base_url=base_url)
    return len(await _said(agents, turns, lambda: config))


async def alone(agents: Sequence[str], turns: int) -> list[float]:
    from ag2.testing import TestConfig

    return await _said(agents, turns, lambda: TestConfig(*["said"] * (turns + 1)))


async def _said(agents: Sequence[str], turns: int, config: Callable[[], Any]) -> list[float]:
    """The moments at which the turns reached the log; the task is none of them."""
    from ag2 import Agent
    from ag2.knowledge import MemoryKnowledgeStore
    from ag2.network import EV_TEXT, Hub
    from ag2.network.hub import HubListener

    moments: list[float] = []
    over = asyncio.Event()

    class Counting(HubListener):
        async def on_envelope_posted(self, envelope: Any, metadata: Any) -> None:
            if envelope.event_type == EV_TEXT:
                moments.append(time.perf_counter())
                if len(moments) > turns:
                    over.set()

    hub = await Hub.open(MemoryKnowledgeStore(), ttl_sweep_interval=0)
    hub.register_listener(Counting())
    people = [await hub.register(Agent(name, prompt=SYSTEM, config=config())) for name in agents]
    if len(people) == 2:
        channel = await people[1].open(type="conversation", target=agents[0])
    else:
        channel = await people[-1].open(type="discussion", target=list(agents[:-1]))
    await channel.send(TASK)
    async with asyncio.timeout(600):
        await over.wait()
    await channel.close()
    await hub.close()
    return moments[1 : turns + 1]


if __name__ == "__main__":
    main(globals(), "ag2", "ag2.config", "ag2.network")
