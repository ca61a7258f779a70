"""MCP servers as tools, against real servers: over a program's input and output, SSE and streamable HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from mcp_servers import PROGRAM, STDIO, server_of
from mcp_types import CreateMessageRequestParams, ImageContent, SamplingMessage, TextContent
from patience import within
from pydantic import ValidationError
from sandboxes import until
from tool_place import nowhere

from studio.engine.code.base import MAX_OUTPUT, FunctionResult
from studio.engine.errors import ConveneError
from studio.engine.events import MessageSaid
from studio.engine.models.accounts import EnvironmentAccounts
from studio.engine.models.base import ModelReply, ModelRequest
from studio.engine.tools.base import ToolPlace
from studio.engine.tools.mcp import McpServer
from studio.engine.tools.mcp_errors import McpFailed
from studio.engine.tools.mcp_sampling import request_of
from studio.engine.tools.mcp_transport import Sse, Stdio, StreamableHttp, Transport

PROTOCOLS = ("stdio", "sse", "streamable-http")


@dataclass(frozen=True)
class Bench:
    tool: McpServer
    place: ToolPlace
    restart: Callable[[], None]

    async def call(self, name: str, /, **arguments: object) -> FunctionResult:
        return await self.tool.call(name, json.dumps(arguments), self.place)


@pytest.fixture(scope="module", params=PROTOCOLS)
def server(request: pytest.FixtureRequest) -> Iterator[tuple[Transport, Callable[[], None]]]:
    with server_of(request.param) as running:
        yield running


@pytest.fixture
async def bench(server: tuple[Transport, Callable[[], None]], tmp_path: Path) -> AsyncIterator[Bench]:
    transport, restart = server
    async with open_place(tmp_path) as place:
        yield Bench(McpServer(transport=transport, timeout=20), place, restart)


@contextlib.asynccontextmanager
async def open_place(folder: Path, variables: dict[str, str] | None = None) -> AsyncIterator[ToolPlace]:
    place = ToolPlace(folder, EnvironmentAccounts(variables or {}))
    try:
        yield place
    finally:
        await place.resources.close()


# Any server -----------------------------------------------------------------------------------------------------------


async def test_a_server_says_what_it_offers(bench: Bench) -> None:
    schemas = {schema.name: schema for schema in await bench.tool.list_tools(bench.place)}
    assert {"add", "prices", "odd_name_of_tool", "list_resources", "read_resource", "get_prompt"} <= set(schemas)
    assert schemas["add"].description == "Add two numbers."
    assert schemas["add"].parameters["properties"]["a"]["description"] == "The first."
    assert schemas["add"].parameters["required"] == ["a"]
    assert "greeting(name)" in schemas["get_prompt"].description


async def test_tools_are_called_and_their_data_comes_back(bench: Bench) -> None:
    assert (await bench.call("add", a=2, b=3)).output == "5"
    assert json.loads((await bench.call("prices")).output) == {"tea": 3.5}
    assert (await bench.call("odd_name_of_tool")).output == "odd"


async def test_a_picture_becomes_a_file_of_the_run(bench: Bench) -> None:
    result = await bench.call("picture")
    (name,) = result.files
    assert result.output == f"Here it is:\n[picture: {name}]"
    assert (bench.place.folder / name).read_bytes().startswith(b"\x89PNG")
    assert name.endswith(".png")


async def test_mistakes_are_results_that_a_model_can_repair(bench: Bench) -> None:
    results = {
        "wrong type": await bench.call("add", a="x"),
        "missing": await bench.call("add"),
        "raised": await bench.call("fail", why="the till is locked"),
        "unknown": await bench.call("subtract"),
        "no json": await bench.tool.call("add", "{'a': 1", bench.place),
        "no object": await bench.tool.call("add", "[1]", bench.place),
    }
    assert all(result.is_error for result in results.values())
    assert "the till is locked" in results["raised"].output
    assert "valid integer" in results["wrong type"].output
    assert "subtract" in results["unknown"].output
    assert "JSON" in results["no json"].output


async def test_a_huge_answer_is_shortened(bench: Bench) -> None:
    result = await bench.call("huge")
    assert not result.is_error
    assert len(result.output) < MAX_OUTPUT + 200
    assert result.output.startswith("ab")
    assert result.output.endswith("bc")


async def test_resources_and_prompts_can_be_read(bench: Bench) -> None:
    listed = (await bench.call("list_resources")).output
    assert "shop://hours" in listed
    assert "shop://item/{name}" in listed
    assert (await bench.call("read_resource", uri="shop://hours")).output == "9 to 5"
    assert (await bench.call("read_resource", uri="shop://item/tea")).output == "tea is fine"
    assert (await bench.call("read_resource", uri="shop://nothing")).is_error
    assert (await bench.call("read_resource")).is_error
    assert (await bench.call("get_prompt", name="greeting", arguments={"name": "Ann"})).output == "Greet Ann warmly."


async def test_how_far_a_call_is_is_shown(bench: Bench) -> None:
    shown: list[str] = []
    place = ToolPlace(bench.place.folder, bench.place.accounts, bench.place.resources, show=shown.append)
    assert (await bench.tool.call("steps", "{}", place)).output == "all"
    assert shown == ["1 of 2 half\n"]


async def test_calls_at_the_same_time_do_not_mix(bench: Bench) -> None:
    results = await asyncio.gather(*(bench.call("add", a=number, b=1000) for number in range(20)))
    assert [result.output for result in results] == [str(1000 + number) for number in range(20)]


async def test_a_server_that_crashes_gives_an_error_and_works_again(bench: Bench) -> None:
    await bench.call("add", a=1)
    crashed = await bench.call("crash")
    assert crashed.is_error
    assert "ended during this call" in crashed.output
    await asyncio.to_thread(bench.restart)
    assert (await bench.call("add", a=1)).output == "2"


async def test_a_server_that_hangs_is_timed_out_and_cancelled_in_time(bench: Bench) -> None:
    await bench.call("add", a=1)
    hasty = bench.tool.model_copy(update={"timeout": 2})
    began = time.monotonic()
    result = await hasty.call("sleep", '{"seconds": 3}', bench.place)
    assert (result.is_error, "2 s" in result.output) == (True, True)
    assert time.monotonic() - began < within(5)  # two seconds, and the start of a program of its own
    task = asyncio.create_task(bench.call("sleep", seconds=3))
    await asyncio.sleep(0.1)
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < within(0.5)
    await bench.place.resources.close()
    assert time.monotonic() - began < within(1.5)
    await asyncio.to_thread(bench.restart)  # the next test needs one that is free


# What is offered ------------------------------------------------------------------------------------------------------


async def test_the_allow_list_and_the_prefix_say_what_a_model_sees(tmp_path: Path) -> None:
    tool = McpServer(transport=STDIO, allow=("add", "read_resource"), prefix="shop_")
    async with open_place(tmp_path) as place:
        offered = {tool.key: await tool.list_tools(place)}
        assert len(offered[tool.key]) > 10, "the whole list is there to choose from"
        assert [schema.name for schema in tool.schemas(offered)] == ["shop_add", "shop_read_resource"]
        assert (await tool.call("shop_add", '{"a": 1}', place)).output == "2"
        for refused in ("shop_crash", "add", "shop_get_prompt"):
            assert (await tool.call(refused, "{}", place)).is_error
    assert tool.schemas({}) == ()


def test_equal_servers_are_one_and_different_ones_are_not() -> None:
    assert McpServer(transport=STDIO).key == McpServer(transport=Stdio(command=sys.executable, args=(PROGRAM, "stdio"))).key
    assert McpServer(transport=STDIO).key != McpServer(transport=STDIO, prefix="a").key


def test_approval_may_depend_on_the_tool_and_its_arguments() -> None:
    tool = McpServer(transport=STDIO, approval="matching", approval_pattern=("delete_*", "path contains secret"))
    assert tool.needs_approval("delete_file", "{}")
    assert tool.needs_approval("read", '{"path": "/a/Secret"}')
    assert not tool.needs_approval("read", '{"path": "/a"}')


# Consent --------------------------------------------------------------------------------------------------------------


def test_what_is_agreed_to_is_exactly_what_is_started() -> None:
    tool = McpServer(
        transport=Stdio(
            command="npx", args=("-y", "a server", "$(rm)"), environment={"TOKEN": "${my shop}", "MODE": "fast", "HOME_PAGE": ""}
        )
    )
    consent = tool.needs_consent()
    assert consent is not None
    assert "\n\nnpx -y 'a server' '$(rm)'\n" in consent
    assert "TOKEN: the key of my shop" in consent
    assert "MODE: fast" in consent
    assert "HOME_PAGE: your variable HOME_PAGE" in consent
    assert Stdio(command="npx -y 'a server'").argv == ("npx", "-y", "a server")


def test_the_consent_to_a_remote_server_names_the_address_and_the_keys() -> None:
    consent = McpServer(
        transport=StreamableHttp(url="https://example.com/mcp", headers={"Authorization": "Bearer ${my shop}"})
    ).needs_consent()
    assert consent is not None
    assert "https://example.com/mcp" in consent
    assert "the key of my shop" in consent


def test_describing_a_server_starts_nothing(tmp_path: Path) -> None:
    victim = tmp_path / "started"
    code = f"""
