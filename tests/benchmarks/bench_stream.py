"""What a long answer costs beside a long conversation: bytes on the wire and frames lost while 2,000 tokens stream beside 1,000 messages.

Run: PYTHONPATH=. python tests/benchmarks/bench_stream.py. The browser reaches the studio through a relay that counts what passes, so
that the bytes are those of the wire, with headers and after compression. A page of the same run on which nothing happens any more is
measured beside it: the frames that it loses, the machine loses.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import SimpleNamespace
from typing import Any

from serving import FRAMES, Figure, Visitor, browser, percentile, report, studio

MESSAGES = 1_000
TOKENS = 2_000
PER_SECOND = 100.0
REPLIES = 100
"""Different short messages; two speakers say them in turn."""

CHANCE = random.Random(1)
MEGABYTE = 1_000_000


class Relay:
    """Passes every connection on to a port and counts the bytes that come back."""

    def __init__(self, to: int) -> None:
        self.to = to
        self.port = 0
        self.received = 0

    async def serve(self, ready: threading.Event) -> None:
        server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await server.serve_forever()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_server = await asyncio.open_connection("127.0.0.1", self.to)

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, counts: bool) -> None:
            with suppress(ConnectionError):
                while data := await source.read(65_536):
                    if counts:
                        self.received += len(data)
                    sink.write(data)
                    await sink.drain()
            sink.close()

        await asyncio.gather(pump(reader, to_server[1], False), pump(to_server[0], writer, True))


@contextmanager
def relay(to: int) -> Iterator[Relay]:
    """A relay to a port of this machine, in a thread of its own."""
    passing, ready, loop = Relay(to), threading.Event(), asyncio.new_event_loop()
    task = loop.create_task(passing.serve(ready))

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    if not ready.wait(10):
        raise RuntimeError("The relay did not start.")
    yield passing
    loop.call_soon_threadsafe(task.cancel)
    thread.join(5)


def prose(words: int) -> str:
    """Words of random letters in paragraphs of sixty, some of them strong: nothing that a compressor could guess."""
    made = []
    for number in range(1, words + 1):
        word = "".join(CHANCE.choices("abcdefghijklmnopqrstuvwxyz", k=CHANCE.randint(2, 9)))
        made.append((f"**{word}**" if number % 17 == 0 else word) + (".\n\n" if number % 60 == 0 else " "))
    return "".join(made).rstrip()


def long_talk() -> dict[str, Any]:
    """Three who say 1,001 short messages as fast as they can, and then 2,000 words of the teller, a hundred a second."""
    rounds = MESSAGES // 3
    said = prose(TOKENS)
    quick = {"words_per_second": 0, "script": {name: [prose(35) for _ in range(REPLIES)] for name in ("ann", "bob")}}
    slow = {"words_per_second": PER_SECOND, "script": {"teller": [*["Yes."] * rounds, said]}}
    team = {"max_turns": 3 * rounds + 3}

    def node(name: str, kind: str, x: float, y: float, config: dict[str, Any] | None = None, parent: str | None = None) -> dict[str, Any]:
        return {"id": f"n_{name}", "kind": kind, "name": name, "position": {"x": x, "y": y}, "config": config or {}, "parent": parent}

    return {
        "name": "Long talk",
        "nodes": [
            node("room", "team", 0, 0, team),
            *(node(name, "assistant", 32 + 240 * number, 64, parent="n_room") for number, name in enumerate(("ann", "bob", "teller"))),
            node("quick", "practice", -320, 64, quick),
            node("slow", "practice", -320, 240, slow),
            node("stop", "max_messages", 32, 320, {"max_messages": 3 * rounds + 3}, "n_room"),
        ],
        "edges": [
            {"id": "e_quick", "kind": "model", "source": "n_quick", "target": "n_room"},
            {"id": "e_slow", "kind": "model", "source": "n_slow", "target": "n_teller"},
        ],
    }


def lost(frames: list[float]) -> int:
    """Frames that were not shown in time, at 60 a second."""
    return sum(max(0, round(frame * 60 / 1000) - 1) for frame in frames)


def main() -> None:
    with studio() as served, relay(served.port) as wire, browser() as chromium:
        origin = f"http://127.0.0.1:{wire.port}"
        visitor = Visitor(chromium, SimpleNamespace(port=wire.port, origin=origin, url=served.url.replace(served.origin, origin)))
        visitor.enter()
        visitor.import_flow(long_talk())
        visitor.run("Tell me everything")
        page = visitor.page
        visitor.messages.nth(MESSAGES).wait_for(state="attached", timeout=60_000)
        page.evaluate(FRAMES)
        before = wire.received
        visitor.ends(seconds=60)
        stream = wire.received - before
        frames = page.evaluate("endFrames()")
        page.wait_for_timeout(1000)
        page.evaluate(FRAMES)
        page.wait_for_timeout(5000)
        still = page.evaluate("endFrames()")
        page.wait_for_timeout(500)
        before = wire.received
        page.reload()
        visitor.messages.nth(MESSAGES).wait_for(state="attached", timeout=30_000)
        page.wait_for_timeout(500)
        again = wire.received - before
        visitor.leave()
    report(
        [
            Figure(f"{TOKENS} tokens beside {MESSAGES} messages", stream / MEGABYTE, 0.5, None, "MB"),
            Figure("frames lost meanwhile", lost(frames), 0, None, "frames", facts(frames)),
            Figure("frames lost when nothing happens", lost(still), 0, None, "frames", facts(still)),
            Figure("all of it again by loading the page", again / MEGABYTE, 0.5, None, "MB", "the scripts lie in the browser's cache"),
        ]
    )


def facts(frames: list[float]) -> str:
    return f"of {len(frames)}, p95 {percentile(frames, 0.95):.1f} ms, longest {max(frames):.0f} ms"


if __name__ == "__main__":
    main()
