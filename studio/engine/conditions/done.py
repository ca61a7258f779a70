"""Stops when an agent says, by a tool of its own, that the work is done."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.conditions.condition import Condition, Met, Progress
from studio.texts import text


class Done(Condition):
    """A structured sign instead of a word in the text: models forget words, or say them too early (AutoGen issues 5870, 4807)."""

    kind: ClassVar[str] = "done"
    title: ClassVar[str] = "Agent is done"
    summary: ClassVar[str] = "When an agent that may end the conversation does so"

    sources: Annotated[
        tuple[str, ...], Field(title="Only by", description="Names of agents; empty means anybody."), Widget("lines", advanced=True)
    ] = ()

    def check(self, progress: Progress) -> Met | None:
        for event in progress.new:
            if event.type == "message" and event.role != "task" and event.done and (not self.sources or event.source in self.sources):
                return Met(text("engine.stop.done", agent=event.source), self.kind)
        return None
