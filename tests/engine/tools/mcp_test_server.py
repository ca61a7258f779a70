"""An MCP server for tests: run with `stdio`, or with `sse` or `streamable-http` and a port."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Annotated, Any

from mcp.server.mcpserver import Context, Image, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.resolve import Resolve, Sample
from mcp_types import CreateMessageResult, SamplingMessage, TextContent
from pydantic import Field

server = MCPServer("shop", log_level="ERROR")


@server.tool()
def add(a: Annotated[int, Field(description="The first.")], b: int = 1) -> int:
    """Add two numbers."""
    return a + b


@server.tool()
def prices() -> dict[str, float]:
    """All prices."""
    return {"tea": 3.5}


@server.tool(structured_output=False)
def picture() -> list[Any]:
    """Draw something."""
    return ["Here it is:", Image(data=b"\x89PNG\r\n\x1a\n" + b"0" * 20, format="png")]


@server.tool()
def fail(why: str) -> str:
    """Fail."""
    raise ToolError(why)


@server.tool()
def crash() -> str:
    """End the server."""
    os._exit(7)


@server.tool()
def sleep(seconds: float) -> str:
    """Sleep, and let nothing else happen meanwhile."""
    time.sleep(seconds)
    return "slept"


@server.tool()
def spawn() -> int:
    """Start a process that ignores what it is told and leaves its group."""
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)"
    return subprocess.Popen([sys.executable, "-c", code], start_new_session=True, stdout=subprocess.DEVNULL).pid


@server.tool()
def environment() -> dict[str, str]:
    """What the server was told."""
    return dict(os.environ)


@server.tool()
def where() -> dict[str, Any]:
    """Where it runs: process and folder."""
    return {"pid": os.getpid(), "folder": os.getcwd()}


@server.tool()
def huge() -> str:
    """Say very much."""
    return "a" + "b" * 400_000 + "c"


@server.tool()
async def steps(context: Context) -> str:
    """Tell how it goes."""
    await context.report_progress(1, 2, "half")
    return "all"


def _question(text: str) -> Sample:
    said = SamplingMessage(role="assistant", content=TextContent(text="Ask me."))
    asked = SamplingMessage(role="user", content=TextContent(text=text))
    return Sample([said, asked], max_tokens=100, system_prompt="You shorten texts.")


@server.tool()
async def shorten(text: str, answer: Annotated[CreateMessageResult, Resolve(_question)]) -> str:
    """Let the model shorten a text."""
    return f"Shorter: {answer.content.text}" if answer.content.type == "text" else answer.content.type


@server.tool(name="odd.name/of tool")
def odd() -> str:
    """A name that model servers refuse."""
    return "odd"


@server.resource("shop://hours")
def hours() -> str:
    """When it is open."""
    return "9 to 5"


@server.resource("shop://item/{name}")
def item(name: str) -> str:
    """One item."""
    return f"{name} is fine"


@server.prompt()
def greeting(name: str) -> str:
    """How to greet."""
    return f"Greet {name} warmly."


if __name__ == "__main__":
    if sys.argv[1:] == ["stdio"]:
        print("Welcome to the shop!", flush=True)  # what is no message must be passed over
        print("the shop opens", file=sys.stderr, flush=True)
        server.run("stdio")
    else:
        server.run(sys.argv[1], port=int(sys.argv[2]))  # type: ignore[call-overload]
