"""Web pages and web searches as tools, against a server that answers as each test says."""

from __future__ import annotations

import json

import pytest
from scripted_server import Asked, Scripted, Write, always, reply, scripted
from tool_place import nowhere

from studio.engine.code.base import FunctionResult
from studio.engine.models.accounts import EnvironmentAccounts
from studio.engine.models.base import Account
from studio.engine.tools.account_keys import AccountKeys, KeyWithheld
from studio.engine.tools.addresses import read_address
from studio.engine.tools.own_functions import CallFailed
from studio.engine.tools.search_providers import BraveSearch, DuckDuckGo, GoogleSearch, Hit, SearchProvider, SearXNG, Serper, Tavily
from studio.engine.tools.web import WebAnswer
from studio.engine.tools.web_page import WebPage
from studio.engine.tools.web_search import WebSearch

PAGE = "<html><head><title>News</title></head><body><h1>Today</h1><p>It <a href='/more'>rained</a>.</p></body></html>"


async def read(server: Scripted, path: str = "/", start: int = 0, **more: object) -> FunctionResult:
    tool = WebPage(private_hosts=(server.host,), **more)  # type: ignore[arg-type]
    return await tool.call("read_page", json.dumps({"url": server.url + path, "start": start}), nowhere())


async def test_a_page_is_its_title_its_address_and_its_text() -> None:
    async with scripted(always(reply(PAGE, content_type="text/html; charset=utf-8"))) as server:
        result = await read(server)
        assert result.output == f"# News\n{server.url}/\n\n# Today\n\nIt [rained]({server.url}/more)."
    assert not result.is_error


async def test_a_long_page_is_read_in_parts() -> None:
    words = [f"word{number}" for number in range(3_000)]
    async with scripted(always(reply(f"<p>{' '.join(words)}", content_type="text/html"))) as server:
        start, got = 0, ""
        while True:
            text, mark, rest = (await read(server, start=start, characters=5_000)).output.partition("\n\n… ")
            got += text.partition("\n\n")[2] + " "
            if not mark:
                break
            start = int(rest.rpartition("start=")[2])
        assert got.split() == words
        assert "none is at 999999" in (await read(server, start=999_999)).output


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (reply("gone", "404 Not Found"), "HTTP 404 Not Found"),
        (reply("oh", "500 Oh"), "HTTP 500"),
        (reply(b"%PDF-1.7\0", content_type="application/pdf"), "no page of text, but application/pdf"),
        (reply(b"\0\1\2", content_type="image/png"), "image/png"),
        (reply(PAGE.encode() + b"\xff\xfe", content_type="text/html"), "# Today"),
        (reply('{"a": 1}', content_type="application/json"), '{"a": 1}'),
        (reply("", content_type="text/html"), "no text of its own"),
        (reply(b"\x89PNG\0", content_type=""), "no page of text"),
    ],
)
async def test_whatever_comes_is_a_sentence_or_a_text(answer: bytes, said: str) -> None:
    async with scripted(always(answer)) as server:
        result = await read(server)
    assert said in result.output


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1/", "http://localhost/", "http://[::ffff:127.0.0.1]/", "http://2130706433/", "file:///etc/passwd", "nonsense", ""],
)
async def test_a_model_cannot_read_what_is_private(url: str) -> None:
    result = await WebPage().call("read_page", json.dumps({"url": url}), nowhere())
    assert result.is_error
    assert result.output.endswith(".")


async def test_only_the_hosts_that_are_named_are_read() -> None:
    result = await WebPage(hosts=("*.example.com",)).call("read_page", '{"url": "https://evil.org/"}', nowhere())
    assert result.is_error
    assert "Hosts that are allowed: *.example.com." in result.output


@pytest.mark.parametrize("hosts", [("https://example.com",), ("a b",), ("",)])
def test_a_host_that_is_none_is_found_in_the_form(hosts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"is no host|is no name"):
        WebPage(hosts=hosts)


# Search ---------------------------------------------------------------------------------------------------------------


def came(body: object, status: int = 200) -> WebAnswer:
    text = body if isinstance(body, str) else json.dumps(body)
    return WebAnswer(read_address("https://search.example/"), status, "", {"content-type": "application/json"}, text.encode())


ONE = Hit("A title", "https://a.example/x", "What it says")

DUCK = """<div class="result"><a rel="nofollow" class="result__a" href="//duckduckgo.com/l/?uddg=https%3A%2F%2Fa.example%2Fx&amp;rut=1">A <b>title</b></a>
<a class="result__snippet" href="//duckduckgo.com/l/?uddg=https%3A%2F%2Fa.example%2Fx">What <b>it</b> says</a></div>
<a class="result__a" href="//duckduckgo.com/y.js?ad=1">An advertisement</a><a class="result__a" href="javascript:x">Bad</a>"""


