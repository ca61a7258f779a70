"""Workbenches as the engine's tools, and their tools under other names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from studio.engine.agentchat.core.cancellation import CancellationToken
from studio.engine.agentchat.tool_shapes import ToolOverride, ToolSchema, engine_result, engine_schema
from studio.engine.agentchat.tools import TaskTool, answered, tool_of
from studio.engine.code.base import Executor, FunctionResult
from studio.engine.errors import FlowError
from studio.engine.models import base
from studio.engine.tools.base import Offered, Tool, ToolPlace
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.agentchat.running import Run


def for_agents(tool: Any, others: Mapping[str, ToolOverride]) -> Any:
    """A tool of a workbench as an assistant is given it."""
    if not isinstance(tool, TaskTool):
        return Overridden(tool, others) if others else tool
    other = others.get(tool.name)
    if other is None:
        return tool
    return tool.called(other.name or tool.name, tool.description if other.description is None else other.description)


class Overridden:
    """A tool of a script whose workbench may call it something else."""

    def __init__(self, tool: Any, others: Mapping[str, ToolOverride]) -> None:
        self._tool, self._others = tool, dict(others)

    def playing(self, run: Run | None) -> Tool:
        return WorkbenchTool(inner=tool_of(self._tool, run), others=self._others)


class WorkbenchTool(Tool):
    """A tool under its workbench's names, with the connections of a workbench that was started."""

    kind: ClassVar[str] = "agentchat_workbench_tool"
    drawable: ClassVar[bool] = False
    summary: ClassVar[str] = "A tool of a script's workbench"

    inner: Annotated[Any, Field(exclude=True, repr=False)]
    others: dict[str, ToolOverride]
    open: Annotated[Any, Field(exclude=True, repr=False)] = None

    @property
    def key(self) -> str:
        other = {name: each.model_dump() for name, each in sorted(self.others.items())}
        return f"{self.inner.key}:{json.dumps(other, ensure_ascii=False)}"

    def schemas(self, offered: Offered) -> tuple[base.ToolSchema, ...]:
        own = self.inner.schemas({self.inner.key: offered[self.key]} if self.key in offered else {})
        return tuple(_overridden(schema, self.others) for schema in own)

    @property
    def must_list(self) -> bool:
        return bool(self.inner.must_list)

    async def list_tools(self, place: ToolPlace) -> tuple[base.ToolSchema, ...]:
        listed: tuple[base.ToolSchema, ...] = await self.inner.list_tools(self._place(place))
        return listed

    async def instructions(self, place: ToolPlace) -> str:
        told: str = await self.inner.instructions(self._place(place))
        return told

    @property
    def may_ask_model(self) -> int:
        return int(self.inner.may_ask_model)

    def needs_approval(self, name: str, arguments: str) -> bool:
        return bool(self.inner.needs_approval(self._own(name), arguments))

    def needs_consent(self) -> str | None:
        asked: str | None = self.inner.needs_consent()
        return asked

    @property
    def runs_in(self) -> Executor | None:
        executor: Executor | None = self.inner.runs_in
        return executor

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        result: FunctionResult = await self.inner.call(self._own(name), arguments, self._place(place))
        return result

    def _own(self, name: str) -> str:
        return originals(self.others, ()).get(name, name)

    def _place(self, place: ToolPlace) -> ToolPlace:
        return replace(place, resources=self.open.resources) if self.open is not None else place


class OwnWorkbench(Tool):
    """A workbench of a script's own class in a run. What it raises is a result that the model can react to."""

    kind: ClassVar[str] = "agentchat_workbench"
    drawable: ClassVar[bool] = False
    summary: ClassVar[str] = "A script's own workbench"

    owner: Annotated[Any, Field(exclude=True, repr=False)]

    @property
    def key(self) -> str:
        return f"workbench:{type(self.owner).__name__}:{id(self.owner)}"

    def schemas(self, offered: Offered) -> tuple[base.ToolSchema, ...]:
        return offered.get(self.key, ())

    @property
    def must_list(self) -> bool:
        return True

    async def list_tools(self, place: ToolPlace) -> tuple[base.ToolSchema, ...]:
        """Raises FlowError when it does not say what it has."""
        try:
            return tuple(engine_schema(each) for each in await self.owner.list_tools())
        except Exception as mistake:
            failed = text("engine.agentchat.workbench_failed", kind=type(mistake).__name__, error=str(mistake))
            raise FlowError(type(self.owner).__name__, failed, text("engine.agentchat.workbench_failed.remedy")) from mistake

    def needs_approval(self, name: str, arguments: str) -> bool:
        return False

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        async def run(given: dict[str, Any], token: CancellationToken) -> FunctionResult:
            return engine_result(await self.owner.call_tool(name, given, token))

        return await answered(arguments, run)


def originals(others: Mapping[str, ToolOverride], names: Sequence[str]) -> dict[str, str]:
    """The tools' own names by those that they are given. Raises ValueError for a name that two would have."""
    found: dict[str, str] = {}
    for own, other in others.items():
        if not other.name or other.name == own:
            continue
        if other.name in names:
            raise ValueError(f"Tool override name '{other.name}' conflicts with existing tool name.")
        if other.name in found:
            raise ValueError(f"Tool override name '{other.name}' is used by multiple tools: '{found[other.name]}' and '{own}'.")
        found[other.name] = own
    return found


def overridden(schema: ToolSchema, others: Mapping[str, ToolOverride]) -> ToolSchema:
    """A schema with another name and description, where there are any."""
    other = others.get(schema["name"])
    if other is None:
        return schema
    changed = schema.copy()
    if other.name is not None:
        changed["name"] = other.name
    if other.description is not None:
        changed["description"] = other.description
    return changed


def _overridden(schema: base.ToolSchema, others: Mapping[str, ToolOverride]) -> base.ToolSchema:
    other = others.get(schema.name, ToolOverride())
    return replace(
        schema,
        name=schema.name if other.name is None else other.name,
        description=schema.description if other.description is None else other.description,
    )
