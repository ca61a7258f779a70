"""The settings of a search in documents, shared by the memory and the tool that search, and the search itself."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Protocol

from pydantic import Field

from studio.engine.component import Component, Widget
from studio.engine.documents.chunks import passages_of
from studio.engine.documents.document import MOST, Document, DocumentMissing, Shelf
from studio.engine.documents.passages import PassageFile, Scored, searched
from studio.engine.documents.reading import sections_of
from studio.engine.memory.embedding import Compared, Embedding, LocalEmbedding, Performed, Surroundings

LONGEST_QUERY = 4_000
"""Characters that are looked for."""

_FORMAT = 1
"""Changes when documents are read or cut otherwise than before: what is kept is then made anew."""


class Searching(Performed, Protocol):
    """Of where a search is performed, what it needs to know."""

    @property
    def documents(self) -> Path | None:
        """The folder in which files are kept that people dropped in, if there is any."""
        ...


@dataclass(frozen=True, slots=True)
class Passages:
    """What a search found, the best first; each entry has a text and names its document, the place in it and the score."""

    entries: tuple[dict[str, Any], ...]
    compared: Compared = field(default_factory=Compared)


class DocumentSearch(Component):
    """What a search in documents is told: which, how they are cut and compared, and how much of them is told."""

    documents: Annotated[
        tuple[Document, ...],
        Field(title="Documents", description="PDF, text, Markdown, HTML and tables as CSV.", max_length=MOST),
        Widget("documents"),
    ] = ()
    top_k: Annotated[int, Field(title="At most", description="Passages that are told at once.", ge=1, le=50)] = 4
    chunk_size: Annotated[
        int, Field(title="Length of a passage", description="In characters, at most.", ge=100, le=20_000), Widget("", advanced=True)
    ] = 1_200
    overlap: Annotated[
        int,
        Field(title="Overlap", description="Characters of a passage that the next one begins with.", ge=0, le=5_000),
        Widget("", advanced=True),
    ] = 200
    threshold: Annotated[
        float,
        Field(title="How like", description="From 0, anything, to 1, the same words.", ge=0, le=1),
        Widget("", advanced=True),
    ] = 0.05
    embedding: Annotated[Embedding, Field(title="How passages are compared"), Widget("", advanced=True)] = LocalEmbedding()

    async def search(self, query: str, place: Searching) -> Passages:
        """Read and cut what was not yet, and find what is like the query.

        Raises DocumentMissing, DocumentUnusable, PassagesUnusable and what comparing raises.
        """
        kept = place.memories if place.memories is not None else place.folder / ".memory"
        file = PassageFile(kept / ".passages.db")
        names = {self._set_of(document): document.name for document in self.documents}
        await self._read(file, place.documents)
        query = query[:LONGEST_QUERY]
        compared = Compared()
        if isinstance(self.embedding, LocalEmbedding):
            found = await asyncio.to_thread(file.query, query, list(names), self.top_k)
        else:
            found, compared = await self._compared(query, await asyncio.to_thread(file.all, list(names)), place)
        entries = tuple(_entry(names[each.held], each) for each in found if each.score >= max(self.threshold, 0.0001))
        return Passages(entries, compared)

    async def _compared(self, query: str, kept: Sequence[Scored], place: Searching) -> tuple[list[Scored], Compared]:
        compared = await self.embedding.compare(query, [searched(each.passage) for each in kept], Surroundings.of(place))
        scored = [Scored(each.held, each.passage, round(score, 4)) for each, score in zip(kept, compared.scores, strict=False)]
        return sorted(scored, key=lambda each: -each.score)[: self.top_k], compared

    async def _read(self, file: PassageFile, folder: Path | None) -> None:
        lacking = set(await asyncio.to_thread(file.lacking, [self._set_of(document) for document in self.documents]))
        for document in self.documents:
            if (key := self._set_of(document)) in lacking:
                await asyncio.to_thread(self._keep, file, key, document, folder)

    def _keep(self, file: PassageFile, key: str, document: Document, folder: Path | None) -> None:
        if folder is None and document.digest:
            raise DocumentMissing(document.name)
        content = Shelf(folder or Path()).content(document)
        file.keep(key, passages_of(sections_of(document.name, content), self.chunk_size, self.overlap))

    def _set_of(self, document: Document) -> str:
        made = f"{_FORMAT} {document.key} {self.chunk_size} {self.overlap}"
        return hashlib.sha256(made.encode("utf-8", "replace")).hexdigest()


def _entry(name: str, found: Scored) -> dict[str, Any]:
    return {"text": found.passage.text, "document": name, "place": found.passage.place, "score": found.score}
