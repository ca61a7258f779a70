"""Asking several models for one answer: their clients, opened when they are needed, and listening to one of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence

from studio.engine.bill import owe
from studio.engine.errors import ModelError, ModelRefused, ModelUnavailable
from studio.engine.models.base import Accounts, Model, ModelClient, ModelReply, ModelRequest, Piece
from studio.texts import text


class Clients:
    """The clients of several models. A model whose account is missing fails when it is asked, not before."""

    def __init__(self, models: Sequence[Model], accounts: Accounts) -> None:
        self.models = tuple(models)
        self._accounts = accounts
        self._open: dict[int, ModelClient] = {}

    def name(self, number: int) -> str:
        """What people call a model."""
        model = self.models[number]
        return str(getattr(model, "model", "") or getattr(model, "account", "") or model.title or model.kind)

    async def ask(self, number: int, request: ModelRequest, patience: float | None = None) -> AsyncGenerator[Piece]:
        """What one of the models yields; what it has answered is owed until somebody counts it.

        Raises what its client raises, and ModelUnavailable after `patience` seconds.
        """
        if number not in self._open:
            self._open[number] = self.models[number].connect(self._accounts)
        limit = None if patience is None else asyncio.get_running_loop().time() + patience
        async with contextlib.aclosing(self._open[number].stream(request)) as pieces:  # type: ignore[type-var]
            while True:
                try:
                    async with asyncio.timeout_at(limit) as waiting:
                        piece = await anext(pieces, None)
                except TimeoutError:
                    if not waiting.expired():
                        raise
                    sentence = text("engine.model.no_whole_answer", model=self.name(number), seconds=f"{patience:g}")
                    raise ModelUnavailable(sentence, text("engine.model.no_whole_answer.remedy")) from None
                if piece is None:
                    return
                if isinstance(piece, ModelReply):
                    owe(piece.usage, piece.model, piece)
                yield piece

    async def close(self) -> None:
        clients, self._open = self._open, {}
        for client in clients.values():
            await client.close()


def refused(reply: ModelReply, beginnings: Sequence[str] = ()) -> bool:
    """Whether a reply is no answer: withheld by a filter, declined by the model, or empty."""
    said = reply.text.strip().casefold()
    if reply.calls:
        return False
    return (
        not said or reply.finish in ("content_filter", "refusal") or any(said.startswith(words.strip().casefold()) for words in beginnings)
    )


def all_failed(failures: Sequence[tuple[str, ModelError]]) -> ModelError:
    """One error for the failures of all models, by their names. Where one of them may pass, so may the whole."""
    if len(failures) == 1:
        return failures[0][1]
    told = " ".join(f"{name}: {failure.sentence}" for name, failure in failures)
    kind = ModelRefused if all(isinstance(failure, ModelRefused) for _, failure in failures) else ModelUnavailable
    last = failures[-1][1]
    sentence = text("engine.model.none_answered", count=len(failures), failures=told)
    return kind(sentence, last.remedy, account=last.account, url=last.url, status=last.status)
