"""Documents that an agent answers from: before it speaks it is told the passages that fit, with numbers by which it cites them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from studio.engine.agents.agent import Perform
from studio.engine.documents.searching import DocumentSearch
from studio.engine.events import Event, MessageSaid, Recalled
from studio.engine.memory.base import Memory

if TYPE_CHECKING:
    from studio.engine.agents.agent import Place, Turn

SHORT = 60
"""Characters of a message that says little by itself: then the one before it is looked for too."""

_TOLD = (
    "Passages of your documents that fit what was said last. Answer from them, and put the number of each passage that you use in"
    " brackets after what it supports, such as [1]. Cite no other numbers. Where they do not hold the answer, say so."
)
_NOTHING = "Your documents hold nothing that fits what was said last: say so if the answer must come from them, and cite nothing."


class Documents(DocumentSearch, Memory):
    """What it finds is told with numbers, counted on over all documents of the agent in one turn."""

    kind: ClassVar[str] = "documents"
    title: ClassVar[str] = "Documents"
    summary: ClassVar[str] = "Files whose passages an agent is told and cites"
    cites: ClassVar[bool] = True

    def recall(self, turn: Turn, agent: str) -> Perform | None:
        if not self.documents:
            return None
        said = [event.text for event in turn.thread if isinstance(event, MessageSaid) and event.source != agent and event.text.strip()]
        if not said:
            return None
        query = "\n".join(said[-2:]) if len(said[-1]) < SHORT else said[-1]
        before = sum(len(event.entries) for event in turn.so_far if isinstance(event, Recalled))
        return Perform("documents", partial(self._look_up, query, agent, before))

    async def _look_up(self, query: str, agent: str, before: int, place: Place) -> Sequence[Event]:
        found = await self.search(query, place)
        entries = tuple({"number": before + number} | entry for number, entry in enumerate(found.entries, 1))
        recalled = Recalled(
            source=agent,
            memory=self.key,
            query=query,
            entries=entries,
            usage=found.compared.usage,
            model=found.compared.model or None,
        )
        return (*found.compared.told(agent), recalled)

    def told(self, recalled: Recalled) -> str:
        if not recalled.entries:
            return _NOTHING
        return "\n\n".join([_TOLD, *(f"[{entry['number']}] {named(entry)}\n{entry['text']}" for entry in recalled.entries)])


def named(entry: dict[str, object]) -> str:
    """Where a passage stands: its document, and the place in it."""
    return ", ".join(str(part) for part in (entry.get("document"), entry.get("place")) if part)
