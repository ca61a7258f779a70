"""A model chooses who speaks next."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.teams.selection import Candidates, Choice, Selection


class ModelChoice(Selection):
    kind: ClassVar[str] = "model_choice"
    title: ClassVar[str] = "Model chooses"
    summary: ClassVar[str] = "A model reads along and names the next speaker"

    instruction: Annotated[
        str, Field(title="How to choose", description="Added to what the choosing model is told."), Widget("text")
    ] = ""
    allow_repeat: Annotated[bool, Field(title="Somebody may speak twice in a row")] = False
    max_attempts: Annotated[int, Field(title="Attempts", description="Before it falls back to the next in order.", ge=1, le=10)] = 3
