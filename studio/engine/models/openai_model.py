"""A model behind any server that speaks the OpenAI protocol."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.models.base import Accounts, KeepAnswers, Model, ModelClient


class OpenAIModel(Model):
    """`account` names where the model is: in the studio a stored account, in a script <ACCOUNT>_API_KEY and <ACCOUNT>_BASE_URL.

    `extra` goes into the request as it is, for what only some servers understand (`seed`, `reasoning_effort`, a `response_format` that
    holds a choosing model to the candidates' names); it cannot replace the model, the messages or the streaming.
    """

    kind: ClassVar[str] = "openai"
    title: ClassVar[str] = "Model"
    summary: ClassVar[str] = "OpenAI, or any server that speaks its protocol"

    model: Annotated[str, Field(title="Model", description="Its name on the server; empty takes the account's default.")] = ""
    account: Annotated[str, Field(title="Account", description="Where it is and whose key is used."), Widget("account")] = "openai"
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
        from studio.engine.models.openai_client import OpenAIClient

        account = accounts.account(self.account)
        client = OpenAIClient(self, account)
        if not self.remember:
            return client
        from studio.engine.models.remembered import remembering

        return remembering(client, self, account)
