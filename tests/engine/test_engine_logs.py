"""Logs: each record of a run names it, no key is in any, and each is a line of JSON where that is asked for."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from misbehaving import Log, ScriptedModel, calls, place

from studio.engine.advance import advance
from studio.engine.agents.assistant import Assistant
from studio.engine.events import YOU, RunStarted
from studio.engine.logs import log_to, run_id
from studio.engine.teams.team import Team
from studio.engine.tools.function import FunctionTool

KEY = "sk-live-0123456789"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


def logged(said: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.getvalue().splitlines()]


def broken() -> str:
    """Break."""
    logging.getLogger("my.tool").warning("about to break with %s", KEY)
    raise RuntimeError(f"no luck with {KEY}")


def team() -> Team:
    def say(request: Any) -> Any:
        return calls(("broken", "{}")) if request.earlier_calls == 0 else ValueError(f"a bug with {KEY}")

    return Team(participants=(Assistant(name="ann", model=ScriptedModel(say=say), tools=(FunctionTool.of(broken),)),), max_turns=1)


async def run(name: str, folder: Path) -> None:
    log = Log(RunStarted(seq=1, source=YOU, task="go"), immediate=False)
    assert await advance(team(), log.events, log, place(folder, run=name)) == "failed"


async def test_every_record_of_a_run_names_it_also_when_several_run_at_once(tmp_path: Path) -> None:
    said = io.StringIO()
    log_to(said, environment={"CONVENE_LOG": "json", "OPENAI_API_KEY": KEY})
    await asyncio.gather(run("r-one", tmp_path), run("r-two", tmp_path))
    assert run_id.get() == ""
    logging.getLogger("elsewhere").warning("about no run")
    records = logged(said)
    assert {record.get("run", "") for record in records if record["logger"] == "my.tool"} == {"r-one", "r-two"}
    failures = [record for record in records if record["level"] == "ERROR"]
    assert {record["run"] for record in failures} == {"r-one", "r-two"}
    assert all(f"run {record['run']}" in record["message"] for record in failures)
    assert all(record["error"] == "ValueError" and "a bug" in record["traceback"] for record in failures)
    assert "run" not in records[-1]


@pytest.mark.parametrize("how", ["json", "text", ""])
async def test_no_key_is_in_a_log(how: str, tmp_path: Path) -> None:
    said = io.StringIO()
    log_to(said, environment={"CONVENE_LOG": how, "OPENAI_API_KEY": KEY})
    await run("r-one", tmp_path)
    assert KEY not in said.getvalue()
    assert "about to break with •••" in said.getvalue()
    assert "r-one" in said.getvalue()


def test_a_redactor_of_ones_own_is_used_and_setting_up_twice_tells_once() -> None:
    first, second = io.StringIO(), io.StringIO()
    log_to(first, str.upper, {})
    log_to(second, lambda text: text.replace("word", "•"), {})
    logging.getLogger("x").warning("a word")
    assert (first.getvalue(), second.getvalue()) == ("", "WARNING x: a •\n")


def test_the_level_can_be_chosen() -> None:
    said = io.StringIO()
    log_to(said, environment={"CONVENE_LOG_LEVEL": "debug"})
    logging.getLogger("x").debug("small")
    log_to(said, environment={"CONVENE_LOG_LEVEL": "nonsense"})
    logging.getLogger("x").info("not told")
    assert said.getvalue() == "DEBUG x: small\n"


def test_what_somebody_sent_makes_no_line_of_its_own_and_does_not_drive_the_terminal() -> None:
    said = io.StringIO()
    log_to(said, environment={})
    logging.getLogger("api").error("%s cannot be answered", "/x\nERROR api: all keys are gone\x1b[2J\r")
    first, second = said.getvalue().splitlines()
    assert first == "ERROR api: /x"
    assert second.startswith("  ")
    assert "\x1b" not in second
