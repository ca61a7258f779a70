"""A tool that searches the web with the provider that the user chose."""

from __future__ import annotations

from functools import cache
from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.code.base import FunctionResult
from studio.engine.component import Widget
from studio.engine.models.base import ToolSchema
from studio.engine.tools.account_keys import AccountKeys
from studio.engine.tools.addresses import read_address
from studio.engine.tools.approval import AskFirst, AskWhen, must_ask
from studio.engine.tools.base import Tool, ToolPlace
from studio.engine.tools.own_functions import CallFailed, call_function
from studio.engine.tools.schema import schema_of_function
from studio.engine.tools.search_providers import DuckDuckGo, Hit, SearchProvider
from studio.engine.tools.web import fetch

MAX_QUERY = 400


class WebSearch(Tool):
    """One function, `web_search`: its result is a numbered list of titles, addresses and excerpts."""

    kind: ClassVar[str] = "web_search"
    title: ClassVar[str] = "Web search"
    summary: ClassVar[str] = "Searches the web"

    provider: Annotated[SearchProvider, Field(title="Provider")] = DuckDuckGo()
    results: Annotated[int, Field(title="Results", description="At most so many.", ge=1, le=20)] = 5
    approval: AskFirst = "never"
    approval_pattern: AskWhen = ()
    timeout: Annotated[float, Field(title="Time limit", description="Seconds.", gt=0, le=300), Widget("seconds", advanced=True)] = 20.0

    def schema_for_model(self) -> ToolSchema:
        return _schema()

    def needs_approval(self, name: str, arguments: str) -> bool:
        return must_ask(self.approval, self.approval_pattern, name, arguments)

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        async def web_search(query: str) -> str:
            return await self.found(query, place)

        return await call_function(web_search, arguments, self.timeout + 1.0)

    async def found(self, query: str, place: ToolPlace) -> str:
        """The numbered list of what is found. Raises CallFailed, AddressRefused, WebFailed, AccountMissing and KeyWithheld."""
        query = " ".join(query.split())
        if not query or len(query) > MAX_QUERY:
            raise CallFailed(f"A query must have 1 to {MAX_QUERY} characters.")
        address, account = read_address(self.provider.address), self.provider.key_of
        key = AccountKeys(place.accounts).key(account, address, known_as=self.provider.kind) if account else ""
        request = self.provider.asked(query, self.results, key)
        answer = await fetch(request, self.provider.reach, timeout=self.timeout)
        self.provider.check(answer)
        hits = list({hit.url: hit for hit in self.provider.found(answer)}.values())[: self.results]
        return "\n".join(_listed(number, hit) for number, hit in enumerate(hits, 1)) or f"Nothing was found for '{query}'."


async def web_search(query: str) -> str:
    """Search the web. Gives a numbered list of pages with their addresses and what they say about the query.

    Args:
        query: What to search for, in a few words.
    """
    raise CallFailed("A search is asked where its tool says.")


@cache
def _schema() -> ToolSchema:
    return schema_of_function(web_search)


def _listed(number: int, hit: Hit) -> str:
    return f"{number}. {hit.title}\n   {hit.url}" + (f"\n   {hit.snippet}" if hit.snippet else "")
