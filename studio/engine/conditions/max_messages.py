"""Stops after a number of messages."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.conditions.condition import Condition, Met, Progress
from studio.texts import counted


class MaxMessages(Condition):
    kind: ClassVar[str] = "max_messages"
    title: ClassVar[str] = "Number of messages"
    summary: ClassVar[str] = "After so many messages"

    max_messages: Annotated[int, Field(title="Messages", ge=1, le=100_000)] = 20
    include_task: Annotated[bool, Field(title="The task counts too"), Widget("", advanced=True)] = False

    def check(self, progress: Progress) -> Met | None:
        count = progress.messages + (progress.tasks if self.include_task else 0)
        return Met(counted("engine.stop.messages", count), self.kind) if count >= self.max_messages else None
