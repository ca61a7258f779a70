"""The drawn edges say who speaks after whom."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.teams.selection import Candidates, Choice, Selection


class FollowEdges(Selection):
    kind: ClassVar[str] = "follow_edges"
    title: ClassVar[str] = "Follow the edges"
    summary: ClassVar[str] = "The drawn arrows say who speaks after whom"
