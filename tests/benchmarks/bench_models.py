"""What a model call costs on our side: ready bytes through the SDK's post(), against its create(), and our whole client against both.

Run: python tests/benchmarks/bench_models.py [messages …]. Prints milliseconds of wall time a call (median of five rounds) and ratios.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import ClientSession, web
from openai import AsyncOpenAI, AsyncStream, DefaultAioHttpClient

from studio.engine.events import MessageSaid
from studio.engine.models.base import Account, ModelRequest
from studio.engine.models.openai_client import OpenAIClient
from studio.engine.models.openai_model import OpenAIModel

TEXT = "some words of an ordinary message in a conversation " * 4


def _chunk(**choice: Any) -> bytes:
    body = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [{"index": 0, **choice}]}
    return b"data: " + json.dumps(body).encode() + b"\n\n"


ANSWER = _chunk(delta={"role": "assistant", "content": "hello there"}) + _chunk(delta={}, finish_reason="stop") + b"data: [DONE]\n\n"


def serve(port: Any) -> None:
    """An instant model server in a process of its own, so that its work is not counted as the client's."""

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=ANSWER, content_type="text/event-stream")

    async def main() -> None:
        app = web.Application(client_max_size=1 << 30)
        app.router.add_post("/v1/chat/completions", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port.put(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(main())


async def measure(call: Callable[[], Awaitable[None]], budget: float = 0.4) -> float:
    """Milliseconds a call."""
    rounds = []
    await call()
    for _ in range(5):
        began, calls = time.perf_counter(), 0
        while time.perf_counter() - began < budget / 5 or not calls:
            await call()
            calls += 1
        rounds.append((time.perf_counter() - began) / calls * 1000)
    return statistics.median(rounds)


async def compare(base_url: str, sizes: list[int]) -> None:
    plain = AsyncOpenAI(api_key="k", base_url=base_url, max_retries=0)
    fast = AsyncOpenAI(api_key="k", base_url=base_url, max_retries=0, http_client=DefaultAioHttpClient(verify=False, trust_env=False))
    raw = ClientSession()
    print(
        f"{'messages':>8} {'create()':>10} {'post()':>10} {'ours':>10} {'raw':>10} {'post/create':>12} {'ours/create':>12} {'ours/raw':>9}"
    )
    for size in sizes:
        thread: list[Any] = [MessageSaid(source=("ann", "bob")[n % 2], text=TEXT) for n in range(size)]
        messages: list[Any] = [{"role": ("assistant", "user")[n % 2], "content": TEXT} for n in range(size)]
        content = json.dumps({"model": "m", "messages": messages, "stream": True}).encode()
        ours = OpenAIClient(OpenAIModel(model="m"), Account("bench", base_url, "k"))

        async def create(messages: list[Any] = messages) -> None:
            async for _ in await plain.chat.completions.create(model="m", messages=messages, stream=True):
                pass

        async def post(content: bytes = content) -> None:
            stream = await fast.post("/chat/completions", content=content, cast_to=object, stream=True, stream_cls=AsyncStream[object])
            async for _ in stream:
                pass

        async def whole_client(ours: OpenAIClient = ours, thread: list[Any] = thread) -> None:
            async for _ in ours.stream(ModelRequest(agent="ann", system="s", thread=thread)):
                pass

        async def bare(content: bytes = content) -> None:
            headers = {"Content-Type": "application/json"}
            async with raw.post(f"{base_url}/chat/completions", data=content, headers=headers) as response:
                await response.read()

        figures = [await measure(way) for way in (create, post, whole_client, bare)]
        created, posted, ourselves, floor = figures
        print(
            f"{size:>8} {created:>10.2f} {posted:>10.2f} {ourselves:>10.2f} {floor:>10.2f} "
            f"{posted / created:>12.3f} {ourselves / created:>12.3f} {ourselves / floor:>9.2f}"
        )
        await ours.close()
    await raw.close()
    await plain.close()
    await fast.close()


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or [2, 20, 100, 1_000]
    port: Any = multiprocessing.Queue()
    server = multiprocessing.Process(target=serve, args=(port,), daemon=True)
    server.start()
    try:
        asyncio.run(compare(f"http://127.0.0.1:{port.get(timeout=20)}/v1", sizes))
    finally:
        server.terminate()


if __name__ == "__main__":
    main()
