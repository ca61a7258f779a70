"""Workbenches: tools that are given together, called by agents in runs and by scripts themselves."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

from studio.engine.agentchat.by_hand import ByHand
from studio.engine.agentchat.core.cancellation import CancellationToken
from studio.engine.agentchat.core.component import ComponentBase
from studio.engine.agentchat.tool_shapes import ToolOverride, ToolResult, ToolSchema, engine_schema, shown_schema, told_text
from studio.engine.agentchat.tools import StreamTool, TaskTool, names_of, tool_of
from studio.engine.agentchat.workbench_tools import OwnWorkbench, for_agents, originals, overridden
from studio.engine.code.calling import error_of
from studio.engine.tools.base import Tool


class Workbench(ComponentBase, ABC):
    """A workbench of your own needs `list_tools` and `call_tool`. A run asks it once what it has."""

    component_type = "workbench"

    @abstractmethod
    async def list_tools(self) -> list[ToolSchema]: ...

    @abstractmethod
    async def call_tool(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        cancellation_token: CancellationToken | None = None,
        call_id: str | None = None,
    ) -> ToolResult: ...

    @abstractmethod
    async def start(self) -> None: ...

    @abstractmethod
    async def stop(self) -> None: ...

    @abstractmethod
    async def reset(self) -> None: ...

    @abstractmethod
    async def save_state(self) -> Mapping[str, Any]: ...

    @abstractmethod
    async def load_state(self, state: Mapping[str, Any]) -> None: ...

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *mistake: object) -> None:
        await self.stop()

    def tools_for_agents(self) -> list[Any]:
        """What an assistant is given, which `tool_of` takes."""
        return [self]

    def component(self) -> Tool:
        return OwnWorkbench(owner=self)


class StaticWorkbench(Workbench):
    """Tools that stay the same; `tool_overrides` are other names and descriptions for them, by name."""

    def __init__(self, tools: Sequence[Any], tool_overrides: Mapping[str, ToolOverride] | None = None) -> None:
        """Raises ValueError for two tools of one name, what is no tool, FlowError for what a model could not be told how to call."""
        self.tools = list(tools)
        self._others = dict(tool_overrides or {})
        self._named = originals(self._others, [_name(each) for each in self.tools])
        self._open: ByHand | None = None

    def tools_for_agents(self) -> list[Any]:
        return [for_agents(each, self._others) for each in self.tools]

    async def list_tools(self) -> list[ToolSchema]:
        """Their schemas. Raises what asking a server raises."""
        async with self._place() as place:
            return [overridden(schema, self._others) for each in self.tools for schema in await _offered(each, place)]

    async def call_tool(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        cancellation_token: CancellationToken | None = None,
        call_id: str | None = None,
    ) -> ToolResult:
        """Mistakes are results. Raises CancelledError once the token is cancelled."""
        own = self._named.get(name, name)
        async with self._place() as place:
            for each in self.tools:
                if own in [schema["name"] for schema in await _offered(each, place)]:
                    return await _called(each, own, arguments or {}, cancellation_token, call_id, place, name)
        return told_text(name, f"Tool {name} not found.", is_error=True)

    async def start(self) -> None:
        """From here on what tools open stays open, until `stop`."""
        if self._open is None:
            self._open = ByHand()

    async def stop(self) -> None:
        place, self._open = self._open, None
        if place is not None:
            await place.close()

    async def reset(self) -> None:
        return

    async def save_state(self) -> Mapping[str, Any]:
        """What the tools keep, by name; most keep nothing."""
        kept = {_name(each): await each.save_state_json() if hasattr(each, "save_state_json") else {} for each in self.tools}
        return {"type": "StaticWorkbenchState", "tools": kept}

    async def load_state(self, state: Mapping[str, Any]) -> None:
        kept = state.get("tools", {})
        for each in self.tools:
            if _name(each) in kept and hasattr(each, "load_state_json"):
                await each.load_state_json(kept[_name(each)])

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[ByHand]:
        """That of a workbench that was started, or one for this call."""
        if self._open is not None:
            yield self._open
            return
        place = ByHand()
        try:
            yield place
        finally:
            await place.close()


class StaticStreamWorkbench(StaticWorkbench):
    """The same; tools that tell something while they work can be listened to."""

    async def call_tool_stream(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        cancellation_token: CancellationToken | None = None,
        call_id: str | None = None,
    ) -> AsyncGenerator[Any, None]:
        """What the tool tells, and at last a ToolResult."""
        own = self._named.get(name, name)
        tool = next((each for each in self.tools if isinstance(each, StreamTool) and each.name == own), None)
        if tool is None:
            yield await self.call_tool(name, arguments, cancellation_token, call_id)
            return
        last: Any = None
        try:
            async for told in tool.run_json_stream(arguments or {}, cancellation_token or CancellationToken(), call_id):
                if last is not None:
                    yield last
                last = told
            yield told_text(name, tool.return_value_as_string(last))
        except Exception as mistake:
            if last is not None:
                yield last
            yield told_text(name, error_of(mistake, None), is_error=True)


def _name(value: Any) -> str:
    """Whose name `tool_overrides` and a state go by. Raises ValueError for what is no tool."""
    return next(iter(names_of(value)), None) or str(getattr(value, "name", ""))


async def _offered(value: Any, place: ByHand) -> list[ToolSchema]:
    if isinstance(value, TaskTool):
        return [shown_schema(engine_schema(value.schema))]
    return [shown_schema(schema) for schema in await place.schemas(tool_of(value, None))]


async def _called(
    value: Any, name: str, arguments: Mapping[str, Any], token: CancellationToken | None, call_id: str | None, place: ByHand, shown: str
) -> ToolResult:
    if not isinstance(value, TaskTool):
        return await place.called(tool_of(value, None), name, arguments, token, shown)
    asked = asyncio.ensure_future(value.run_json(arguments, token, call_id))
    if token is not None:
        token.link_future(asked)
    try:
        return told_text(shown, value.return_value_as_string(await asked))
    except Exception as mistake:
        return told_text(shown, error_of(mistake, None), is_error=True)
