"""Stops after a number of messages."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.conditions.condition import Condition, Met, Progress


class MaxMessages(Condition):
    kind: ClassVar[str] = "max_messages"
    title: ClassVar[str] = "Number of messages"
    summary: ClassVar[str] = "After so many messages"

    max_messages: Annotated[int, Field(title="Messages", ge=1, le=100_000)] = 20
    include_task: Annotated[bool, Field(title="The task counts too"), Widget("", advanced=True)] = False

    def check(self, progress: Progress) -> Met | None:
        count = progress.messages + (progress.tasks if self.include_task else 0)
        said = "1 message was said" if count == 1 else f"{count} messages were said"
        return Met(said, self.kind) if count >= self.max_messages else None
