"""A tool by which an agent searches documents itself, when it finds that it needs to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

from studio.engine.code.base import FunctionResult
from studio.engine.documents.searching import DocumentSearch
from studio.engine.memory.documents import named
from studio.engine.models.accounts import EnvironmentAccounts
from studio.engine.models.base import Told, ToolSchema
from studio.engine.tools.base import COMPARED, Tool, ToolPlace
from studio.engine.tools.own_functions import call_function
from studio.engine.tools.schema import schema_of_function
from studio.texts import text

TIME_LIMIT = 600.0
"""Seconds of a search; the first one reads the documents and may have to ask for many embeddings."""


class SearchDocuments(DocumentSearch, Tool):
    """The documents of its form, searched as the memory of the same settings does."""

    kind: ClassVar[str] = "search_documents"
    title: ClassVar[str] = "Search in documents"
    summary: ClassVar[str] = "Looks things up in files when the agent asks"

    def schema_for_model(self) -> ToolSchema:
        return _schema()

    def needs_approval(self, name: str, arguments: str) -> bool:
        return False

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        return await call_function(_Search(self, place).search_documents, arguments, TIME_LIMIT)


@dataclass(frozen=True, slots=True)
class _Search:
    """The function as a model sees it."""

    settings: DocumentSearch
    place: ToolPlace

    async def search_documents(self, query: str) -> str:
        """Search the documents of this conversation: the passages that fit best, each with its document's name and the place in it.

        Args:
            query: What to look for, in the words that the documents may use.
        """
        if not self.settings.documents:
            return "There are no documents to search."
        found = await self.settings.search(query, self.place)
        for code, notice in found.compared.notices:
            self.place.tell(Told(notice, code))
        if found.compared.usage.calls:
            model = found.compared.model
            sentence = text("engine.search_documents.compared", model=model)
            self.place.tell(Told(sentence, COMPARED, found.compared.usage, model))
        passages = [f"[{number}] {named(entry)}\n{entry['text']}" for number, entry in enumerate(found.entries, 1)]
        return "\n\n".join(passages) or "Nothing in the documents fits. Try other words."


@cache
def _schema() -> ToolSchema:
    search = _Search(SearchDocuments(), ToolPlace(Path(), EnvironmentAccounts()))
    return schema_of_function(search.search_documents, "search_documents")
