"""Stops when so many tokens are used."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.conditions.condition import Condition, Met, Progress
from studio.texts import text


class TokenLimit(Condition):
    kind: ClassVar[str] = "token_limit"
    title: ClassVar[str] = "Tokens"
    summary: ClassVar[str] = "When so many tokens are used"

    total: Annotated[int | None, Field(title="Tokens in total", ge=1)] = 100_000
    prompt: Annotated[int | None, Field(title="Tokens sent", ge=1), Widget("", advanced=True)] = None
    completion: Annotated[int | None, Field(title="Tokens answered", ge=1), Widget("", advanced=True)] = None

    def check(self, progress: Progress) -> Met | None:
        used = progress.usage
        for limit, count, key in (
            (self.total, used.total_tokens, "engine.stop.tokens_used"),
            (self.prompt, used.prompt_tokens, "engine.stop.tokens_sent"),
            (self.completion, used.completion_tokens, "engine.stop.tokens_answered"),
        ):
            if limit is not None and count >= limit:
                return Met(text(key, tokens=f"{count:,}", limit=f"{limit:,}"), self.kind)
        return None
