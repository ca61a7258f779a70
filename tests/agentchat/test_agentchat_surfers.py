"""AutoGen's surfers by their names and arguments: an action a turn, and what it showed is what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from chromium import needed
from films import colour, film
from model_server import Call, ModelServer
from scripted_server import always, reply, scripted

from studio.engine.agentchat.conditions import TextMentionTermination
from studio.engine.agentchat.ext.agents.file_surfer import FileSurfer
from studio.engine.agentchat.ext.agents.video_surfer import VideoSurfer
from studio.engine.agentchat.ext.agents.web_surfer import MultimodalWebSurfer
from studio.engine.agentchat.ext.models.openai import OpenAIChatCompletionClient
from studio.engine.agentchat.messages import MultiModalMessage, TextMessage, ToolCallSummaryMessage
from studio.engine.agentchat.teams import RoundRobinGroupChat
from studio.engine.agents.surfers import START_PAGE
from studio.engine.tools.video import Video
from studio.engine.tools.web_browser import WebBrowser

PAGE = reply("<title>Shop</title><p>We sell pears.</p>", content_type="text/html")


def client(server: ModelServer) -> OpenAIChatCompletionClient:
    return OpenAIChatCompletionClient(model="test-model", base_url=server.base_url, api_key="k")


async def test_a_web_surfer_shows_what_it_did_with_a_picture(model_server: ModelServer) -> None:
    needed()
    async with scripted(always(PAGE)) as server:
        model_server.script({"*": [Call("visit_url", {"url": server.url}), "They sell pears."]})
        browser = WebBrowser(private_hosts=(server.host,))
        surfer = MultimodalWebSurfer("surfer", client(model_server), browser=browser)
        team = RoundRobinGroupChat([surfer], max_turns=2)
        result = await team.run(task="What do they sell?")
    task, seen, answer = result.messages[0], *[each for each in result.messages if isinstance(each, MultiModalMessage | TextMessage)][1:]
    assert task.to_text() == "What do they sell?"
    assert isinstance(seen, MultiModalMessage)
    assert "We sell pears." in seen.content[0]
    assert seen.content[1].media_type == "image/jpeg"
    assert isinstance(answer, TextMessage)
    assert answer.content == "They sell pears."
    asked = [request.body for request in model_server.asked()]
    shown = [part for message in asked[1]["messages"] if isinstance(message["content"], list) for part in message["content"]]
    assert any(part["type"] == "image_url" for part in shown)


async def test_a_file_surfer_reads_what_lies_in_its_folder_and_nothing_else(model_server: ModelServer, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.md").write_text("Two pears.")
    (tmp_path / "out.md").write_text("secret")
    model_server.script({"*": [Call("read_file", {"path": "notes.md"}), Call("read_file", {"path": "../out.md"})]})
    surfer = FileSurfer("surfer", client(model_server), base_path=str(tmp_path / "in"))
    first = (await surfer.run(task="Read.")).messages[-1]
    second = (await surfer.run(task="Read on.")).messages[-1]
    assert isinstance(first, ToolCallSummaryMessage)
    assert first.to_text() == "Two pears."
    assert "secret" not in second.to_text()


async def test_a_video_surfer_looks_at_what_lies_in_the_scripts_folder(
    model_server: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film(tmp_path / "film.mp4", 2)
    monkeypatch.chdir(tmp_path)
    surfer = VideoSurfer("surfer", client(model_server))
    model_server.script({"*": [Call("get_screenshot_at", {"video_path": "film.mp4", "timestamps": [1.5]}), "All is green. TERMINATE"]})
    result = await RoundRobinGroupChat([surfer], termination_condition=TextMentionTermination("TERMINATE"), max_turns=4).run(task="Look.")
    seen = next(each for each in result.messages if isinstance(each, MultiModalMessage))
    assert seen.content[0] == "film.mp4 at 1.50 s."
    assert colour(seen.content[1].data) == "green"
    assert result.messages[-1].to_text() == "All is green. TERMINATE"
    asked = [request.body for request in model_server.asked()]
    shown = [part for message in asked[1]["messages"] if isinstance(message["content"], list) for part in message["content"]]
    assert any(part["type"] == "image_url" for part in shown)
    assert "TERMINATE" in asked[0]["messages"][0]["content"]


def test_a_video_surfer_may_be_given_other_tools_words_and_an_account(model_server: ModelServer) -> None:
    def add(a: int, b: int) -> int:
        """Add."""
        return a + b

    other = VideoSurfer("surfer", client(model_server), tools=[add], description="d", system_message="s").component()
    assert ([schema.name for tool in other.tools for schema in tool.schemas({})], other.description, other.system_message) == (
        ["add"],
        "d",
        "s",
    )
    (own,) = VideoSurfer("surfer", client(model_server), video=Video(account="lab", minutes=5)).component().tools
    assert isinstance(own, Video)
    assert (own.account, own.minutes, json.loads(own.model_dump_json())["kind"]) == ("lab", 5, "video")


def test_the_arguments_are_autogens(model_server: ModelServer) -> None:
    def tool(**settings: Any) -> WebBrowser:
        held = MultimodalWebSurfer("surfer", client(model_server), **settings).component().tools[0]
        assert isinstance(held, WebBrowser)
        return held

    assert tool().start_page == START_PAGE
    assert not tool().downloads
    assert tool(downloads_folder="kept", start_page="https://example.com/").downloads
    for free in (
        {"headless": False},
        {"use_ocr": True},
        {"animate_actions": True},
        {"to_resize_viewport": False},
        {"browser_channel": "x"},
    ):
        assert tool(**free) == tool()
    with pytest.raises(ValueError, match="debug"):
        tool(to_save_screenshots=True)
    assert json.loads(tool(downloads_folder="kept").model_dump_json())["kind"] == "web_browser"
