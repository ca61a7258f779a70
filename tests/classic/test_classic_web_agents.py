"""Agents that look things up: a browser, pages and searches behind AutoGen's web surfer, and Wikipedia."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest
from chromium import needed
from model_server import Call
from scripted_server import always, reply, scripted

from studio.classic import UserProxyAgent
from studio.classic.agentchat.contrib.web_surfer import WebSurferAgent
from studio.classic.agents.experimental import WikipediaAgent
from studio.classic.model_configs import ConfigUnusable
from studio.classic.web_agents import browser_settings, encyclopaedia
from studio.engine.events import Noticed, ToolFinished
from studio.engine.tools.web_browser import WebBrowser

SIGNATURES = Path(__file__).parent.parent / "data" / "signatures"
PAGE = reply("<title>Shop</title><p>We sell pears.</p>", content_type="text/html")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def settings(model_server):
    return {"config_list": [{"model": "m", "base_url": model_server.base_url, "api_key": "sk-canary-0123456789"}], "cache_seed": None}


async def ask(agent, message="What do they sell?"):
    person = UserProxyAgent("person", human_input_mode="NEVER", code_execution_config=False, max_consecutive_auto_reply=0)
    return await person.a_initiate_chat(agent, message=message, max_turns=1)


def names(agent):
    return [each["function"]["name"] for each in agent.llm_config["tools"]]


async def test_a_surfer_opens_pages_asks_about_them_and_answers(model_server, settings):
    needed()
    async with scripted(always(PAGE)) as server:
        said = [Call("visit_url", {"url": server.url}), Call("answer_question", {"question": "What is sold?"}), "They sell pears."]

        def say(seen):
            results = sum(message["role"] == "tool" for message in seen.body["messages"])
            return said[results] if seen.body.get("tools") else "Pears are sold."

        model_server.script({"*": say})
        surfer = WebSurferAgent("surfer", llm_config=settings, browser=WebBrowser(private_hosts=(server.host,), screenshots=False))
        result = await ask(surfer)
    outputs = [event.output for event in result.events if isinstance(event, ToolFinished)]
    assert "We sell pears." in outputs[0]
    assert "Pears are sold." in outputs[1]
    assert result.chat_history[-1]["content"] == "They sell pears."
    assert sum(event.usage.calls for event in result.events if isinstance(event, Noticed)) == 1, "what a page cost is counted"
    assert surfer.workshop.resources.open is False, "no browser stays behind"


async def test_a_surfer_that_searches_alone_has_a_search_alone(model_server, settings):
    found = reply(json.dumps({"results": [{"title": "Shop", "url": "https://example.com/", "content": "We sell pears."}]}))
    async with scripted(always(found)) as server:
        model_server.script(
            {"*": lambda seen: "Pears." if seen.body["messages"][-1]["role"] == "tool" else Call("web_search", {"query": "shop"})}
        )
        surfer = WebSurferAgent(name="surfer", llm_config=settings, web_tool="searxng", web_tool_kwargs={"base_url": server.url})
        result = await ask(surfer)
    assert names(surfer) == ["web_search"]
    (output,) = [event.output for event in result.events if isinstance(event, ToolFinished)]
    assert "We sell pears." in output


def test_what_a_browser_is_told_is_what_ours_understands(settings):
    config = {"start_page": "https://example.com/", "viewport_size": 500, "downloads_folder": "kept", "bing_api_key": "b"}
    assert browser_settings(config) == {"start_page": "https://example.com/", "characters": 1_000, "downloads": True}
    surfer = WebSurferAgent("surfer", llm_config=settings, summarizer_llm_config=False, browser_config=config)
    assert "answer_question" not in names(surfer)
    assert "visit_url" in names(surfer)
    assert surfer.workshop.folder == Path("kept").resolve()


def test_an_encyclopaedia_is_two_requests_to_one_host(settings):
    reader = WikipediaAgent(name="reader", llm_config=settings, language="de", top_k=3, format_instructions="One line.")
    assert names(reader) == ["search_wikipedia", "read_wikipedia"]
    assert reader.system_message.endswith("One line.")
    search, read = encyclopaedia("de", 3)
    assert search["url"] == read["url"] == "https://de.wikipedia.org/w/api.php"
    assert search["query"]["srlimit"] == "3"


def test_what_cannot_be_had_is_said_at_once(settings):
    with pytest.raises(ConfigUnusable, match="no llm_config"):
        WebSurferAgent("surfer", llm_config=False)
    with pytest.raises(ConfigUnusable, match="no web_tool"):
        WebSurferAgent("surfer", llm_config=settings, web_tool="gopher")
    with pytest.raises(ConfigUnusable, match="no Wikipedia"):
        WikipediaAgent(name="reader", llm_config=settings, language="evil.example/")


def test_they_take_the_arguments_of_their_packages():
    for package, name, own in (
        ("autogen-0.2", "autogen.agentchat.contrib.web_surfer.WebSurferAgent", WebSurferAgent),
        ("ag2-0.9", "autogen.agents.experimental.WebSurferAgent", WebSurferAgent),
        ("ag2-0.9", "autogen.agents.experimental.WikipediaAgent", WikipediaAgent),
    ):
        takes = json.loads((SIGNATURES / f"{package}.json").read_text("utf-8"))[name]["takes"]
        parameters = inspect.signature(own.__init__).parameters
        assert any(each.kind is each.VAR_KEYWORD for each in parameters.values())
        assert {takes[0][0], takes[1][0], takes[2][0]} <= set(parameters)
