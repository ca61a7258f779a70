"""Stops when a tool was used."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.conditions.condition import Condition, Met, Progress
from studio.texts import text


class ToolUsed(Condition):
    """AutoGen's FunctionCallTermination: the call was executed, not only wished for."""

    kind: ClassVar[str] = "tool_used"
    title: ClassVar[str] = "Tool was used"
    summary: ClassVar[str] = "When a tool has run"

    name: Annotated[
        str, Field(title="Tool", description="The name of its function; empty: any."), Widget("line", placeholder="approve")
    ] = ""
    only_success: Annotated[bool, Field(title="Only without an error"), Widget("", advanced=True)] = False

    def check(self, progress: Progress) -> Met | None:
        for event in progress.new:
            if event.type == "tool_result" and self.name in ("", event.name) and not (self.only_success and event.is_error):
                return Met(text("engine.stop.tool_used", agent=event.source, tool=event.name), self.kind)
        return None