import sys
events = []
sys.addaudithook(lambda event, arguments: events.append(event))
from studio.engine.tools.mcp import McpServer
tool = McpServer.model_validate({{"kind": "mcp", "transport": {{"kind": "stdio", "command": "touch", "args": [{str(victim)!r}]}}}})
tool.model_dump_json(), tool.key, tool.needs_consent(), tool.schemas({{}}), tool.needs_approval("a", "{{}}"), hash(tool.must_list)
bad = [event for event in events if event.startswith(("subprocess", "os.exec", "os.fork", "os.posix_spawn", "socket."))]
assert not bad, bad
assert "mcp" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3], timeout=60)
    assert not victim.exists()


@pytest.mark.parametrize(
    "transport",
    [
        lambda: StreamableHttp(url="ftp://example.com"),
        lambda: StreamableHttp(url="http://user:password@example.com"),
        lambda: Sse(url="https://example.com", headers={"A\nB": "c"}),
        lambda: Sse(url="https://example.com", headers={"A": "b\r\nC: d"}),
        lambda: Stdio(command="a", args=("b\0c",)),
        lambda: Stdio(command="a", environment={"A=B": "c"}),
    ],
)
def test_what_cannot_be_meant_is_refused_when_it_is_written(transport: Callable[[], Transport]) -> None:
    with pytest.raises(ValidationError):
        transport()


