"""The kinds of tools that join the conformance suite: a tool of each, with calls that go well, fail, hang and say too much."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import sys
import time
import urllib.parse
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chromium import needed
from films import film
from patience import within
from scripted_server import Asked, Scripted, Write, reply, scripted

from studio.engine.code.base import Sandbox
from studio.engine.code.local import LocalExecutor
from studio.engine.documents.document import Document
from studio.engine.models.accounts import EnvironmentAccounts
from studio.engine.tools.base import Tool, ToolPlace
from studio.engine.tools.files import Files
from studio.engine.tools.function import FunctionTool
from studio.engine.tools.http_tool import HttpTool
from studio.engine.tools.mcp import McpServer
from studio.engine.tools.mcp_transport import Stdio
from studio.engine.tools.openapi_tool import OpenApiTool
from studio.engine.tools.python_tool import PythonTool
from studio.engine.tools.search_documents import SearchDocuments
from studio.engine.tools.search_providers import SearXNG
from studio.engine.tools.shell import Shell
from studio.engine.tools.video import Video
from studio.engine.tools.web_browser import WebBrowser
from studio.engine.tools.web_page import WebPage
from studio.engine.tools.web_search import WebSearch

LIMIT = 1.0
"""Seconds that a call may take where the tool has a time limit of its own."""


@dataclass(frozen=True)
class Call:
    """One call, and a part of what it must answer."""

    name: str
    arguments: dict[str, Any]
    answer: str = ""

    @property
    def text(self) -> str:
        return json.dumps(self.arguments)


@dataclass(frozen=True)
class Case:
    """`good` goes well; `misfits` are arguments of the right form that do not fit it; the others are None where a tool cannot do that.

    `slow` would take three seconds: the tool's own time limit of LIMIT seconds ends it.
    """

    tool: Tool
    good: Call
    misfits: tuple[dict[str, Any], ...]
    fails: Call | None = None
    slow: Call | None = None
    huge: Call | None = None


Make = Callable[..., Case]
"""One that takes a server is given one that is served by `serve`."""


MISFITS: tuple[dict[str, Any], ...] = ({}, {"a": "many"}, {"a": 1, "c": 2}, {"a": None}, {"a": {"deep": [1]}})


def _sync(what: str, a: int, b: int = 1) -> Any:
    match what:
        case "slow":
            time.sleep(3)
        case "fail":
            raise ValueError("the till is locked")
        case "huge":
            return "x" * 500_000
    return a + b


def sync_function() -> Case:
    def work(a: int, b: int = 1, what: str = "") -> Any:
        """Add two numbers, or do something worse."""
        return _sync(what, a, b)

    return _of_function(work)


def async_function() -> Case:
    async def work(a: int, b: int = 1, what: str = "") -> Any:
        """Add two numbers, or do something worse."""
        if what == "slow":
            await asyncio.sleep(3)
        return _sync(what if what != "slow" else "", a, b)

    return _of_function(work)


def _of_function(work: Callable[..., Any]) -> Case:
    return Case(
        FunctionTool.of(work, timeout=LIMIT),
        Call("work", {"a": 2, "b": 3}, "5"),
        MISFITS,
        Call("work", {"a": 1, "what": "fail"}, "the till is locked"),
        Call("work", {"a": 1, "what": "slow"}),
        Call("work", {"a": 1, "what": "huge"}),
    )


SOURCE = '''
import time


def work(a: int, b: int = 1, what: str = ""):
    """Add two numbers, or do something worse."""
    if what == "slow":
        time.sleep(3)
    if what == "fail":
        raise ValueError("the till is locked")
    return "x" * 500_000 if what == "huge" else a + b
'''


def python_tool() -> Case:
    tool = PythonTool(source=SOURCE, executor=LocalExecutor(), timeout=LIMIT)
    return Case(
        tool,
        Call("work", {"a": 2, "b": 3}, "5"),
        MISFITS,
        Call("work", {"a": 1, "what": "fail"}, "the till is locked"),
        Call("work", {"a": 1, "what": "slow"}),
        Call("work", {"a": 1, "what": "huge"}),
    )


def mcp() -> Case:
    program = str(Path(__file__).parents[2] / "engine" / "tools" / "mcp_test_server.py")
    return Case(
        McpServer(transport=Stdio(command=sys.executable, args=(program, "stdio")), timeout=LIMIT),
        Call("add", {"a": 2, "b": 3}, "5"),
        ({}, {"a": "many"}, {"a": None}, {"a": {"deep": [1]}}),
        Call("fail", {"why": "the till is locked"}, "the till is locked"),
        Call("sleep", {"seconds": 3}),
        Call("huge", {}),
    )


def shell() -> Case:
    return Case(
        Shell(executor=LocalExecutor(timeout=LIMIT)),
        Call("run_shell", {"command": "echo $((2 + 3))"}, "5"),
        ({}, {"command": ["ls"]}, {"cmd": "ls"}, {"command": ""}, {"command": "a\0b"}),
        Call("run_shell", {"command": "echo the till is locked; exit 3"}, "the till is locked"),
        Call("run_shell", {"command": "sleep 3"}),
        Call("run_shell", {"command": "head -c 500000 /dev/zero | tr '\\0' x"}),
    )


def files() -> Case:
    return Case(
        Files(),
        Call("write_file", {"path": "a.txt", "content": "hello"}, "a.txt"),
        ({}, {"path": "a.txt"}, {"path": ["a"], "content": "b"}, {"path": "../a", "content": "b"}, {"path": "/etc/a", "content": "b"}),
        Call("read_file", {"path": "missing.txt"}, "missing.txt"),
    )


def search_documents() -> Case:
    document = Document(name="sums.md", text="# Sums\n\nTwo and three are 5.")
    return Case(
        SearchDocuments(documents=(document,)),
        Call("search_documents", {"query": "two and three"}, "5"),
        ({}, {"query": ["a"]}, {"words": "a"}, {"query": None}),
    )


# Tools that ask a server ----------------------------------------------------------------------------------------------


async def serve(asked: Asked, write: Write) -> None:
    """Adds two numbers of the query, or does something worse; as a search it finds one page that says so."""
    query = {name: values[0] for name, values in urllib.parse.parse_qs(asked.target.partition("?")[2]).items()}
    what = query.get("what") or query.get("q") or ""
    if what == "slow":
        await asyncio.sleep(3)
    text = "x" * 500_000 if what == "huge" else str(int(query.get("a", "2")) + int(query.get("b", "3")))
    status = "500 the till is locked" if what == "fail" else "200 OK"
    if asked.target.startswith("/search"):
        text = json.dumps({"results": [{"title": text, "url": "https://a.example/", "content": text}]})
    await write(reply(text, status))


PROPERTIES = {"a": {"type": "integer"}, "b": {"type": "integer"}, "what": {"type": "string"}}


def http_tool(server: Scripted) -> Case:
    shape = {"type": "object", "properties": PROPERTIES, "required": ["a"]}
    return _of_server(HttpTool(name="work", url=server.url, parameters=shape, timeout=LIMIT, private_hosts=(server.host,)))


def openapi_tool(server: Scripted) -> Case:
    parameters = [{"name": name, "in": "query", "required": name == "a", "schema": schema} for name, schema in PROPERTIES.items()]
    operation = {"operationId": "work", "summary": "Add two numbers.", "parameters": parameters}
    document = json.dumps({"openapi": "3.1.0", "servers": [{"url": server.url}], "paths": {"/": {"get": operation}}})
    return _of_server(OpenApiTool(document=document, timeout=LIMIT, private_hosts=(server.host,)))


def _of_server(tool: Tool) -> Case:
    return Case(
        tool,
        Call("work", {"a": 2, "b": 3}, "5"),
        MISFITS,
        Call("work", {"a": 1, "what": "fail"}, "the till is locked"),
        Call("work", {"a": 1, "what": "slow"}),
        Call("work", {"a": 1, "what": "huge"}),
    )


def web_page(server: Scripted) -> Case:
    return Case(
        WebPage(timeout=LIMIT, private_hosts=(server.host,)),
        Call("read_page", {"url": f"{server.url}/?a=2&b=3"}, "5"),
        ({}, {"url": 7}, {"url": server.url, "start": "x"}, {"url": server.url, "other": 1}, {"url": "http://127.0.0.1:1/"}),
        Call("read_page", {"url": f"{server.url}/?what=fail"}, "the till is locked"),
        Call("read_page", {"url": f"{server.url}/?what=slow"}),
    )


def web_browser(server: Scripted) -> Case:
    return Case(
        WebBrowser(timeout=min(within(LIMIT), 3 * LIMIT), private_hosts=(server.host,), screenshots=False),
        Call("visit_url", {"url": f"{server.url}/?a=2&b=3"}, "5"),
        ({}, {"url": 7}, {"url": server.url, "other": 1}, {"url": "http://127.0.0.1:1/"}, {"url": "file:///etc/passwd"}),
        Call("click", {"target_id": 999}, "no element 999"),
        Call("visit_url", {"url": f"{server.url}/?what=slow"}),
    )


def web_search(server: Scripted) -> Case:
    return Case(
        WebSearch(provider=SearXNG(url=server.url, private=True), timeout=LIMIT),
        Call("web_search", {"query": "two and three"}, "5"),
        ({}, {"query": ""}, {"query": ["a"]}, {"query": "x" * 500}, {"words": "a"}),
        Call("web_search", {"query": "fail"}, "could not search"),
        Call("web_search", {"query": "slow"}),
    )


def video() -> Case:
    return Case(
        Video(timeout=5 * LIMIT),
        Call("save_screenshot", {"video_path": "film.mp4", "timestamp": 0.5, "output_path": "shot.jpg"}, "shot.jpg"),
        ({}, {"video_path": "film.mp4"}, {"video_path": ["a"], "timestamp": 1, "output_path": "a"}, {"video_path": "../a", "timestamp": 0}),
        Call("save_screenshot", {"video_path": "none.mp4", "timestamp": 0.5, "output_path": "shot.jpg"}, "none.mp4"),
    )


CASES: dict[str, Make] = {
    "async_function": async_function,
    "files": files,
    "http_tool": http_tool,
    "mcp": mcp,
    "openapi_tool": openapi_tool,
    "python_tool": python_tool,
    "search_documents": search_documents,
    "shell": shell,
    "sync_function": sync_function,
    "video": video,
    "web_browser": web_browser,
    "web_page": web_page,
    "web_search": web_search,
}


@dataclass(frozen=True)
class Bench:
    case: Case
    place: ToolPlace

    @property
    def tool(self) -> Tool:
        return self.case.tool


def made(make: Make, server: Scripted | None = None) -> Case:
    """The case; without a server, one whose server does not answer."""
    return make(*([server or Scripted(1)] if inspect.signature(make).parameters else []))


Opened = AbstractAsyncContextManager[Bench]


@contextlib.asynccontextmanager
async def opened(make: Make, folder: Path) -> AsyncIterator[Bench]:
    """A case in a place of its own, as a run would give it."""
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(scripted(serve)) if inspect.signature(make).parameters else None
        async with _placed(made(make, server), folder) as bench:
            yield bench


@contextlib.asynccontextmanager
async def _placed(case: Case, folder: Path) -> AsyncIterator[Bench]:
    if isinstance(case.tool, WebBrowser):
        needed()
    if isinstance(case.tool, Video):
        film(folder / "film.mp4", 1)
    executor = case.tool.runs_in
    session = executor.open(Sandbox("run", folder)) if executor is not None else None
    place = ToolPlace(folder, EnvironmentAccounts({}), session=session)
    try:
        yield Bench(case, place)
    finally:
        await place.resources.close()
        if session is not None:
            await session.close()
