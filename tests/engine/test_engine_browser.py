"""A browser within a conversation: what a person agrees to, what the model is shown, and how it ends with the run."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import Any

from chromium import needed
from conversation import SpokenModel, Typed, calling, environment
from patience import within
from scripted_server import Asked, Write, always, reply, scripted

from studio.engine.agents.assistant import Assistant
from studio.engine.events import ToolFinished, ToolStarted
from studio.engine.fold import thread_of
from studio.engine.models.base import ModelRequest
from studio.engine.script import Answer, run
from studio.engine.teams.team import Team
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


def started() -> set[int]:
    """The processes that this one has started, and those that they have, as far as the system tells."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            facts = status.read_text("utf-8", "replace").rpartition(")")[2].split()
            parents[int(status.parent.name)] = int(facts[1])
    found, waiting = set(), {os.getpid()}
    while waiting := {each for each, parent in parents.items() if parent in waiting}:
        found |= waiting
    return found


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


def test_a_result_without_pictures_is_logged_as_ever() -> None:
    assert "attachments" not in ToolFinished(source="ann", call="c", name="visit_url", output="x").model_dump()
