"""Exported programs are run: they hold the conversation that the drawing holds, event for event."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from contextlib import aclosing
from pathlib import Path
from typing import Any

import programs
import pytest
from model_server import InTurn, ModelServer

from studio.engine.advance import Environment
from studio.engine.events import QuestionAsked
from studio.engine.models.accounts import EnvironmentAccounts
from studio.engine.models.practice import PracticeModel
from studio.engine.models.prices import Prices
from studio.engine.script import Answer, answer_from
from studio.engine.script import run as run_team
from studio.engine.stored_events import event_to_json
from studio.flow.document import FlowDocument
from studio.flow.resolve import resolve
from studio.formats.convene_python.write import to_python
from studio.library.templates import Template, templates
from studio.runs.service import Runs
from studio.settings import read_settings
from studio.store.database import open_database

ALL = [pytest.param(each, id=each.id) for each in templates()]
TYPED = ["yes", "no because it is too dear", "fine", "yes"]
"""What the person types, in this order, wherever a conversation asks."""

SAME_EVERY_TIME = {"time", "seconds"}
ENDS = {
    "answers-with-sources": "CHECKED",
    "article-in-chats": "everybody in Magazine had a turn",
    "blind-review": "everybody in Programme committee had a turn",
    "board-of-advisers": "everybody in Board had a turn",
    "brainstorm": "7 messages",
    "coder-and-executor": "TERMINATE",
    "customer-service": "user",
    "data-question": "ANSWER:",
    "debate": "VERDICT:",
    "editor-with-specialists": "PUBLISHED",
    "engineering-team": "APPROVED",
    "experts-on-call": "ANSWERED",
    "field-trip": "Trip office gave its answer",
    "help-line": "user",
    "press-release": "every way through the graph",
    "release-notes": "PUBLISH",
    "research-with-tools": "CHECKED",
    "support-desk": "RESOLVED",
    "translation-check": "ACCEPTED",
    "writing-room": "APPROVED",
}


WORDS = {"planner": "You lead a team and plan its work", "society": "Other people have been working", "chat": "*"}
"""What a team's own request begins with, by what the team is; the summary of a chat has no system message."""


class Typist:
    """Types the prepared lines as the terminal would read them."""

    def __init__(self) -> None:
        self.lines = list(TYPED)

    async def answer(self, question: QuestionAsked) -> Answer:
        return answer_from(self.lines.pop(0), question)


def at_once(document: FlowDocument) -> FlowDocument:
    """The flow with a practice model that does not type like a person."""
    return changed(document, lambda node: {"config": node.config | {"words_per_second": 0}})


def at_a_server(document: FlowDocument) -> FlowDocument:
    return changed(document, lambda node: {"kind": "openai", "config": {"model": "test-model"}})


def changed(document: FlowDocument, change: Any) -> FlowDocument:
    nodes = tuple(node.model_copy(update=change(node)) if node.kind == "practice" else node for node in document.nodes)
    return document.model_copy(update={"nodes": nodes})


def what_happened(lines: list[str]) -> list[dict[str, Any]]:
    """Events as data, without how long they took."""
    return [{name: value for name, value in json.loads(line).items() if name not in SAME_EVERY_TIME} for line in lines]


async def in_this_process(document: FlowDocument, folder: Path) -> list[dict[str, Any]]:
    place = Environment(EnvironmentAccounts(), folder, allow_local_code=True, prices=Prices())
    result = await run_team(resolve(document), document.sample_tasks[0], people=Typist(), environment=place, flow=document.name)
    return what_happened([event_to_json(event) for event in result.events])


def as_a_program(document: FlowDocument, folder: Path, **environment: str) -> tuple[list[dict[str, Any]], subprocess.CompletedProcess[str]]:
    (folder / "main.py").write_text(to_python(document).text, "utf-8")
    events = folder / "events.jsonl"
    done = programs.run(
        ["main.py", document.sample_tasks[0]],
        folder,
        {**os.environ, "CONVENE_EVENTS": str(events), "CONVENE_ALLOW_LOCAL_CODE": "1", **environment},
        typed="\n".join(TYPED) + "\n",
        timeout=120,
    )
    return what_happened(events.read_text("utf-8").splitlines()), done


