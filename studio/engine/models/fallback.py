"""Several models in order: the next one answers when the one before it cannot."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.models.base import Accounts, Model, ModelClient


class FallbackModel(Model):
    """Asks `models` in their order. The next one is asked after an error that its own retries did not mend, after `patience` seconds, at
    once where a server asks to be left alone for longer than 8 seconds (`tries.LONGEST_PAUSE`) or than `patience`, or when an answer was
    refused: by the server's filter, by the model itself, by saying nothing, or by one of the words in `refusals`.
    """

    kind: ClassVar[str] = "fallback"
    title: ClassVar[str] = "Fallback list"
    summary: ClassVar[str] = "The next model when one fails"

    models: Annotated[
        tuple[Model, ...], Field(title="Models", description="In the order in which they are asked.", min_length=1, max_length=16)
    ]
    patience: Annotated[
        float | None,
        Field(
            title="Patience",
            description="Seconds for a whole answer before the next is asked; empty waits as long as a model does.",
            gt=0,
            le=3600,
        ),
        Widget("seconds"),
    ] = None
    refusals: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=200)], ...],
        Field(title="Refused when it begins with", description="Such as: I'm sorry, but I can't", max_length=50),
        Widget("lines", advanced=True),
    ] = ()

    def connect(self, accounts: Accounts) -> ModelClient:
        from studio.engine.models.fallback_client import FallbackClient

        return FallbackClient(self, accounts)
