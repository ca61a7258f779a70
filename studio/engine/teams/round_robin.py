"""Everybody in turn."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.teams.selection import Candidates, Choice, Selection


class RoundRobin(Selection):
    kind: ClassVar[str] = "round_robin"
    title: ClassVar[str] = "Round robin"
    summary: ClassVar[str] = "Everybody in turn"
