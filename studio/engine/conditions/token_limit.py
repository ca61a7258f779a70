"""Stops when so many tokens are used."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.conditions.condition import Condition, Met, Progress


class TokenLimit(Condition):
    kind: ClassVar[str] = "token_limit"
    title: ClassVar[str] = "Tokens"
    summary: ClassVar[str] = "When so many tokens are used"

    total: Annotated[int | None, Field(title="Tokens in total", ge=1)] = 100_000
    prompt: Annotated[int | None, Field(title="Tokens sent", ge=1), Widget("", advanced=True)] = None
    completion: Annotated[int | None, Field(title="Tokens answered", ge=1), Widget("", advanced=True)] = None
