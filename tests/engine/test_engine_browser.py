"""A browser within a conversation: what a person agrees to, what the model is shown, and how it ends with the run."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from chromium import needed, started
from conversation import SpokenModel, Typed, calling, environment
from patience import within
from scripted_server import Asked, Write, always, reply, scripted

from studio.engine.agents.assistant import Assistant
from studio.engine.events import ToolFinished, ToolStarted
from studio.engine.models.base import ModelRequest
from studio.engine.script import Answer, run
from studio.engine.session_thread import thread_of
from studio.engine.teams.team import Team
from studio.engine.tools.resources import Resources, let_go
from studio.engine.tools.web_browser import WebBrowser

LINUX = sys.platform == "linux"
PAGE = reply("<title>Shop</title><p>We sell pears.</p>", content_type="text/html")


def surfer(browser: WebBrowser, url: str, heard: list[ModelRequest] | None = None) -> Team:
    """An agent that visits one page and then says what it was told."""

    def say(request: ModelRequest) -> Any:
        if heard is not None:
            heard.append(request)
        results = [event for event in request.thread if isinstance(event, ToolFinished)]
        return results[-1].output if results else calling(("visit_url", f'{{"url": "{url}"}}'))

    return Team(participants=(Assistant(name="ann", model=SpokenModel(say=say), tools=(browser,)),), max_turns=1)


async def test_a_person_is_asked_once_and_the_model_sees_the_page(tmp_path: Path) -> None:
    needed()
    async with scripted(always(PAGE)) as server:
        heard: list[ModelRequest] = []
        people = Typed(Answer("", True))
        browser = WebBrowser(private_hosts=(server.host,))
        result = await run(surfer(browser, server.url, heard), "Go.", people=people, environment=environment(tmp_path))
    assert result.status == "done"
    (question,) = people.asked
    assert "Chromium is started on this machine." in question.details
    assert f"in your own network: {server.host}" in question.details
    assert "We sell pears." in result.events[-2].text  # type: ignore[union-attr]
    (seen,) = [event for event in heard[-1].thread if isinstance(event, ToolFinished)]
    assert [each.media_type for each in seen.attachments] == ["image/jpeg"]
    assert not any(event.attachments for event in thread_of(result.events) if isinstance(event, ToolFinished))


async def test_without_a_yes_nothing_is_started(tmp_path: Path) -> None:
    async with scripted(always(PAGE)) as server:
        browser = WebBrowser(private_hosts=(server.host,))
        result = await run(surfer(browser, server.url), "Go.", people=Typed(Answer("", False)), environment=environment(tmp_path))
        assert server.asked == []
    (refused,) = [event for event in result.events if isinstance(event, ToolFinished)]
    assert refused.output == "A person did not allow this tool to start."
    assert not [event for event in result.events if isinstance(event, ToolStarted)]


async def test_stopping_a_run_while_a_page_loads_closes_the_browser_within_a_second(tmp_path: Path) -> None:
    needed()
    loading, before = asyncio.Event(), started()

    async def hang(asked: Asked, write: Write) -> None:
        loading.set()
        await asyncio.sleep(60)

    async with scripted(hang) as server:
        browser = WebBrowser(private_hosts=(server.host,), timeout=30)
        talk = run(surfer(browser, server.url), "Go.", people=Typed(Answer("", True)), environment=environment(tmp_path))
        task = asyncio.create_task(talk)
        await asyncio.wait_for(loading.wait(), within(20))
        assert bool(started() - before) == LINUX
        began = asyncio.get_running_loop().time()
        task.cancel()
        await asyncio.wait([task])
        assert asyncio.get_running_loop().time() - began < within(1)
        for _ in range(500):  # the system takes a moment to forget processes
            if not started() - before:
                break
            await asyncio.sleep(0.01)
        assert not started() - before


async def test_a_page_outlasts_the_wait_for_a_persons_yes_to_each_action(tmp_path: Path) -> None:
    needed()
    page = reply("<title>Shop</title><button onclick=\"this.textContent = 'Clicked'\">Click</button>", content_type="text/html")
    async with scripted(always(page)) as server:
        steps = [calling(("visit_url", f'{{"url": "{server.url}"}}')), calling(("click", '{"target_id": 1}')), "Done."]
        model = SpokenModel(say=lambda request: steps[min(request.earlier_calls, 2)])
        browser = WebBrowser(private_hosts=(server.host,), approval="always", screenshots=False)
        team = Team(participants=(Assistant(name="ann", model=model, tools=(browser,)),), max_turns=1)
        yes = Answer("", True)
        result = await run(team, "Go.", people=Typed(yes, yes, yes), environment=environment(tmp_path))
    assert result.status == "done"
    clicked = [event for event in result.events if isinstance(event, ToolFinished)][-1]
    assert '[1] button "Clicked"' in clicked.output


async def test_what_outlasts_a_wait_is_closed_where_nobody_goes_on(tmp_path: Path) -> None:
    closed: list[str] = []

    @contextlib.asynccontextmanager
    async def opener() -> AsyncIterator[str]:
        yield "open"
        closed.append("closed")

    first = Resources(lambda: tmp_path)
    assert await first.opened("a", opener, outlasts=True) == "open"
    assert await first.opened("b", opener) == "open"
    await first.close(rests=True)
    assert closed == ["closed"]
    second = Resources(lambda: tmp_path)
    assert second.open
    assert await second.opened("a", opener, outlasts=True) == "open"
    await second.close(rests=True)
    assert closed == ["closed"]
    await let_go(tmp_path)
    assert closed == ["closed"] * 2
    third = Resources(lambda: tmp_path)
    assert not third.open
    await third.opened("a", opener, outlasts=True)
    await third.close(rests=True)
    await Resources(lambda: tmp_path).close()  # the run went on, did not need it, and ended
    assert closed == ["closed"] * 3


def test_a_result_without_pictures_is_logged_as_ever() -> None:
    assert "attachments" not in ToolFinished(source="ann", call="c", name="visit_url", output="x").model_dump()
