"""Tools that a script calls itself, outside of any run."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from studio.engine.advance import Environment
from studio.engine.agentchat.core.cancellation import CancellationToken
from studio.engine.agentchat.environment import script_environment
from studio.engine.agentchat.tool_shapes import ToolResult, result_of
from studio.engine.code.base import CodeSession, FunctionResult, Sandbox
from studio.engine.models.base import ToolSchema
from studio.engine.tools.base import Tool, ToolPlace
from studio.engine.tools.resources import Resources


class ByHand:
    """A place for calls: a folder, accounts, and what tools open, until `close`."""

    def __init__(self) -> None:
        self.resources = Resources()
        self._stack = ExitStack()
        self._around: Environment | None = None

    def _environment(self) -> Environment:
        if self._around is None:
            self._around = self._stack.enter_context(script_environment())
        return self._around

    def place(self, session: CodeSession | None = None) -> ToolPlace:
        environment = self._environment()
        folder = environment.folder() if callable(environment.folder) else environment.folder
        return ToolPlace(folder, environment.accounts, self.resources, session)

    async def schemas(self, tool: Tool) -> tuple[ToolSchema, ...]:
        """What a tool offers now. Raises FlowError, and what asking a server raises."""
        return tool.schemas({tool.key: await tool.list_tools(self.place())} if tool.must_list else {})

    async def called(self, tool: Tool, name: str, arguments: Mapping[str, Any], token: CancellationToken | None, shown: str) -> ToolResult:
        """What a call came to, under the name `shown`. Raises CancelledError once the token is cancelled."""
        call = asyncio.ensure_future(self._called(tool, name, json.dumps(dict(arguments), default=str)))
        if token is not None:
            token.link_future(call)
        return result_of(shown, await call, self.place().folder)

    async def _called(self, tool: Tool, name: str, arguments: str) -> FunctionResult:
        executor = tool.runs_in
        if executor is None:
            return await tool.call(name, arguments, self.place())
        environment = self._environment()
        if await executor.needs_consent() and not environment.allow_local_code:
            return FunctionResult("It was not run: its code may run on this machine only with CONVENE_ALLOW_LOCAL_CODE=1.", is_error=True)
        session = executor.open(Sandbox("script", self.place().folder, environment.docker_image))
        try:
            return await tool.call(name, arguments, self.place(session))
        finally:
            await session.close()

    async def close(self) -> None:
        """End what tools opened, and remove the folder."""
        await self.resources.close()
        stack, self._stack, self._around = self._stack, ExitStack(), None
        await asyncio.to_thread(stack.close)
