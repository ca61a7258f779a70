"""A Claude model, asked in Anthropic's own protocol."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.models.base import Accounts, KeepAnswers, Model, ModelClient


class AnthropicModel(Model):
    """`account` names whose key is used: in the studio a stored account, in a script ANTHROPIC_API_KEY.

    Thinking is switched on by `effort` (models that decide for themselves how long they think) or by `thinking_tokens` (older ones).
    `extra` goes into the request as it is; it cannot replace the model, the messages or the streaming.
    """

    kind: ClassVar[str] = "anthropic"
    title: ClassVar[str] = "Claude"
    summary: ClassVar[str] = "Anthropic's models in their own protocol"

    model: Annotated[str, Field(title="Model", description="Its name; empty takes the account's default.")] = ""
    account: Annotated[str, Field(title="Account", description="Where it is and whose key is used."), Widget("account")] = "anthropic"
    effort: Annotated[
        Literal["", "low", "medium", "high", "xhigh", "max"],
        Field(title="Thinking effort", description="How thoroughly it thinks before it answers; empty leaves thinking off."),
        Widget("choice"),
    ] = ""
    thinking_tokens: Annotated[
        int | None,
        Field(title="Tokens for thinking", description="For models before Claude 4.6, which take a budget instead of an effort.", ge=1024),
        Widget("", advanced=True),
    ] = None
    temperature: Annotated[
        float | None, Field(title="Temperature", description="Without effect while it thinks.", ge=0, le=1), Widget("", advanced=True)
    ] = None
    max_tokens: Annotated[
        int, Field(title="Longest answer", description="In tokens, beside those for thinking.", ge=1), Widget("", advanced=True)
    ] = 8192
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
        from studio.engine.models.anthropic_client import AnthropicClient

        account = accounts.account(self.account)
        client = AnthropicClient(self, account)
        if not self.remember:
            return client
        from studio.engine.models.remembered import remembering

        return remembering(client, self, account)
