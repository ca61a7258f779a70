"""How a memory compares texts: on this machine by the words that they share, or by what a model of an account says they are like."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Protocol

from pydantic import Field

from studio.engine.component import Component, Widget
from studio.engine.events import Event, Noticed
from studio.engine.models.base import Accounts, Piece, Retrying, Told
from studio.engine.usage import NOTHING, Usage
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.memory.vectors import VectorFile
    from studio.engine.models.embeddings import EmbeddingsClient, Vector

MOST_TEXTS = 50_000
"""Texts that one comparison looks at."""


class Performed(Protocol):
    """Of where a step or a call is performed, what a comparison needs to know."""

    @property
    def accounts(self) -> Accounts: ...

    @property
    def folder(self) -> Path: ...

    @property
    def memories(self) -> Path | None: ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a comparison uses of the outside: accounts, and the file in which vectors are kept."""

    accounts: Accounts
    vectors: Path

    @classmethod
    def of(cls, place: Performed) -> Surroundings:
        """Vectors are kept for all runs, else in the run's folder. No memory's name begins with a dot."""
        kept = place.memories if place.memories is not None else place.folder / ".memory"
        return cls(place.accounts, kept / ".vectors.db")


@dataclass(slots=True)
class Compared:
    """How like a query each of some texts is, from 0 to 1 in their order, and what asking for it has cost."""

    scores: list[float] = field(default_factory=list)
    usage: Usage = NOTHING
    model: str = ""
    notices: list[tuple[str, str]] = field(default_factory=list)

    def told(self, source: str) -> tuple[Event, ...]:
        """What a person should know of how it went: retries, waits."""
        return tuple(Noticed(source=source, code=code, text=text) for code, text in self.notices)


class Embedding(Component):
    """A way to compare texts."""

    category: ClassVar[str] = "embedding"

    @property
    def identity(self) -> str:
        """Equal specifications compare alike, in every process."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return f"{self.kind}:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:16]}"

    async def compare(self, query: str, texts: Sequence[str], place: Surroundings) -> Compared:
        """How like the query each text is. Raises AccountMissing and ModelError."""
        raise NotImplementedError


class LocalEmbedding(Embedding):
    """Words and parts of words, in any language; nothing is downloaded and nothing leaves this machine."""

    kind: ClassVar[str] = "local_embedding"
    title: ClassVar[str] = "On this machine"
    summary: ClassVar[str] = "By the words and parts of words that texts share: free, offline, in any language"

    async def compare(self, query: str, texts: Sequence[str], place: Surroundings) -> Compared:
        from studio.engine.memory.lexical import embedding, similarity

        def scores() -> list[float]:
            asked = embedding(query)
            return [similarity(asked, embedding(text)) for text in texts[:MOST_TEXTS]]

        return Compared(await asyncio.to_thread(scores))


class AccountEmbedding(Embedding):
    """`account` names where the model is, as that of a model does. Vectors are kept on disk by what is in the texts."""

    kind: ClassVar[str] = "account_embedding"
    title: ClassVar[str] = "A model account"
    summary: ClassVar[str] = "By their meaning, as an embedding model sees it: the texts are sent to its server"

    model: Annotated[str, Field(title="Embedding model", description="Its name on the server.", max_length=200)] = "text-embedding-3-small"
    account: Annotated[str, Field(title="Account", description="Where it is and whose key is used."), Widget("account")] = "openai"
    dimensions: Annotated[
        int | None,
        Field(title="Dimensions", description="Numbers of a vector; empty: as the model has it.", ge=1, le=100_000),
        Widget("", advanced=True),
    ] = None
    batch: Annotated[int, Field(title="Texts a request", ge=1, le=2_048), Widget("", advanced=True)] = 64
    timeout: Annotated[
        float,
        Field(title="Time limit", description="Seconds without a word from the server.", gt=0, le=3600),
        Widget("seconds", advanced=True),
    ] = 60.0
    retries: Annotated[int, Field(title="Retries", ge=0, le=10), Widget("", advanced=True)] = 2

    async def compare(self, query: str, texts: Sequence[str], place: Surroundings) -> Compared:
        from studio.engine.memory.vectors import VectorFile, likeness
        from studio.engine.models.embeddings import EmbeddingsClient

        compared = Compared()
        texts = texts[:MOST_TEXTS]
        wanted = list(dict.fromkeys(text for text in (query, *texts) if text.strip()))
        if not query.strip() or len(wanted) < 2:
            compared.scores = [0.0] * len(texts)
            return compared
        client = EmbeddingsClient(
            place.accounts.account(self.account),
            self.model,
            dimensions=self.dimensions,
            batch=self.batch,
            timeout=self.timeout,
            retries=self.retries,
        )
        file = VectorFile(place.vectors)
        known = await asyncio.to_thread(file.find, client.identity, wanted)
        try:
            await self._learn(client, file, known, wanted, compared)
        finally:
            await client.close()

        def scores() -> list[float]:
            asked = known[query]
            return [max(0.0, min(1.0, likeness(asked, known[text]))) if text.strip() else 0.0 for text in texts]

        compared.scores = await asyncio.to_thread(scores)
        return compared

    async def _learn(
        self, client: EmbeddingsClient, file: VectorFile, known: dict[str, Vector], wanted: Sequence[str], compared: Compared
    ) -> None:
        """Ask for the vectors that are not kept, and keep each batch as it comes: a run that is stopped loses one batch at most."""
        missing = [text for text in wanted if text not in known]

        def heard(piece: Piece) -> None:
            if isinstance(piece, Retrying):
                compared.notices.append(("retry", text("engine.memory.attempt_compare", attempt=piece.attempt, why=piece.why)))
            elif isinstance(piece, Told):
                compared.notices.append((piece.code, piece.text))

        for start in range(0, len(missing), self.batch):
            part = missing[start : start + self.batch]
            answered = await client.vectors(part, heard)
            new = dict(zip(part, answered.found, strict=True))
            await asyncio.to_thread(file.keep, client.identity, new)
            known |= new
            compared.usage = compared.usage + answered.usage
            compared.model = answered.model
