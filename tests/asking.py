"""Asking a model client in tests, and what came of it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from model_server import ModelServer

from studio.engine.events import YOU, MessageSaid
from studio.engine.models.base import Account, Delta, ModelClient, ModelReply, ModelRequest, Retrying
from studio.engine.models.openai_client import OpenAIClient
from studio.engine.models.openai_model import OpenAIModel
from studio.engine.models.quirks import Quirks

KEY = "sk-test-1234567890abcdef"


@dataclass
class Asked:
    """Everything that a client yielded."""

    pieces: list[Any] = field(default_factory=list)

    @property
    def deltas(self) -> list[Delta]:
        return [piece for piece in self.pieces if isinstance(piece, Delta)]

    @property
    def retries(self) -> list[Retrying]:
        return [piece for piece in self.pieces if isinstance(piece, Retrying)]

    @property
    def reply(self) -> ModelReply:
        (reply,) = [piece for piece in self.pieces if isinstance(piece, ModelReply)]
        return reply


async def ask(client: ModelClient, request: ModelRequest, into: Asked | None = None) -> Asked:
    asked = into or Asked()
    async with contextlib.aclosing(client.stream(request)) as pieces:  # type: ignore[type-var]
        async for piece in pieces:
            asked.pieces.append(piece)
    return asked


def task(text: str = "Do it.", agent: str = "ann", system: str = "You are ann.", **more: Any) -> ModelRequest:
    return ModelRequest(agent=agent, system=system, thread=(MessageSaid(source=YOU, role="task", text=text),), **more)


class OneAccount:
    """Accounts that know one."""

    def __init__(self, base_url: str | None, key: str | None = KEY, name: str = "lab", **more: Any) -> None:
        self._account = Account(name, base_url, key, **more)

    def account(self, name: str) -> Account:
        assert name == self._account.name
        return self._account


def client_of(server: ModelServer | str, *, quirks: Quirks | None = None, key: str | None = KEY, **settings: Any) -> OpenAIClient:
    """A client of a server of the OpenAI protocol, or of an address, which tries once."""
    address = server if isinstance(server, str) else server.base_url
    settings = {"model": "m", "account": "lab", "retries": 0, "timeout": 5.0} | settings
    return OpenAIClient(OpenAIModel(**settings), Account("lab", address, key), quirks)


def texts(deltas: Sequence[Delta], kind: str = "text") -> str:
    return "".join(delta.text for delta in deltas if delta.kind == kind)
