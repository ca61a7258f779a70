"""Stop rules made of stop rules: any of them, or all of them."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from studio.engine.conditions.condition import Condition, Met, Progress


class AnyOf(Condition):
    kind: ClassVar[str] = "any_of"
    title: ClassVar[str] = "Any of"
    summary: ClassVar[str] = "When one of several rules is met"

    conditions: Annotated[tuple[Condition, ...], Field(title="Rules", min_length=1)]


class AllOf(Condition):
    """Each rule is remembered once it was met; they need not be met at the same moment."""

    kind: ClassVar[str] = "all_of"
    title: ClassVar[str] = "All of"
    summary: ClassVar[str] = "When all of several rules were met"

    conditions: Annotated[tuple[Condition, ...], Field(title="Rules", min_length=1)]
