"""Guards of an agent: what it must not answer or say, and what happens instead."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from studio.engine.patterns import checked, found_in

INSTEAD = "This was kept back by a guard."
"""What is said where a guard says nothing of its own."""


class Guard(BaseModel):
    """Looks at what its agent hears before it answers, or at what it is about to say and to call tools with.

    When it fires the agent says `message` instead, and hands over to `hand_to` if that names somebody. A model that is asked
    answers `what`, a question, with yes or no.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    looks_at: Annotated[Literal["said", "heard"], Field(title="Looks at")] = "said"
    how: Annotated[Literal["pattern", "model"], Field(title="Fires by")] = "pattern"
    what: Annotated[
        str,
        Field(
            title="Looks for",
            description="A regular expression; or a question that the model answers with yes.",
            min_length=1,
            max_length=2_000,
        ),
    ]
    message: Annotated[str, Field(title="Says instead", max_length=4_000)] = ""
    hand_to: Annotated[str, Field(title="Hands over to", description="Empty: to nobody.", max_length=200)] = ""

    @model_validator(mode="after")
    def _pattern_is_one(self) -> Self:
        if self.how == "pattern":
            checked(self.what)
        return self

    def matches(self, text: str) -> bool:
        """Whether the pattern of one that goes by a pattern is found."""
        return self.how == "pattern" and found_in(text, self.what)
