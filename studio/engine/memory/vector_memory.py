"""A memory of many texts, of which an agent is told those that are like what was said last."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from studio.engine.agents.agent import Perform
from studio.engine.component import Widget
from studio.engine.errors import FlowError
from studio.engine.events import Event, MessageSaid, Recalled, Remembered
from studio.engine.memory.base import Memory
from studio.engine.memory.embedding import Compared, Embedding, LocalEmbedding, Surroundings
from studio.engine.memory.lexical import MAX_CHARACTERS
from studio.engine.memory.store import PERSON, Found, MemoryFile
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.agents.agent import Place, Turn

RECENT = 20
"""The last messages of the conversation are not told once more: the agent reads them anyway."""

MAX_QUERY = 2_000
"""Characters of what was said last that are looked for."""

STRANGERS = "strangers"
"""The folder, among the memories of all runs, of what is said by people whom the run itself tells apart.

Each is told their own only, and however much they say, nothing of others is forgotten for it.
"""


class VectorMemory(Memory):
    """Texts are found by the words and parts of words that they share, on this machine, or by what a model says they are like."""

    kind: ClassVar[str] = "vector_memory"
    title: ClassVar[str] = "Vector memory"
    summary: ClassVar[str] = "Looks up what fits what was said"

    texts: Annotated[
        tuple[Annotated[str, Field(max_length=20_000)], ...],
        Field(title="Texts", description="What it knows from the beginning, one a line.", max_length=1_000),
        Widget("lines"),
    ] = ()
    keeps: Annotated[
        Literal["nothing", "people"],
        Field(title="Remembers", description="What is put into it during a conversation."),
    ] = "nothing"
    scope: Annotated[
        Literal["run", "everywhere"],
        Field(title="Where", description="For this run, or for all runs with a memory of this name."),
    ] = "run"
    store: Annotated[
        str,
        Field(title="Name of the memory", description="Where it is for all runs.", pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$"),
        Widget("line", advanced=True),
    ] = "memory"
    top_k: Annotated[int, Field(title="At most", description="Texts that are told at once.", ge=1, le=50)] = 5
    threshold: Annotated[
        float,
        Field(title="How like", description="From 0, a letter in common, to 1, the same words.", ge=0, le=1),
        Widget("", advanced=True),
    ] = 0.12
    embedding: Annotated[
        Embedding,
        Field(title="How texts are compared"),
        Widget("", advanced=True),
    ] = LocalEmbedding()

    def recall(self, turn: Turn, agent: str) -> Perform | None:
        said = [event for event in turn.thread if isinstance(event, MessageSaid)]
        if not said:
            return None
        return Perform("memory", partial(self._look_up, tuple(said), agent))

    async def _look_up(self, said: tuple[MessageSaid, ...], agent: str, place: Place) -> Sequence[Event]:
        """Raises MemoryUnusable, and FlowError where runs have no place for a memory of all."""
        file = self._file(place, agent)
        whose = PERSON + place.person if place.person else ""
        kept = await asyncio.to_thread(self._put_in, said, file, whose)
        remembered = [Remembered(source=agent, memory=self.key, text=text) for text in kept]
        query = said[-1].text[:MAX_QUERY]
        without = [message.text for message in said[-RECENT:]]
        wanted = (query, self.key, self.top_k, self.threshold, without, whose)
        if isinstance(self.embedding, LocalEmbedding):
            found = await asyncio.to_thread(file.query, *wanted)
            return (*remembered, Recalled(source=agent, memory=self.key, query=query, entries=_entries(found)))
        found, compared = await most_alike(file, self.embedding, place, *wanted)
        recalled = Recalled(
            source=agent, memory=self.key, query=query, entries=_entries(found), usage=compared.usage, model=compared.model or None
        )
        return (*remembered, *compared.told(agent), recalled)

    def _put_in(self, said: tuple[MessageSaid, ...], file: MemoryFile, whose: str) -> tuple[str, ...]:
        """Put in what it knows from the beginning, and what people said, of which `whose` is the origin; gives what of this was new."""
        file.add(self.texts, origin=self.key)
        if self.keeps == "nothing":
            return ()
        heard = [message for message in said if message.role in ("human", "task")]
        return tuple(text for message in heard for text in file.add((message.text,), whose, whose.removeprefix(PERSON) or message.source))

    def _file(self, place: Place, agent: str) -> MemoryFile:
        if self.scope == "run":
            return MemoryFile(place.folder / ".memory" / f"{self.key.partition(':')[2]}.db")
        if place.memories is None:
            raise FlowError(agent, text("engine.memory.no_place"), text("engine.memory.no_place.remedy"))
        folder = place.memories / STRANGERS if place.person else place.memories
        return MemoryFile(folder / f"{self.store}.db")


async def most_alike(
    file: MemoryFile,
    embedding: Embedding,
    place: Place,
    query: str,
    origin: str,
    top: int,
    threshold: float,
    without: Sequence[str],
    said: str = "",
) -> tuple[tuple[Found, ...], Compared]:
    """What `MemoryFile.query` gives, with texts compared in another way, and what that has cost. Raises ConveneError."""
    hidden = {text.strip()[:MAX_CHARACTERS] for text in without}
    kept = [each for each in await asyncio.to_thread(file.texts, origin, said) if each.text not in hidden]
    compared = await embedding.compare(query, [each.text for each in kept], Surroundings.of(place))
    scored = zip(kept, compared.scores, strict=True)
    best = sorted((Found(each.text, round(score, 4), each.source) for each, score in scored), key=lambda each: -each.score)
    return tuple(each for each in best if each.score >= max(threshold, 0.0001))[:top], compared


def _entries(found: Sequence[Found]) -> tuple[dict[str, Any], ...]:
    return tuple({"text": each.text, "score": each.score} | ({"source": each.source} if each.source else {}) for each in found)
