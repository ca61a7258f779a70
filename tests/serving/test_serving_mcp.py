"""The flow as a tool of the Model Context Protocol: the SDK's own client calls it over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from served_flows import TOKEN, Served, asking, endless, pair

from studio.library.shares import Terms

Serve = Callable[..., Served]
BOTH = pytest.mark.parametrize("mode", ["auto", "legacy"])


@asynccontextmanager
async def connected(door: Served, mode: str = "auto", token: str = TOKEN) -> AsyncIterator[Client]:
    http = httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=httpx2.Timeout(20, read=None))
    async with http, Client(streamable_http_client(door.url + "/mcp", http_client=http), mode=mode, cache=None) as client:
        yield client


def text_of(result: Any) -> str:
    return "".join(part.text for part in result.content)


@BOTH
async def test_the_flow_is_one_tool_that_takes_a_task(serve: Serve, mode: str) -> None:
    async with connected(serve(pair()), mode) as client:
        (tool,) = (await client.list_tools()).tools
    assert (tool.name, tool.title) == ("the_team", "The team")
    assert str(tool.description).startswith("They count.")
    assert tool.input_schema["required"] == ["task"]
    assert set(tool.input_schema["properties"]) == {"task", "conversation"}


@BOTH
async def test_a_call_gives_the_answer_and_tells_what_is_said_on_the_way(serve: Serve, mode: str) -> None:
    heard: list[str | None] = []

    async def progress(done: float, total: float | None, message: str | None) -> None:
        heard.append(message)

    async with connected(serve(pair()), mode) as client:
        result = await client.call_tool("the_team", {"task": "Count."}, progress_callback=progress)
    assert not result.is_error
    assert text_of(result) == "two of bob"
    assert result.structured_content["status"] == "done"
    assert heard == ["ann: one of ann", "bob: two of bob"]


async def test_a_question_is_answered_by_the_next_call_of_the_same_conversation(serve: Serve) -> None:
    door = serve(asking())
    async with connected(door) as client:
        asked = await client.call_tool("the_team", {"task": "Begin."})
        assert asked.structured_content["question"]["form"] == "text"
        assert "What now?" in text_of(asked)
        conversation = asked.structured_content["conversation"]
        assert conversation in text_of(asked)
        done = await client.call_tool("the_team", {"task": "Go home.", "conversation": conversation})
    assert text_of(done) == "Fine."
    assert len(door.services.runs.list()) == 1


async def test_what_does_not_fit_is_told_as_an_error_of_the_tool(serve: Serve) -> None:
    door = serve(pair(), Terms(per_minute=1))
    async with connected(door) as client:
        wrong: list[dict[str, Any]] = [{}, {"task": ""}, {"task": "x", "flow": "other"}, {"task": "x", "conversation": "nobodys"}]
        for arguments in wrong:
            result = await client.call_tool("the_team", arguments)
            assert result.is_error, arguments
        assert not (await client.call_tool("the_team", {"task": "x"})).is_error
        assert "a minute" in text_of(await client.call_tool("the_team", {"task": "x"}))
        assert (await client.call_tool("other", {"task": "x"})).is_error
    assert len(door.services.runs.list()) == 1


async def test_a_call_that_is_cancelled_stops_the_run(serve: Serve) -> None:
    door = serve(endless())
    async with connected(door) as client:
        call = asyncio.create_task(client.call_tool("the_team", {"task": "Speak."}))
        run = await asyncio.to_thread(door.begun)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
    assert await asyncio.to_thread(door.rest, run) == "stopped"


async def test_two_clients_call_at_once(serve: Serve) -> None:
    door = serve(pair())

    async def call() -> str:
        async with connected(door) as client:
            return text_of(await client.call_tool("the_team", {"task": "Count."}))

    assert await asyncio.gather(call(), call()) == ["two of bob", "two of bob"]


async def test_without_the_token_there_is_no_tool(serve: Serve) -> None:
    door = serve(pair())
    with pytest.raises(BaseException):  # noqa: B017, PT011  the client's own, wrapped in groups
        async with connected(door, token="wrong") as client:
            await client.list_tools()
    assert door.stranger.post("/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).status_code == 401
