"""Servers of the Model Context Protocol, with AutoGen's arguments."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, Field

from studio.engine.agentchat.by_hand import ByHand
from studio.engine.agentchat.core.cancellation import CancellationToken
from studio.engine.agentchat.core.component import ComponentBase
from studio.engine.agentchat.tool_shapes import ToolOverride, ToolResult, ToolSchema, shown_schema
from studio.engine.agentchat.workbench_tools import WorkbenchTool, originals, overridden
from studio.engine.agentchat.workbenches import Workbench
from studio.engine.tools.base import Tool
from studio.engine.tools.mcp import McpServer
from studio.engine.tools.mcp_transport import Sse, Stdio, StreamableHttp, Transport

if TYPE_CHECKING:
    from studio.engine.agentchat.running import Run


class StdioServerParams(BaseModel):
    """A program that is started. Having named it, the script said yes to that."""

    type: Literal["StdioServerParams"] = "StdioServerParams"
    command: str
    args: list[str] = []
    env: dict[str, str] | None = None
    read_timeout_seconds: float = 5.0
    cwd: str | None = None
    encoding: str = "utf-8"


class SseServerParams(BaseModel):
    type: Literal["SseServerParams"] = "SseServerParams"
    url: str
    headers: dict[str, Any] | None = None
    timeout: float = 5.0
    sse_read_timeout: float = 300.0


class StreamableHttpServerParams(BaseModel):
    type: Literal["StreamableHttpServerParams"] = "StreamableHttpServerParams"
    url: str
    headers: dict[str, Any] | None = None
    timeout: float = 30.0
    sse_read_timeout: float = 300.0
    terminate_on_close: bool = True


McpServerParams = Annotated[StdioServerParams | SseServerParams | StreamableHttpServerParams, Field(discriminator="type")]


def server_of(params: Any, allow: tuple[str, ...] = ()) -> McpServer:
    """The engine's server of these parameters."""
    transport: Transport
    match params:
        case StdioServerParams():
            transport = Stdio(command=params.command, args=tuple(params.args), environment=dict(params.env or {}))
            seconds = params.read_timeout_seconds
        case SseServerParams():
            transport = Sse(url=params.url, headers=_texts(params.headers))
            seconds = params.sse_read_timeout
        case StreamableHttpServerParams():
            transport = StreamableHttp(url=params.url, headers=_texts(params.headers))
            seconds = params.sse_read_timeout
        case _:
            raise ValueError(f"Unsupported server params type: {type(params)}")
    return McpServer(transport=transport, allow=allow, timeout=min(seconds, 3600), connect_timeout=min(max(seconds, 5.0), 600))


def _texts(headers: Mapping[str, Any] | None) -> dict[str, str]:
    return {name: str(value) for name, value in (headers or {}).items()}


class McpWorkbench(Workbench):
    """A server as a workbench. From `start`, or the first call by hand, to `stop` runs use its connection, otherwise one of their own."""

    def __init__(self, server_params: Any, tool_overrides: Mapping[str, ToolOverride] | None = None, model_client: Any = None) -> None:
        """Raises ValueError for other parameters, and for a name that two tools would have."""
        self.server_params = server_params
        self._server = server_of(server_params)
        self._others = dict(tool_overrides or {})
        self._named = originals(self._others, ())
        self._open: ByHand | None = None

    def component(self) -> Tool:
        return WorkbenchTool(inner=self._server, others=self._others) if self._others else self._server

    def playing(self, run: Run) -> Tool:
        if self._open is None:
            return self.component()
        return WorkbenchTool(inner=self._server, others=self._others, open=self._open)

    async def list_tools(self) -> list[ToolSchema]:
        """What the server offers. Raises McpFailed, McpMissing and SignInNeeded."""
        offered = await (await self._place()).schemas(self._server)
        return [overridden(shown_schema(schema), self._others) for schema in offered]

    async def call_tool(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        cancellation_token: CancellationToken | None = None,
        call_id: str | None = None,
    ) -> ToolResult:
        """Mistakes of the server are results. Raises CancelledError once the token is cancelled, and SignInNeeded."""
        place = await self._place()
        return await place.called(self._server, self._named.get(name, name), arguments or {}, cancellation_token, name)

    async def _place(self) -> ByHand:
        if self._open is None:
            self._open = ByHand()
        return self._open

    async def start(self) -> None:
        """Connect. Raises McpFailed, McpMissing and SignInNeeded."""
        if self._open is not None:
            warnings.warn("McpWorkbench is already started. No need to start again.", UserWarning, stacklevel=2)
            return
        try:
            await self.list_tools()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Raises RuntimeError for one that is not started."""
        place, self._open = self._open, None
        if place is None:
            raise RuntimeError("McpWorkbench is not started. Call start() first.")
        await place.close()

    async def reset(self) -> None:
        return

    async def save_state(self) -> Mapping[str, Any]:
        return {"type": "McpWorkBenchState"}

    async def load_state(self, state: Mapping[str, Any]) -> None:
        return


async def _offered(server: McpServer) -> list[ToolSchema]:
    place = ByHand()
    try:
        return [shown_schema(schema) for schema in await place.schemas(server)]
    finally:
        await place.close()


class McpTool(ComponentBase):
    """One tool of a server."""

    component_type = "tool"

    def __init__(self, params: Any, name: str, description: str) -> None:
        self.name, self.description = name, description
        self._server = server_of(params, (name,))

    def component(self) -> McpServer:
        return self._server


async def mcp_server_tools(server_params: Any, session: Any = None) -> list[McpTool]:
    """The tools that a server offers now, one by one. Raises ToolServerError when it cannot be asked."""
    offered = await _offered(server_of(server_params))
    return [McpTool(server_params, each["name"], each.get("description", "")) for each in offered]