@pytest.fixture(autouse=True)
def _no_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both runs execute code in the same place, whether or not this machine has Docker."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")


async def in_the_studio(document: FlowDocument, folder: Path) -> list[dict[str, Any]]:
    """The run as the studio's service keeps it, with the same answers."""
    settings = read_settings(folder, f"sqlite:///{folder / 'convene.db'}")
    database = open_database(settings.database)
    runs = Runs(database, EnvironmentAccounts(), settings)
    try:
        started = await runs.start(document, document.sample_tasks[0], allow_local_code=True)
        typist, status = Typist(), ""
        async with asyncio.timeout(60), aclosing(runs.follow(started.run)) as frames:
            async for frame in frames:
                for event in frame.get("events", ()):
                    if event["type"] == "question":
                        said = answer_from(typist.lines.pop(0), QuestionAsked.model_validate(event))
                        await runs.answer(started.run, event["id"], said.text, said.approved)
                    if event["type"] == "run_finished":
                        status = event["status"]
                if status:
                    break
        return what_happened([event_to_json(event) for event in runs.events(started.run)])
    finally:
        await runs.close()
        database.close()


@pytest.mark.parametrize("found", ALL)
async def test_a_template_goes_on_at_home_as_on_the_canvas(found: Template, tmp_path: Path) -> None:
    document = at_once(found.document)
    drawn, kept, (exported, done) = await asyncio.gather(
        in_this_process(document, _new(tmp_path, "here")),
        in_the_studio(document, _new(tmp_path, "studio")),
        asyncio.to_thread(as_a_program, document, _new(tmp_path, "home")),
    )
    assert done.returncode == 0, done.stderr
    assert exported == drawn
    assert kept == drawn
    assert drawn[0]["flow"] == document.name
    assert ENDS[found.id] in drawn[-1]["stop_reason"]
    assert drawn[-1]["status"] == "done"
    for event in drawn:
        if event["type"] == "message":
            assert event["text"].splitlines()[0] in done.stdout


@pytest.mark.parametrize("found", ALL)
async def test_a_template_asks_a_server_the_same_from_home_as_from_the_canvas(
    found: Template, tmp_path: Path, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice = next(PracticeModel(**node.config).replies for node in found.document.nodes if node.kind == "practice")
    document = at_a_server(found.document)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    monkeypatch.setenv("OPENAI_BASE_URL", model_server.base_url)
    model_server.script({**_by_system_message(document, practice)})
    drawn = await in_this_process(document, _new(tmp_path, "here"))
    asked_here = [seen.body for seen in model_server.asked()]
    model_server.clear()
    model_server.script({**_by_system_message(document, practice)})
    exported, done = await asyncio.to_thread(as_a_program, document, _new(tmp_path, "home"))
    assert done.returncode == 0, done.stderr
    if resolve(found.document).selection.parallel:
        # Branches ask at the same time, and a server over HTTP answers whom it likes first.
        assert _said(exported) == _said(drawn)
        assert len(model_server.asked()) == len(asked_here)
    else:
        assert exported == drawn
        assert [seen.body for seen in model_server.asked()] == asked_here
    assert drawn[-1]["status"] == "done"
    assert ENDS[found.id] in drawn[-1]["stop_reason"]


def _new(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def _by_system_message(document: FlowDocument, script: dict[str, list[Any]]) -> dict[str, Any]:
    """The practice script as the server's: who asks is known by the system message, and a team by the words of its own."""
    messages = {node.name: node.config.get("system_message", "") for node in document.nodes if node.kind == "assistant"}
    kinds = {node.name: node.config.get("selection", {}).get("kind", node.kind) for node in document.nodes if node.name not in messages}
    return {
        messages.get(name) or WORDS.get(kinds[name], "who speaks next"): InTurn(*replies) if name not in messages else replies
        for name, replies in script.items()
    }


def _said(events: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return sorted((event["type"], event.get("source", ""), event.get("text", "")) for event in events)
