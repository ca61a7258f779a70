"""Several models, or several tries of one, of whose answers the best is kept by a rule."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from studio.engine.component import Widget
from studio.engine.models.base import Accounts, Model, ModelClient
from studio.engine.patterns import checked


class BestOf(Model):
    """An answer fits that holds `contains`, matches `pattern` and, where `valid_json` is set, is JSON by the schema that was asked for.

    `first` asks one after another, the cheapest first, until an answer fits; the other rules ask all at once and keep one of those
    that fit. Tool calls always fit. Where no answer fits, one is kept all the same, and a person is told.
    """

    kind: ClassVar[str] = "best_of"
    title: ClassVar[str] = "Best of several"
    summary: ClassVar[str] = "Several tries, the best one kept"

    models: Annotated[
        tuple[Model, ...], Field(title="Models", description="In the order in which they are asked.", min_length=1, max_length=16)
    ]
    tries: Annotated[int, Field(title="Tries of each", ge=1, le=8)] = 1
    keep: Annotated[
        Literal["first", "longest", "shortest", "judge"],
        Field(title="Keep", description="The first that fits, the longest, the shortest, or the one that the first model judges best."),
        Widget("choice"),
    ] = "first"
    contains: Annotated[str, Field(title="It must contain", max_length=500)] = ""
    pattern: Annotated[
        str,
        Field(title="It must match", description="A regular expression, tried on every line.", max_length=500),
        Widget("line", advanced=True),
    ] = ""
    valid_json: Annotated[bool, Field(title="It must be JSON", description="By the asker's own schema, where it has one.")] = False

    @field_validator("pattern")
    @classmethod
    def _pattern_is_one(cls, pattern: str) -> str:
        return checked(pattern)

    def connect(self, accounts: Accounts) -> ModelClient:
        from studio.engine.models.best_of_client import BestOfClient

        return BestOfClient(self, accounts)
