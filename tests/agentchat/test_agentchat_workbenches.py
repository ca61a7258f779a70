"""Workbenches that a script calls by hand, and gives to agents: what they offer, results, other names, states, servers."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any

import pytest
from patience import within
from pydantic import BaseModel

from studio.engine.agentchat.agents import AssistantAgent
from studio.engine.agentchat.core import CancellationToken, FunctionCall, Image
from studio.engine.agentchat.core.models import CreateResult, RequestUsage
from studio.engine.agentchat.core.tools import (
    BaseStreamTool,
    BaseToolWithState,
    FunctionTool,
    ImageResultContent,
    StaticStreamWorkbench,
    StaticWorkbench,
    TextResultContent,
    Tool,
    ToolOverride,
    ToolResult,
    ToolSchema,
    Workbench,
)
from studio.engine.agentchat.ext.models.replay import ReplayChatCompletionClient
from studio.engine.agentchat.ext.tools.mcp import McpWorkbench, StdioServerParams
from studio.engine.agentchat.tools import AgentTool
from studio.engine.errors import FlowError

PROGRAM = Path(__file__).parent.parent / "engine" / "tools" / "mcp_test_server.py"
SHOP = StdioServerParams(command=sys.executable, args=[str(PROGRAM), "stdio"], read_timeout_seconds=60)
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def model(name: str, arguments: str) -> ReplayChatCompletionClient:
    call = [FunctionCall(id="call_1", arguments=arguments, name=name)]
    usage = RequestUsage(prompt_tokens=0, completion_tokens=0)
    return ReplayChatCompletionClient([CreateResult(finish_reason="function_calls", content=call, usage=usage, cached=False)])


def double(number: int) -> int:
    """Double it."""
    if number < 0:
        raise ValueError("too small")
    return number * 2


class Counted(BaseModel):
    by: int = 1


class Tally(BaseModel):
    count: int = 0


class Counter(BaseToolWithState[Counted, Tally, Tally]):
    def __init__(self) -> None:
        super().__init__(Counted, Tally, Tally, "count", "Counts.")
        self.count = 0

    async def run(self, args: Counted, cancellation_token: CancellationToken) -> Tally:
        self.count += args.by
        return Tally(count=self.count)

    def save_state(self) -> Tally:
        return Tally(count=self.count)

    def load_state(self, state: Tally) -> None:
        self.count = state.count


class Down(BaseStreamTool[Counted, int, str]):
    def __init__(self) -> None:
        super().__init__(Counted, str, "down", "Counts down.")

    async def run(self, args: Counted, cancellation_token: CancellationToken) -> str:
        return "lift-off"

    async def run_stream(self, args: Counted, cancellation_token: CancellationToken) -> AsyncGenerator[int | str, None]:
        for number in range(args.by, 0, -1):
            yield number
        if args.by > 8:
            raise ValueError("too far")
        yield "lift-off"


def as_text(text: str, name: str, is_error: bool = False) -> ToolResult:
    return ToolResult(name=name, result=[TextResultContent(content=text)], is_error=is_error)


async def test_functions_of_a_workbench_are_listed_and_called_by_hand() -> None:
    async with StaticWorkbench([FunctionTool(double, description="Twice.")]) as bench:
        (schema,) = await bench.list_tools()
        assert (schema["name"], schema["description"]) == ("double", "Twice.")
        assert schema["parameters"]["properties"]["number"]["type"] == "integer"
        assert list(schema["parameters"]["required"]) == ["number"]
        assert await bench.call_tool("double", {"number": 4}) == as_text("8", "double")
        assert await bench.call_tool("half", {}) == as_text("Tool half not found.", "half", True)
        failed = await bench.call_tool("double", {"number": -1})
        assert failed.is_error
        assert "too small" in failed.to_text()


async def test_a_workbench_works_without_being_started() -> None:
    assert (await StaticWorkbench([FunctionTool(double, description="")]).call_tool("double", {"number": 1})).to_text() == "2"


async def test_what_tools_of_a_workbench_keep_is_saved_and_loaded() -> None:
    first, second = StaticWorkbench([Counter()]), StaticWorkbench([Counter()])
    assert (await first.call_tool("count", {"by": 5})).to_text() == '{"count": 5}'
    state = await first.save_state()
    assert state == {"type": "StaticWorkbenchState", "tools": {"count": {"count": 5}}}
    await second.load_state(state)
    await second.reset()
    assert (await second.call_tool("count")).to_text() == '{"count": 6}'
    assert Counter().state_type() is Tally


async def test_a_cancelled_token_ends_a_call() -> None:
    begun = asyncio.Event()

    async def wait() -> str:
        """Wait."""
        begun.set()
        await asyncio.Event().wait()
        return ""

    token = CancellationToken()
    call = asyncio.ensure_future(StaticWorkbench([FunctionTool(wait, description="")]).call_tool("wait", {}, token))
    await asyncio.wait_for(begun.wait(), within(5))
    token.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(call, within(5))


async def test_a_tool_that_streams_is_heard_until_its_result() -> None:
    bench = StaticStreamWorkbench([Down(), FunctionTool(double, description="")])
    assert [each async for each in bench.call_tool_stream("down", {"by": 2})] == [2, 1, as_text("lift-off", "down")]
    assert [each async for each in bench.call_tool_stream("double", {"number": 3})] == [as_text("6", "double")]
    *told, last = [each async for each in bench.call_tool_stream("down", {"by": 9})]
    assert told == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert last.is_error


async def test_a_workbench_gives_its_tools_other_names() -> None:
    others = {"double": ToolOverride(name="twice", description="Two of it.")}
    bench = StaticWorkbench([FunctionTool(double, description="Twice.")], others)
    (schema,) = await bench.list_tools()
    assert (schema["name"], schema["description"]) == ("twice", "Two of it.")
    assert await bench.call_tool("twice", {"number": 4}) == as_text("8", "twice")
    said = await AssistantAgent("ann", model("twice", '{"number": 5}'), workbench=bench).run(task="go")
    assert said.messages[-1].to_text() == "10"
    with pytest.raises(ValueError, match="used by multiple tools"):
        StaticWorkbench([], {"a": ToolOverride(name="c"), "b": ToolOverride(name="c")})
    with pytest.raises(ValueError, match="conflicts with existing"):
        StaticWorkbench([FunctionTool(double, description="")], {"other": ToolOverride(name="double")})


async def test_an_agent_in_a_workbench_is_called_by_hand_and_by_another_name() -> None:
    bob = AssistantAgent("bob", ReplayChatCompletionClient(["by hand", "in a run"]), description="Knows.")
    bench = StaticWorkbench([AgentTool(bob, return_value_as_last_message=True)], {"bob": ToolOverride(name="expert")})
    assert [schema["name"] for schema in await bench.list_tools()] == ["expert"]
    assert (await bench.call_tool("expert", {"task": "hello"})).to_text() == "by hand"
    said = await AssistantAgent("ann", model("expert", '{"task": "hello"}'), workbench=bench).run(task="go")
    assert said.messages[-1].to_text() == "in a run"


class Gallery(Workbench):
    """A workbench of a script's own."""

    def __init__(self) -> None:
        self.running = False

    async def list_tools(self) -> list[ToolSchema]:
        if not self.running:
            raise RuntimeError("closed")
        return [ToolSchema(name="look", description="Looks.")]

    async def call_tool(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        cancellation_token: CancellationToken | None = None,
        call_id: str | None = None,
    ) -> ToolResult:
        seen = TextResultContent(content=f"{name} {dict(arguments or {})}")
        return ToolResult(name=name, result=[seen, ImageResultContent(content=Image.from_base64(PIXEL))])

    async def start(self) -> None:
        self.running = True

    async def stop(self) -> None:
        self.running = False

    async def reset(self) -> None:
        return

    async def save_state(self) -> Mapping[str, Any]:
        return {}

    async def load_state(self, state: Mapping[str, Any]) -> None:
        return


