"""Servers of the Model Context Protocol, with AutoGen's arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field

from studio.engine.agentchat.core.component import ComponentBase
from studio.engine.agentchat.environment import script_environment
from studio.engine.tools.base import ToolPlace
from studio.engine.tools.mcp import McpServer
from studio.engine.tools.mcp_transport import Sse, Stdio, StreamableHttp, Transport
from studio.engine.tools.resources import Resources


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


class McpWorkbench(ComponentBase):
    """A server as a workbench of an assistant: connected to when its tools are first needed in a run, closed with it."""

    component_type = "workbench"

    def __init__(self, server_params: Any, tool_overrides: Any = None, model_client: Any = None) -> None:
        self.server_params = server_params
        self._server = server_of(server_params)

    def component(self) -> McpServer:
        return self._server

    async def list_tools(self) -> list[dict[str, Any]]:
        """What the server offers. Raises ToolServerError."""
        return await _offered(self._server)

    async def start(self) -> None:
        return

    async def stop(self) -> None:
        return

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *mistake: object) -> None:
        return


async def _offered(server: McpServer) -> list[dict[str, Any]]:
    resources = Resources()
    with script_environment() as environment:
        folder = environment.folder if not callable(environment.folder) else environment.folder()
        try:
            found = await server.list_tools(ToolPlace(folder, environment.accounts, resources))
        finally:
            await resources.close()
    return [{"name": each.name, "description": each.description, "parameters": dict(each.parameters)} for each in found]


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
    return [McpTool(server_params, each["name"], each["description"]) for each in offered]
