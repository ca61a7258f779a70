"""You choose who speaks next."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.teams.selection import Candidates, Choice, Selection


class Manual(Selection):
    kind: ClassVar[str] = "manual"
    title: ClassVar[str] = "You choose"
    summary: ClassVar[str] = "You are asked who speaks next"
