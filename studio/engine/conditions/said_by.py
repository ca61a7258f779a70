"""Stops when one of some agents has spoken."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.conditions.condition import Condition, Met, Progress
from studio.texts import text


class SaidBy(Condition):
    """AutoGen's SourceMatchTermination, and with `sources` empty its TextMessageTermination: anybody's message."""

    kind: ClassVar[str] = "said_by"
    title: ClassVar[str] = "Somebody spoke"
    summary: ClassVar[str] = "When a certain agent has spoken"

    sources: Annotated[tuple[str, ...], Field(title="Who", description="Names of agents; empty means anybody."), Widget("lines")] = ()

    def check(self, progress: Progress) -> Met | None:
        for event in progress.new:
            if event.type == "message" and event.role != "task" and (not self.sources or event.source in self.sources):
                return Met(text("engine.stop.spoke", agent=event.source), self.kind)
        return None
