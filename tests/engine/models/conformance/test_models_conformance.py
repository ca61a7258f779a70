"""What every model client must do, whatever is behind it: join by adding a way to make one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asking import OneAccount, ask, task, texts
from model_kinds import KINDS, Kind, Make
from patience import within

from studio.engine.events import YOU, MessageSaid, ToolFinished, ToolsCalled
from studio.engine.models import connections, openai_client
from studio.engine.models.base import Delta, ModelClient, ModelReply, ModelRequest
from studio.engine.models.remembered import PLACE


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def make(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Make]:
    kind: Kind = request.param
    monkeypatch.setattr(openai_client, "behind_proxy", lambda base_url: kind.proxy)
    monkeypatch.setenv(PLACE, str(tmp_path / "answers.sqlite"))
    with kind.server() as server:

        def connect(*replies: Any, pace: float = 0.0) -> ModelClient:
            server.script({"*": list(replies)})
            server.each = pace
            return kind.of(replies, pace, {}).connect(OneAccount(server.base_url))

        yield connect


async def test_the_deltas_together_are_the_text_of_the_one_reply_that_ends_a_stream(make: Make):
    client = make("Hello  there,\n\n* world *\n")
    asked = await ask(client, task())
    assert texts(asked.deltas) == asked.reply.text == "Hello  there,\n\n* world *\n"
    assert isinstance(asked.pieces[-1], ModelReply)
    assert asked.reply.finish == "stop"
    assert asked.reply.model
    await client.close()


async def test_a_paced_reply_comes_in_pieces(make: Make):
    client = make("one two three four", pace=0.02)
    began = time.monotonic()
    asked = await ask(client, task())
    assert len(asked.deltas) >= 4
    assert time.monotonic() - began >= 0.06
    await client.close()


async def test_the_script_goes_on_with_every_call_of_the_same_agent(make: Make):
    client = make("first", "second")
    said = []
    thread = [*task().thread]
    for number in range(4):
        reply = (await ask(client, ModelRequest(agent="ann", system="s", thread=thread, earlier_calls=number))).reply
        said.append(reply.text)
        thread += [MessageSaid(source="ann", text=reply.text), MessageSaid(source=YOU, text="Go on.")]
    assert said == ["first", "second", "first", "second"]
    await client.close()


async def test_a_call_is_counted_with_its_tokens(make: Make):
    client = make("some words to count")
    usage = (await ask(client, task("please " * 20))).reply.usage
    assert usage.calls == 1
    assert usage.prompt_tokens > 20
    assert usage.completion_tokens > 0
    await client.close()


async def test_parallel_tool_calls_arrive_whole_with_ids_of_their_own(make: Make):
    client = make([{"tool": "add", "arguments": {"a": 1, "b": "ä"}}, {"tool": "add", "arguments": {"a": 2}}, {"tool": "now"}])
    reply = (await ask(client, task())).reply
    assert [(call.name, call.arguments.replace("\\u00e4", "ä")) for call in reply.calls] == [
        ("add", '{"a": 1, "b": "ä"}'),
        ("add", '{"a": 2}'),
        ("now", "{}"),
    ]
    assert len({call.id for call in reply.calls}) == 3
    assert reply.finish == "tool_calls"
    await client.close()


async def test_the_same_call_made_again_has_the_same_ids(make: Make):
    client = make({"tool": "add", "arguments": {}})
    first, again = [(await ask(client, task())).reply.calls[0].id for _ in range(2)]
    assert first == again
    await client.close()


async def test_a_later_call_of_another_agent_gets_an_id_of_its_own(make: Make):
    client = make({"tool": "add", "arguments": {}})
    thread = [*task().thread]
    ids = []
    for agent in ("ann", "bob"):
        calls = (await ask(client, ModelRequest(agent=agent, system="s", thread=thread))).reply.calls
        ids.append(calls[0].id)
        thread += [ToolsCalled(source=agent, calls=calls), ToolFinished(source=agent, call=calls[0].id, name="add", output="3")]
    assert len(set(ids)) == 2
    await client.close()


async def test_cancelling_in_the_middle_returns_at_once_and_the_client_goes_on(make: Make):
    client = make("one two three four five six", pace=0.4)
    heard: asyncio.Queue[Any] = asyncio.Queue()

    async def listen() -> None:
        async for piece in client.stream(task()):
            heard.put_nowait(piece)

    listening = asyncio.create_task(listen())
    assert isinstance(await asyncio.wait_for(heard.get(), within(10)), Delta)
    began = time.monotonic()
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening
    assert time.monotonic() - began < within(1)
    assert not any(isinstance(piece, ModelReply) for piece in iter_queue(heard))
    stream = client.stream(task())
    assert isinstance(await anext(aiter(stream)), Delta)
    await stream.aclose()  # type: ignore[attr-defined]
    await client.close()


async def test_many_streams_at_once_do_not_mix(make: Make):
    client = make("alpha beta gamma", "delta epsilon zeta", pace=0.01)
    before = [*task().thread]
    later = [*before, MessageSaid(source="ann", text="alpha beta gamma")]
    requests = [ModelRequest(agent="ann", system="s", thread=later if n % 2 else before, earlier_calls=n % 2) for n in range(30)]
    everything = await asyncio.gather(*(ask(client, request) for request in requests))
    for number, asked in enumerate(everything):
        assert asked.reply.text == texts(asked.deltas) == ("delta epsilon zeta" if number % 2 else "alpha beta gamma")
    await client.close()


async def test_closing_twice_and_before_any_request_is_fine_and_leaves_nothing_open(make: Make, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connections, "LINGERS", 0.0)
    unused = make("x")
    await unused.close()
    client = make("hello")
    await ask(client, task())
    await client.close()
    await client.close()
    async with asyncio.timeout(within(10)):
        while connections._open.get(asyncio.get_running_loop()):  # noqa: ASYNC110 - what ends it is somebody else's task
            await asyncio.sleep(0.001)


def iter_queue(queue: asyncio.Queue[Any]) -> list[Any]:
    return [queue.get_nowait() for _ in range(queue.qsize())]
