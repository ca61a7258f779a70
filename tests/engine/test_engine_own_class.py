"""Agents whose answers a class of one's own gives, which is text of the flow and runs in the sandbox."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from conversation import environment, lines
from patience import within

from studio.engine.agents.python_agent import PythonAgent
from studio.engine.code.base import FunctionResult, Sandbox
from studio.engine.code.local import LocalExecutor
from studio.engine.conditions.max_messages import MaxMessages
from studio.engine.events import FunctionReturned, RunFinished
from studio.engine.fold import fold
from studio.engine.own_class import OwnClass, check_answers, class_of_source
from studio.engine.saved import load_events, save_events
from studio.engine.script import run
from studio.engine.teams.team import Team
from studio.engine.tools.python_tool import PythonTool

COUNTER = '''
import re


class Counter:
    """Counts the words that it heard."""

    def __init__(self, start: int = 0):
        self.turns = start
        self.words = {"longest": None}
        self.pattern = re.compile(r"[a-z]+")

    async def reply(self, messages: list[dict]) -> str:
        self.turns += 1
        self.words["longest"] = max(self.pattern.findall(messages[0]["text"]), key=len) if self.turns > 1 else None
        return f"turn {self.turns}: {self.words['longest']}"
'''


async def called(tmp_path: Path, source: str, function: str, arguments: str) -> FunctionResult:
    session = LocalExecutor().open(Sandbox(run="r", folder=tmp_path))
    try:
        return await session.call(source, function, arguments, 30)
    finally:
        await session.close()


async def test_an_object_of_a_class_answers_and_keeps_what_it_counted_for_the_run(tmp_path: Path) -> None:
    agents = tuple(PythonAgent(name=name, source=COUNTER) for name in ("ann", "bob"))
    team = Team(participants=agents, stop=MaxMessages(max_messages=4))
    async with asyncio.timeout(within(60)):
        result = await run(team, "go there", environment=environment(tmp_path, allow_local_code=True))
    said = [("ann", "turn 1: None"), ("bob", "turn 1: None"), ("ann", "turn 2: there"), ("bob", "turn 2: there")]
    assert lines(result.events) == said
    log = tmp_path / "log.jsonl"
    save_events(log, result.events)
    assert fold(team, load_events(log)).kept["ann"] == {"turns": 2, "words": {"longest": "there"}}
    assert next(event.kept for event in load_events(log) if isinstance(event, FunctionReturned)) == {"turns": 1, "words": {"longest": None}}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("self.seen = {1, 2}", "self.seen cannot be kept until the next turn as it is (set)"),
        ("self.much = 'x' * 200_000", "keeps more than 100,000 characters"),
        ("raise ValueError('no words')", "ValueError: no words (line 3)"),
    ],
)
async def test_what_an_object_cannot_keep_is_told(tmp_path: Path, body: str, sentence: str) -> None:
    source = f"class Own:\n    def reply(self):\n        {body}\n        return 'x'\n"
    result = await called(tmp_path, source, "Own.reply", "{}")
    assert result.is_error
    assert sentence in result.output


async def test_a_class_that_fails_ends_the_run_with_its_words(tmp_path: Path) -> None:
    agent = PythonAgent(name="own", source="class Own:\n    def reply(self, messages):\n        return 1 / 0\n")
    async with asyncio.timeout(within(60)):
        result = await run(Team(participants=(agent,)), "go", environment=environment(tmp_path, allow_local_code=True))
    end = result.events[-1]
    assert isinstance(end, RunFinished)
    assert end.status == "failed"
    assert "Own.reply" in end.stop_reason
    assert "ZeroDivisionError" in end.stop_reason


def test_a_public_function_comes_before_a_class() -> None:
    assert class_of_source(COUNTER) == OwnClass("Counter", "messages")
    assert class_of_source(COUNTER + "\ndef answer(messages):\n    return 'x'\n") is None
    assert class_of_source("class _Own:\n    def reply(self): ...\nclass Other:\n    def reply(self): ...\n") == OwnClass("Other", "")
    assert class_of_source("class Own:\n    @staticmethod\n    def reply(said): ...\n") == OwnClass("Own", "said")
    assert class_of_source("class Own: pass") is None
    assert class_of_source("no Python") is None


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("class Own:\n    def answer(self, messages): ...\n", "There is no function, and no class with a method"),
        ("class Own:\n    def __init__(self, model): ...\n    def reply(self, messages): ...\n", "made without arguments"),
        ("class Own:\n    def __init__(self, *, model): ...\n    def reply(self, messages): ...\n", "made without arguments"),
        ("class Own:\n    def reply(self, messages, more): ...\n", "the messages and nothing else"),
        ("class Own:\n    def reply(self, *messages): ...\n", "has to be an argument of its own"),
        ("class Own:\n  def reply(", "This is not Python"),
        ("def reply(*messages): ...", "cannot be shown"),
    ],
)
def test_what_is_wrong_with_a_source_that_answers_is_told(source: str, sentence: str) -> None:
    assert sentence in next(each.text for each in check_answers(source) if each.level == "error")


def test_sources_that_answer_have_no_mistakes() -> None:
    default = PythonAgent.model_fields["source"].default
    for source in (COUNTER, default, PythonTool.model_fields["source"].default):
        assert not [each for each in check_answers(source) if each.level == "error"]
