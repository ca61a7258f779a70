"""The practice model: plays scripted replies, streams like a real model, needs no key and says that it is only practice."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.models.base import Model


class PracticeModel(Model):
    """`script` maps an agent's (or a choosing team's) name to its replies in order.

    A reply is a text, or an object {"tool": name, "arguments": {...}} that calls a tool. After the last reply it starts over.
    """

    kind: ClassVar[str] = "practice"
    title: ClassVar[str] = "Practice model"
    summary: ClassVar[str] = "Plays scripted replies, offline and free"

    script: Annotated[dict[str, tuple[Any, ...]], Field(title="Script", description="What each agent says, in order."), Widget("script")] = {}
    words_per_second: Annotated[float, Field(title="Words per second", description="0 answers at once.", ge=0, le=1000)] = 40.0
