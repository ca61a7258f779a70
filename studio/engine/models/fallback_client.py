"""Asking the models of a fallback list, one after another, until one answers."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from studio.engine.errors import ModelError, ModelUnavailable
from studio.engine.models.base import Accounts, ModelReply, ModelRequest, Piece, Retrying, Told
from studio.engine.models.several import Clients, all_failed, refused
from studio.engine.models.tries import LONGEST_PAUSE
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.models.fallback import FallbackModel


class FallbackClient:
    def __init__(self, model: FallbackModel, accounts: Accounts) -> None:
        self._model = model
        self._clients = Clients(model.models, accounts)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Piece]:
        """The pieces of the first model that answers; what the others streamed before is void. Raises ModelError when none does.

        The last model's answer counts even when it is a refusal, and nobody hurries it. One before it whose server asks to be left alone
        for longer than a client would pause of itself is not waited for.
        """
        failures: list[tuple[str, ModelError]] = []
        last = len(self._clients.models) - 1
        longest = min(LONGEST_PAUSE, self._model.patience or LONGEST_PAUSE)
        for number in range(last + 1):
            name = self._clients.name(number)
            try:
                async with contextlib.aclosing(
                    self._clients.ask(number, request, self._model.patience if number < last else None)
                ) as pieces:
                    async for piece in pieces:
                        if number < last and isinstance(piece, ModelReply) and refused(piece, self._model.refusals):
                            yield Told(text("engine.model.refused_to_answer", model=name), "refused", piece.usage, piece.model)
                            yield Retrying(1, text("engine.model.refused_to_answer", model=name), 0.0, self._clients.name(number + 1))
                            break
                        if number < last and isinstance(piece, Retrying) and piece.wait > longest:
                            raise ModelUnavailable(piece.why, "")
                        yield piece
                    else:
                        return
            except ModelError as failure:
                failures.append((name, failure))
                if number == last:
                    raise all_failed(failures) from None
                yield Retrying(1, failure.sentence, 0.0, self._clients.name(number + 1))

    async def close(self) -> None:
        await self._clients.close()
