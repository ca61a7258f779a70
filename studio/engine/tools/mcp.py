"""A server of tools that speaks the Model Context Protocol: its tools, resources and prompts, for agents."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.code.arguments import read_arguments
from studio.engine.code.base import FunctionResult
from studio.engine.code.calling import BadArguments
from studio.engine.component import Widget
from studio.engine.errors import ConveneError
from studio.engine.models.base import ToolSchema
from studio.engine.tools.approval import AskFirst, AskWhen, must_ask
from studio.engine.tools.base import Offered, Tool, ToolPlace
from studio.engine.tools.mcp_connection import ConnectionLost, McpConnection, ServerPrompt
from studio.engine.tools.mcp_errors import McpFailed, SignInNeeded
from studio.engine.tools.mcp_opening import connected
from studio.engine.tools.mcp_sampling import Sampling
from studio.engine.tools.mcp_transport import Stdio, Transport
from studio.texts import text

MAX_NAME = 64


class McpServer(Tool):
    """Several tools under one specification. Nothing is started or asked before a person agreed to exactly what `needs_consent` says.

    A server that ends in the middle of a call gives an error; the next call starts it anew. `list_resources`, `read_resource` and
    `get_prompt` are offered besides its tools where it has resources and prompts.
    """

    kind: ClassVar[str] = "mcp"
    title: ClassVar[str] = "MCP server"
    summary: ClassVar[str] = "Tools of a program or a web service"

    transport: Annotated[Transport, Field(title="How it is reached")] = Stdio()
    allow: Annotated[
        tuple[str, ...],
        Field(title="Only these tools", description="Their names, one a line.", max_length=256),
        Widget("lines", placeholder="all of them"),
    ] = ()
    approval: AskFirst = "never"
    approval_pattern: AskWhen = ()
    prefix: Annotated[
        str,
        Field(title="Prefix", description="Put before the names of its tools, to tell them from others.", pattern=r"^[a-zA-Z0-9_-]{0,24}$"),
        Widget("line", advanced=True, placeholder="github_"),
    ] = ""
    connect_timeout: Annotated[
        float, Field(title="Time to connect", description="Seconds.", gt=0, le=600), Widget("seconds", advanced=True)
    ] = 60.0
    timeout: Annotated[
        float, Field(title="Time limit", description="Seconds for one call.", gt=0, le=3600), Widget("seconds", advanced=True)
    ] = 60.0
    prompt: Annotated[
        str,
        Field(title="Prompt", description="One of its prompts, whose text its agents are told before they speak.", max_length=200),
        Widget("line", advanced=True),
    ] = ""
    prompt_arguments: Annotated[
        dict[str, str],
        Field(title="What the prompt is given", description="Its arguments by name.", max_length=50),
        Widget("rows", advanced=True),
    ] = {}  # noqa: RUF012 - pydantic copies it
    model_calls: Annotated[
        int,
        Field(
            title="May ask the model",
            description="How often in a run it may put a question to the model of the agent that calls it; 0 is never.",
            ge=0,
            le=1_000,
        ),
        Widget("", advanced=True),
    ] = 0

    def schemas(self, offered: Offered) -> tuple[ToolSchema, ...]:
        return tuple(schema for schema in offered.get(self.key, ()) if self._allowed(schema.name))

    @property
    def must_list(self) -> bool:
        return True

    async def list_tools(self, place: ToolPlace) -> tuple[ToolSchema, ...]:
        """Everything that it offers, the allow list aside. Raises McpFailed, McpMissing, AccountMissing, KeyWithheld, SignInNeeded."""
        connection = await self._connection(place)
        return tuple(replace(schema, name=self._shown(schema.name)) for schema in connection.schemas)

    async def prompts(self, place: ToolPlace) -> tuple[ServerPrompt, ...]:
        """The prompts that it has. Raises as `list_tools` does."""
        return (await self._connection(place)).prompts

    async def instructions(self, place: ToolPlace) -> str:
        """The text of the chosen prompt. Raises McpFailed where the server has no such prompt, or refuses to give it."""
        if not self.prompt:
            return ""
        connection = await self._connection(place)
        try:
            return await connection.prompt_text(self.prompt, self.prompt_arguments, place.folder, self.timeout)
        except (ConnectionLost, TimeoutError):
            slow = text("engine.mcp.slow_prompt", prompt=self.prompt, seconds=f"{self.timeout:g}")
            raise McpFailed(self.transport.where, slow, text("engine.mcp.slow_prompt.remedy")) from None

    @property
    def may_ask_model(self) -> int:
        return self.model_calls

    def needs_approval(self, name: str, arguments: str) -> bool:
        return must_ask(self.approval, self.approval_pattern, name, arguments)

    def needs_consent(self) -> str | None:
        if not self.model_calls:
            return self.transport.consent
        return f"{self.transport.consent}\n\n{text('engine.mcp.consent.model', count=self.model_calls)}"

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        """Raises SignInNeeded where the server did not take the call before somebody signs in."""
        began = time.monotonic()
        try:
            result = await self._result(name, read_arguments(arguments), place)
        except SignInNeeded:
            raise
        except (BadArguments, ConveneError) as mistake:
            result = FunctionResult(str(mistake), is_error=True)
        except TimeoutError:
            result = FunctionResult(f"Timed out: the server did not answer within {self.timeout:g} s.", is_error=True)
        return replace(result, seconds=round(time.monotonic() - began, 4))

    async def _result(self, name: str, arguments: dict[str, object], place: ToolPlace) -> FunctionResult:
        if not self._allowed(name):
            return FunctionResult(f"There is no tool '{name}'.", is_error=True)
        for attempt in (1, 2):
            connection = await self._connection(place)
            try:
                with connection.sampling.while_called(place.ask):
                    return await connection.call(name.removeprefix(self.prefix), arguments, place.folder, self.timeout, place.show)
            except ConnectionLost as lost:
                await place.resources.drop(self.key)
                if lost.sent or attempt == 2:
                    break
        return FunctionResult(
            "The connection ended during this call, which may or may not have had an effect. The next call opens it anew.", is_error=True
        )

    async def _connection(self, place: ToolPlace) -> McpConnection:
        connection = await self._opened(place)
        if not connection.alive:  # it ended while nobody asked: once more
            await place.resources.drop(self.key)
            connection = await self._opened(place)
        return connection

    async def _opened(self, place: ToolPlace) -> McpConnection:
        sampling = Sampling(self.timeout, bool(self.model_calls))
        return await place.resources.opened(
            self.key, lambda: connected(self.transport, place.folder, place.accounts, self.connect_timeout, sampling, place.sign_ins)
        )

    def _shown(self, name: str) -> str:
        return (self.prefix + name)[:MAX_NAME]

    def _allowed(self, shown: str) -> bool:
        return shown.startswith(self.prefix) and (not self.allow or shown.removeprefix(self.prefix) in self.allow)
