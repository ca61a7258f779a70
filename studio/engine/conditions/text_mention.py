"""Stops when a message mentions a text."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.conditions.condition import Condition, Met, Progress
from studio.texts import text


class TextMention(Condition):
    kind: ClassVar[str] = "text_mention"
    title: ClassVar[str] = "Text is said"
    summary: ClassVar[str] = "A message contains a word"

    text: Annotated[str, Field(title="Text", min_length=1), Widget("line", placeholder="DONE")] = "TERMINATE"
    sources: Annotated[
        tuple[str, ...], Field(title="Only when said by", description="Names of agents; empty means anybody."), Widget("lines")
    ] = ()
    include_task: Annotated[
        bool, Field(title="The task counts too", description="Off: the task's own text never stops a run."), Widget("", advanced=True)
    ] = False

    def check(self, progress: Progress) -> Met | None:
        for event in progress.new:
            if event.type != "message" or self.text not in event.text:
                continue
            if event.role == "task" and not self.include_task:
                continue
            if self.sources and event.source not in self.sources:
                continue
            return Met(text("engine.stop.said", agent=event.source, words=self.text), self.kind)
        return None