# Programs -------------------------------------------------------------------------------------------------------------


def running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


async def test_a_program_runs_in_the_folder_of_the_run_and_is_told_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("SHOP_REGION", "eu")
    transport = Stdio(command=sys.executable, args=STDIO.args, environment={"SHOP_KEY": "${my shop}", "SHOP_REGION": "", "MODE": "fast"})
    tool = McpServer(transport=transport)
    async with open_place(tmp_path, {"MY_SHOP_API_KEY": "key-of-the-shop"}) as place:
        told = json.loads((await tool.call("environment", "{}", place)).output)
        assert "OPENAI_API_KEY" not in told
        assert (told["SHOP_REGION"], told["MODE"]) == ("eu", "fast")
        assert told["SHOP_KEY"] == "•••", "it got the key, but what it says of it is hidden"
        place_of = json.loads((await tool.call("where", "{}", place)).output)
        assert place_of["folder"] == str(tmp_path.resolve())  # noqa: ASYNC240


async def test_the_end_of_a_run_ends_the_program_and_all_that_it_started(tmp_path: Path) -> None:
    tool = McpServer(transport=STDIO)
    async with open_place(tmp_path) as place:
        pid = json.loads((await tool.call("where", "{}", place)).output)["pid"]
        child = int((await tool.call("spawn", "{}", place)).output)
        assert running(pid)
        assert running(child)
        began = time.monotonic()
    assert time.monotonic() - began < within(1)
    # A process that was killed takes a moment to be gone on a machine at work.
    await until(lambda: not running(pid) and not running(child), 1)
    assert not running(pid)
    assert not running(child)


async def test_one_program_serves_all_calls_of_a_run(tmp_path: Path) -> None:
    tool = McpServer(transport=STDIO)
    async with open_place(tmp_path) as place:
        first, second = await asyncio.gather(tool.call("where", "{}", place), McpServer(transport=STDIO).call("where", "{}", place))
        assert first.output == second.output


