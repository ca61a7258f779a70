"""Who answers a web search: each provider says how it is asked and how its answer reads."""

from __future__ import annotations

import html
import json
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import Field, field_validator

from studio.engine.component import Component, Widget
from studio.engine.tools.addresses import AddressRefused, read_address
from studio.engine.tools.html_pieces import Piece, pieces_of
from studio.engine.tools.own_functions import CallFailed
from studio.engine.tools.web import Reach, WebAnswer, WebRequest

MAX_SNIPPET = 500

AccountName = Annotated[
    str,
    Field(
        title="Account",
        description="The model account that holds the key. Its address says where the key may go.",
        min_length=1,
        max_length=60,
    ),
    Widget("account"),
]


@dataclass(frozen=True, slots=True)
class Hit:
    """One result of a search."""

    title: str
    url: str
    snippet: str = ""


class SearchProvider(Component):
    """A service that searches the web."""

    category: ClassVar[str] = "search_provider"

    @property
    def key_of(self) -> str:
        """The account whose key it wants, empty for one that needs none."""
        return ""

    @property
    def address(self) -> str:
        """Where it is asked."""
        raise NotImplementedError

    @property
    def reach(self) -> Reach:
        return Reach()

    def asked(self, query: str, count: int, key: str) -> WebRequest:
        """The request for `count` results. `key` is empty where no account is named."""
        raise NotImplementedError

    def found(self, answer: WebAnswer) -> list[Hit]:
        """What an answer holds. Raises CallFailed for one that is no answer to a search."""
        raise NotImplementedError

    def check(self, answer: WebAnswer) -> None:
        """Raises CallFailed for an answer that says no."""
        if answer.status in (401, 403) and self.key_of:
            raise CallFailed(f"{self.title} refused the key of the account '{self.key_of}' (HTTP {answer.status}).")
        if answer.status == 429:
            raise CallFailed(f"{self.title} wants no more searches for now (HTTP 429).", "Go on without searching, or try once more later.")
        if answer.status >= 400:
            raise CallFailed(f"{self.title} could not search (HTTP {answer.status}).")


class KeyedProvider(SearchProvider):
    """A service that wants a key with every search."""

    account: AccountName = ""

    @property
    def key_of(self) -> str:
        return self.account


class Tavily(KeyedProvider):
    kind: ClassVar[str] = "tavily"
    title: ClassVar[str] = "Tavily"
    summary: ClassVar[str] = "A search service made for models; needs a key"

    account: AccountName = "tavily"

    @property
    def address(self) -> str:
        return "https://api.tavily.com/search"

    def asked(self, query: str, count: int, key: str) -> WebRequest:
        return _json_request(self.address, {"query": query, "max_results": count}, {"Authorization": f"Bearer {key}"})

    def found(self, answer: WebAnswer) -> list[Hit]:
        return _hits(_json(answer), ("results",), "url", "content")


class BraveSearch(KeyedProvider):
    kind: ClassVar[str] = "brave"
    title: ClassVar[str] = "Brave Search"
    summary: ClassVar[str] = "An index of its own; needs a key"

    account: AccountName = "brave"

    @property
    def address(self) -> str:
        return "https://api.search.brave.com/res/v1/web/search"

    def asked(self, query: str, count: int, key: str) -> WebRequest:
        url = f"{self.address}?{urllib.parse.urlencode({'q': query, 'count': count})}"
        return WebRequest(url, headers={"Accept": "application/json"}, secret_headers={"X-Subscription-Token": key})

    def found(self, answer: WebAnswer) -> list[Hit]:
        return _hits(_json(answer), ("web", "results"), "url", "description")


class Serper(KeyedProvider):
    kind: ClassVar[str] = "serper"
    title: ClassVar[str] = "Serper"
    summary: ClassVar[str] = "Google's results; needs a key"

    account: AccountName = "serper"

    @property
    def address(self) -> str:
        return "https://google.serper.dev/search"

    def asked(self, query: str, count: int, key: str) -> WebRequest:
        return _json_request(self.address, {"q": query, "num": count}, {"X-API-KEY": key})

    def found(self, answer: WebAnswer) -> list[Hit]:
        return _hits(_json(answer), ("organic",), "link", "snippet")


class GoogleSearch(KeyedProvider):
    kind: ClassVar[str] = "google_search"
    title: ClassVar[str] = "Google Programmable Search"
    summary: ClassVar[str] = "A search engine that you made there; needs a key"

    account: AccountName = "google_search"
    engine: Annotated[str, Field(title="Search engine ID", description="The cx of your search engine.", max_length=200)] = ""

    @property
    def address(self) -> str:
        return "https://customsearch.googleapis.com/customsearch/v1"

    def asked(self, query: str, count: int, key: str) -> WebRequest:
        if not self.engine.strip():
            raise CallFailed(
                "The search engine ID of Google's Programmable Search is missing.", "A person must enter it in the tool's form."
            )
        url = f"{self.address}?{urllib.parse.urlencode({'cx': self.engine.strip(), 'q': query, 'num': min(count, 10)})}"
        return WebRequest(url, secret_headers={"X-Goog-Api-Key": key})

    def found(self, answer: WebAnswer) -> list[Hit]:
        return _hits(_json(answer), ("items",), "link", "snippet")