@pytest.mark.parametrize(
    ("provider", "answer"),
    [
        (Tavily(), came({"results": [{"title": "A title", "url": ONE.url, "content": "What it says"}]})),
        (BraveSearch(), came({"web": {"results": [{"title": "A title", "url": ONE.url, "description": "What <strong>it</strong> says"}]}})),
        (Serper(), came({"organic": [{"title": "A title", "link": ONE.url, "snippet": "What it says"}]})),
        (GoogleSearch(engine="x"), came({"items": [{"title": "A title", "link": ONE.url, "snippet": "What it\nsays"}]})),
        (SearXNG(), came({"results": [{"title": "A title", "url": ONE.url, "content": "What it says"}]})),
        (DuckDuckGo(), came(DUCK)),
    ],
)
def test_every_provider_gives_the_same_hits(provider: SearchProvider, answer: WebAnswer) -> None:
    assert provider.found(answer) == [ONE]


@pytest.mark.parametrize("provider", [Tavily(), BraveSearch(), Serper(), GoogleSearch(engine="x"), SearXNG()])
@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "[]",
        "null",
        '{"results": 1, "web": [], "organic": {}, "items": [1, null, {"url": 3}]}',
        '{"results": [{"url": "javascript:x"}]}',
    ],
)
def test_an_odd_answer_has_no_hits(provider: SearchProvider, body: str) -> None:
    assert provider.found(came(body)) == []


@pytest.mark.parametrize("provider", [Tavily(), BraveSearch(), Serper(), GoogleSearch(engine="x"), SearXNG(), DuckDuckGo()])
def test_no_key_stands_in_an_address_and_every_refusal_is_a_sentence(provider: SearchProvider) -> None:
    request = provider.asked("cats & dogs", 5, "the-key")
    assert "the-key" not in request.url
    assert "the-key" not in repr(request)
    assert request.url.startswith(provider.address)
    for status in (401, 403, 429, 500):
        with pytest.raises(CallFailed):
            provider.check(came("{}", status))
    if provider.key_of:
        assert "the-key" in str(list(request.secret_headers.values()))


@pytest.mark.parametrize("provider", [Tavily(), BraveSearch(), Serper(), GoogleSearch(), SearXNG()])
def test_an_answer_that_is_no_json_is_a_sentence(provider: SearchProvider) -> None:
    with pytest.raises(CallFailed, match="no list of results"):
        provider.found(came("<html>"))


def test_duckduckgo_says_when_it_wants_a_person() -> None:
    with pytest.raises(CallFailed, match="whether a person"):
        DuckDuckGo().found(came("<div class=anomaly-modal>"))


async def test_a_search_is_a_numbered_list() -> None:
    results = [{"title": f"Page {number}", "url": f"https://a.example/{number}", "content": "Words"} for number in (1, 2, 2, 3)]

    async def answer(asked: Asked, write: Write) -> None:
        await write(reply(json.dumps({"results": results}), content_type="application/json"))

    async with scripted(answer) as server:
        tool = WebSearch(provider=SearXNG(url=server.url, private=True), results=2)
        result = await tool.call("web_search", '{"query": "cats & dogs"}', nowhere())
        closed = await WebSearch(provider=SearXNG(url=server.url)).call("web_search", '{"query": "cats"}', nowhere())
    assert result.output == "1. Page 1\n   https://a.example/1\n   Words\n2. Page 2\n   https://a.example/2\n   Words"
    assert server.asked[0].target == "/search?q=cats+%26+dogs&format=json"
    assert closed.is_error
    assert len(server.asked) == 1


async def test_a_missing_key_says_how_to_enter_it() -> None:
    result = await WebSearch(provider=Tavily()).call("web_search", '{"query": "cats"}', nowhere())
    assert result.is_error
    assert "TAVILY_API_KEY" in result.output


# Keys -----------------------------------------------------------------------------------------------------------------


def keys(**variables: str) -> AccountKeys:
    return AccountKeys(EnvironmentAccounts(variables))


def test_a_key_goes_only_to_the_server_it_was_entered_for() -> None:
    own = keys(WEATHER_API_KEY="sk-w", WEATHER_BASE_URL="https://api.weather.example/v1", OPENAI_API_KEY="sk-o")
    assert own.key("weather", read_address("https://api.weather.example/other")) == "sk-w"
    for elsewhere in (
        "https://evil.example/",
        "http://api.weather.example/",
        "https://api.weather.example:444/",
        "https://x.api.weather.example/",
    ):
        with pytest.raises(KeyWithheld) as refused:
            own.key("weather", read_address(elsewhere))
        assert "sk-w" not in str(refused.value)
    with pytest.raises(KeyWithheld):
        own.key("openai", read_address("https://api.weather.example/"))
    assert own.key("openai", read_address("https://api.openai.com/v1/files")) == "sk-o"


def test_an_account_without_an_address_serves_the_provider_of_its_name() -> None:
    own = keys(TAVILY_API_KEY="tvly", OPENAI_API_KEY="sk-o")
    tavily = read_address(Tavily().address)
    assert own.key("tavily", tavily, known_as="tavily") == "tvly"
    with pytest.raises(KeyWithheld):
        own.key("openai", tavily, known_as="tavily")
    with pytest.raises(KeyWithheld):
        own.key("tavily", tavily)


def test_keys_are_taken_out_of_what_comes_back() -> None:
    class One:
        def account(self, name: str) -> Account:
            return Account(name, "https://a.example", "k/e+y=1")

    own = AccountKeys(One())
    own.key("a", read_address("https://a.example/"))
    assert own.hidden("you sent k/e+y=1 as k%2Fe%2By%3D1") == "you sent ••• as •••"
    assert "k/e" not in repr(own)