async def test_stopping_while_a_server_starts_ends_it_within_a_second(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    code = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    tool = McpServer(transport=Stdio(command=sys.executable, args=("-c", code)))
    place = nowhere(tmp_path)
    task = asyncio.create_task(tool.list_tools(place))
    for _ in range(300):
        if mark.exists() and mark.read_text():
            break
        await asyncio.sleep(0.02)
    began = time.monotonic()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await place.resources.close()
    assert time.monotonic() - began < within(1.2)
    assert not running(int(mark.read_text()))


@pytest.mark.parametrize(
    ("transport", "words"),
    [
        (Stdio(), "the command is missing"),
        (StreamableHttp(), "the url is missing"),
        (Stdio(command="no-such-program-anywhere"), "there is no such program"),
        (Stdio(command=sys.executable, args=("-c", "import sys; sys.exit('no licence')")), "no licence"),
        (Stdio(command=sys.executable, args=("-c", "import time; time.sleep(60)")), "did not answer within 2 s"),
        (Stdio(command=sys.executable, args=STDIO.args, environment={"NOWHERE_SET": ""}), "NOWHERE_SET"),
        (Stdio(command=sys.executable, args=STDIO.args, environment={"KEY": "${nobody}"}), "nobody"),
        (StreamableHttp(url="http://127.0.0.1:9/mcp"), "127.0.0.1:9"),
        (Sse(url="http://127.0.0.1:9/sse"), "127.0.0.1:9"),
        (Sse(url="https://example.com/sse", headers={"A": "${openai}"}), "not for example.com"),
    ],
)
async def test_a_server_that_cannot_be_used_is_an_error_that_says_why(transport: Transport, words: str, tmp_path: Path) -> None:
    tool = McpServer(transport=transport, connect_timeout=2)
    async with open_place(tmp_path, {"OPENAI_API_KEY": "sk-secret"}) as place:
        began = time.monotonic()
        with pytest.raises(ConveneError) as mistake:
            await tool.list_tools(place)
        assert words in str(mistake.value)
        assert "sk-secret" not in str(mistake.value)
        assert mistake.value.remedy
        assert time.monotonic() - began < within(4.5)
        called = await tool.call("add", "{}", place)
        assert called.is_error
        assert words in called.output


# What a server tells its agents, and asks of their models ---------------------------------------------------------------


async def test_a_chosen_prompt_is_what_agents_are_told(tmp_path: Path) -> None:
    told = McpServer(transport=STDIO, prompt="greeting", prompt_arguments={"name": "Ada"})
    async with open_place(tmp_path) as place:
        assert await told.instructions(place) == "Greet Ada warmly."
        assert await McpServer(transport=STDIO).instructions(place) == ""
        assert [(prompt.name, prompt.arguments) for prompt in await told.prompts(place)] == [("greeting", (("name", True),))]
        with pytest.raises(McpFailed, match="it has no prompt 'parting'"):
            await told.replace(prompt="parting").instructions(place)
        with pytest.raises(McpFailed, match="its prompt 'greeting' cannot be had"):
            await told.replace(prompt_arguments={}).instructions(place)


async def test_a_server_asks_the_model_of_its_caller_only_where_it_may(bench: Bench) -> None:
    asked: list[ModelRequest] = []

    async def answer(request: ModelRequest) -> ModelReply:
        asked.append(request)
        return ModelReply(text="Short.", model="spoken")

    place = replace(bench.place, ask=answer)
    may = Bench(bench.tool.replace(model_calls=2), place, bench.restart)
    assert (await may.call("shorten", text="a long text")).output == "Shorter: Short."
    (request,) = asked
    assert (request.system, [(said.source, said.text) for said in request.thread if isinstance(said, MessageSaid)]) == (
        "You shorten texts.",
        [("model", "Ask me."), ("you", "a long text")],
    )
    refused = await bench.call("shorten", text="a long text")
    assert refused.is_error
    assert len(asked) == 1


async def test_what_the_model_refuses_is_told_to_the_server(tmp_path: Path) -> None:
    async def answer(request: ModelRequest) -> ModelReply:
        raise ConveneError("The model rests.", "")

    async with open_place(tmp_path) as place:
        refused = await McpServer(transport=STDIO, model_calls=1).call("shorten", '{"text": "x"}', replace(place, ask=answer))
    assert refused.is_error
    assert "The model rests." in refused.output


def test_a_question_to_a_model_has_bounds_and_holds_texts_only() -> None:
    def question(*content: Any) -> CreateMessageRequestParams:
        return CreateMessageRequestParams(messages=[SamplingMessage(role="user", content=each) for each in content], max_tokens=9)

    assert isinstance(request_of(question(TextContent(text="x"))), ModelRequest)
    assert request_of(question(ImageContent(data="", mime_type="image/png"))) == "Only texts can be put to the model."
    assert "characters" in str(request_of(question(TextContent(text="x" * 200_001))))
    assert "messages" in str(request_of(question(*[TextContent(text="x")] * 101)))


def test_a_person_agrees_to_questions_to_the_model_too() -> None:
    assert McpServer(transport=STDIO).needs_consent() == STDIO.consent
    consent = McpServer(transport=STDIO, model_calls=3).needs_consent()
    assert consent is not None
    assert consent.startswith(STDIO.consent)
    assert "3 times in a run" in consent