class SearXNG(SearchProvider):
    kind: ClassVar[str] = "searxng"
    title: ClassVar[str] = "SearXNG"
    summary: ClassVar[str] = "A server of your own, without a key; its settings must allow the format json"

    url: Annotated[str, Field(title="Address", description="Of your server.", max_length=2_000), Widget("line")] = "http://localhost:8080"
    private: Annotated[
        bool, Field(title="It is in my own network", description="Allows this one host on this machine or in a private network.")
    ] = False

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        try:
            read_address(value)
        except AddressRefused as mistake:
            raise ValueError(str(mistake).rstrip(".")) from None
        return value

    @property
    def address(self) -> str:
        return f"{self.url.strip().partition('?')[0].rstrip('/').removesuffix('/search')}/search"

    @property
    def reach(self) -> Reach:
        host = read_address(self.address)
        return Reach(private_hosts=(f"{f'[{host.host}]' if ':' in host.host else host.host}:{host.port}",) if self.private else ())

    def asked(self, query: str, count: int, key: str) -> WebRequest:
        return WebRequest(f"{self.address}?{urllib.parse.urlencode({'q': query, 'format': 'json'})}")

    def check(self, answer: WebAnswer) -> None:
        if answer.status == 403:
            raise CallFailed("The SearXNG server refuses the format json.", "A person must add json to search.formats in its settings.")
        super().check(answer)

    def found(self, answer: WebAnswer) -> list[Hit]:
        return _hits(_json(answer), ("results",), "url", "content")


class DuckDuckGo(SearchProvider):
    kind: ClassVar[str] = "duckduckgo"
    title: ClassVar[str] = "DuckDuckGo"
    summary: ClassVar[str] = "Without a key, for a few searches: it turns away programs that ask often"

    @property
    def address(self) -> str:
        return "https://html.duckduckgo.com/html/"

    def asked(self, query: str, count: int, key: str) -> WebRequest:
        body = urllib.parse.urlencode({"q": query}).encode()
        return WebRequest(self.address, "POST", {"Content-Type": "application/x-www-form-urlencoded"}, body=body)

    def found(self, answer: WebAnswer) -> list[Hit]:
        if answer.status == 202 or "anomaly-modal" in answer.text:
            raise CallFailed("DuckDuckGo asks whether a person is searching.", "Wait a while, or let a person choose another provider.")
        return _listed_hits(answer.text)


def _json_request(url: str, content: Mapping[str, Any], secret: Mapping[str, str]) -> WebRequest:
    return WebRequest(url, "POST", {"Content-Type": "application/json"}, secret, json.dumps(content).encode())


def _json(answer: WebAnswer) -> Any:
    try:
        return json.loads(answer.text)
    except (ValueError, RecursionError):
        raise CallFailed("The search service answered with something that is no list of results.") from None


def _hits(content: Any, path: tuple[str, ...], url: str, snippet: str) -> list[Hit]:
    """The results at a path of a JSON answer; what does not look like one is left out."""
    for part in path:
        content = content.get(part) if isinstance(content, dict) else None
    return [
        Hit(_plain(each.get("title")) or str(each[url]), str(each[url])[:2_000], _plain(each.get(snippet)))
        for each in (content if isinstance(content, list) else [])
        if isinstance(each, dict) and isinstance(each.get(url), str) and _is_web(each[url])
    ]


def _is_web(url: str) -> bool:
    return url.lower().startswith(("http://", "https://")) and not re.search(r"\s", url)


def _plain(text: Any) -> str:
    """A text of a result without the tags and the line ends that some services leave in it."""
    if not isinstance(text, str):
        return ""
    words = "".join(piece.text for piece in pieces_of(text[:5_000]) if piece.what == "text")
    words = " ".join(html.unescape(words).split())
    return words if len(words) <= MAX_SNIPPET else words[: MAX_SNIPPET - 1] + "…"


def _listed_hits(page: str) -> list[Hit]:
    """The results on DuckDuckGo's page without scripts: links of the class result__a, each followed by its result__snippet."""
    hits: list[Hit] = []
    for kinds, link, words in _links(page):
        if "result__a" in kinds and "duckduckgo.com/y.js" not in link and _is_web(url := _target(link)):
            hits.append(Hit(words or url, url))
        elif "result__snippet" in kinds and hits:
            hits[-1] = Hit(hits[-1].title, hits[-1].url, words)
    return hits


def _links(page: str) -> Iterator[tuple[list[str], str, str]]:
    """The classes, the address and the words of every link of a page."""
    link: Piece | None = None
    words: list[str] = []
    for piece in pieces_of(page):
        if piece.what == "text":
            words.append(piece.text)
        elif piece.name == "a":
            if piece.what == "close" and link is not None:
                yield link.attribute("class").split(), link.attribute("href"), _plain("".join(words))
            link, words = (piece if piece.what == "open" else None), []


def _target(link: str) -> str:
    """Where a result leads: the service wraps it into an address of its own."""
    parts = urllib.parse.urlsplit(urllib.parse.urljoin("https://duckduckgo.com/", link))
    wrapped = urllib.parse.parse_qs(parts.query).get("uddg", [""])[0] if parts.path == "/l/" else ""
    return wrapped or urllib.parse.urlunsplit(parts)
