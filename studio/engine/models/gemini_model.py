"""A Gemini model, asked in Google's own protocol."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.models.base import Accounts, KeepAnswers, Model, ModelClient


class GeminiModel(Model):
    """`account` names whose key is used: in the studio a stored account, in a script GEMINI_API_KEY or GOOGLE_API_KEY.

    Models that think do so unless `thinking_tokens` is 0; `thinking_level` is for Gemini 3 and later, `thinking_tokens` for those before.
    `extra` goes into the request's configuration as it is (`top_k`, `safety_settings`).
    """

    kind: ClassVar[str] = "gemini"
    title: ClassVar[str] = "Gemini"
    summary: ClassVar[str] = "Google's models in their own protocol"

    model: Annotated[str, Field(title="Model", description="Its name; empty takes the account's default.")] = ""
    account: Annotated[str, Field(title="Account", description="Where it is and whose key is used."), Widget("account")] = "gemini"
    thinking_level: Annotated[
        Literal["", "minimal", "low", "medium", "high"],
        Field(title="Thinking level", description="How thoroughly it thinks before it answers; empty leaves it to the model."),
        Widget("choice"),
    ] = ""
    thinking_tokens: Annotated[
        int | None,
        Field(title="Tokens for thinking", description="For models before Gemini 3; 0 is none, -1 leaves it to the model.", ge=-1),
        Widget("", advanced=True),
    ] = None
    temperature: Annotated[float | None, Field(title="Temperature", ge=0, le=2), Widget("", advanced=True)] = None
    max_tokens: Annotated[int | None, Field(title="Longest answer", description="In tokens.", ge=1), Widget("", advanced=True)] = None
    timeout: Annotated[
        float,
        Field(title="Time limit", description="Seconds without a word from the server.", gt=0, le=3600),
        Widget("seconds", advanced=True),
    ] = 60.0
    retries: Annotated[int, Field(title="Retries", ge=0, le=10), Widget("", advanced=True)] = 2
    remember: KeepAnswers = False
    extra: Annotated[
        dict[str, Any], Field(title="Other parameters", description="Sent along as they are."), Widget("rows", advanced=True)
    ] = {}  # noqa: RUF012 - pydantic copies it

    def connect(self, accounts: Accounts) -> ModelClient:
        from studio.engine.models.gemini_client import GeminiClient

        account = accounts.account(self.account)
        client = GeminiClient(self, account)
        if not self.remember:
            return client
        from studio.engine.models.remembered import remembering

        return remembering(client, self, account)