async def test_a_workbench_of_a_scripts_own_class_serves_an_agent() -> None:
    async with Gallery() as gallery:
        said = await AssistantAgent("ann", model("look", '{"at": "walls"}'), workbench=gallery).run(task="go")
        assert said.messages[-1].to_text().startswith("look {'at': 'walls'}")
    assert not gallery.running
    with pytest.raises(RuntimeError, match="Gallery: did not say which tools it has: RuntimeError: closed"):
        await AssistantAgent("ann", model("look", "{}"), workbench=gallery).run(task="go")
    with pytest.raises(FlowError):
        AssistantAgent("ann", model("look", "{}"), workbench=gallery).dump_component()


def test_a_result_is_a_text_with_or_without_its_pictures() -> None:
    result = ToolResult(name="look", result=[TextResultContent(content="a"), ImageResultContent(content=Image.from_base64(PIXEL))])
    assert result.to_text() == f"a\n[Image: {PIXEL}]"
    assert result.to_text(replace_image="(picture)") == "a\n(picture)"
    again = ToolResult.model_validate(result.model_dump())
    assert again.to_text() == result.to_text()


async def test_a_server_is_called_by_hand_and_shares_its_connection_with_agents() -> None:
    others = {"add": ToolOverride(name="sum", description="Adds up.")}
    async with McpWorkbench(SHOP, tool_overrides=others) as shop:
        named = {schema["name"]: schema for schema in await shop.list_tools()}
        assert named["sum"]["description"] == "Adds up."
        assert "add" not in named
        assert await shop.call_tool("sum", {"a": 2, "b": 3}) == as_text("5", "sum")
        picture = await shop.call_tool("picture")
        assert [type(part) for part in picture.result] == [TextResultContent, ImageResultContent]
        assert picture.result[0].content == "Here it is:"
        assert (await shop.call_tool("fail", {"why": "no tea"})).is_error
        assert (await shop.call_tool("nothing")).is_error
        where = (await shop.call_tool("where")).to_text()
        asked = await AssistantAgent("ann", model("where", "{}"), workbench=shop).run(task="go")
        assert asked.messages[-1].to_text() == where, "one process for both"
        summed = await AssistantAgent("ann", model("sum", '{"a": 4, "b": 3}'), workbench=shop).run(task="go")
        assert summed.messages[-1].to_text() == "7"
        with pytest.warns(UserWarning, match="already started"):
            await shop.start()
    with pytest.raises(RuntimeError, match="not started"):
        await shop.stop()
    await shop.load_state(await shop.save_state())


def test_whatever_a_script_can_call_as_a_tool_is_one() -> None:
    bob = AssistantAgent("bob", model("x", "{}"))
    assert all(isinstance(each, Tool) for each in (Counter(), Down(), FunctionTool(double, description=""), AgentTool(bob)))
    assert not isinstance(double, Tool)


def test_nothing_is_started_by_naming_a_server() -> None:
    bench = McpWorkbench(StdioServerParams(command=os.fspath(PROGRAM.with_name("no-such-program"))))
    assert AssistantAgent("ann", model("x", "{}"), workbench=bench).name == "ann"
