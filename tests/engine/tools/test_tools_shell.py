"""The shell as a tool: a command in the run's sandbox, its exit code and its output."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from patience import within
from tool_place import nowhere

from studio.engine.code.base import Sandbox
from studio.engine.code.docker_engine import docker_state, image_for
from studio.engine.code.docker_executor import DockerExecutor
from studio.engine.code.local import LocalExecutor
from studio.engine.tools.base import ToolPlace
from studio.engine.tools.shell import Shell


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[ToolPlace]:
    session = LocalExecutor(timeout=3.0).open(Sandbox("run", tmp_path))
    try:
        yield nowhere(tmp_path, session=session)
    finally:
        await session.close()


def command(text: str) -> str:
    return json.dumps({"command": text})


async def test_a_command_gives_its_exit_code_and_output(place: ToolPlace) -> None:
    result = await Shell().call("run_shell", command("echo hello; pwd | wc -l"), place)
    assert (result.is_error, result.output.split()) == (False, ["exit", "code:", "0", "hello", "1"])


async def test_a_command_that_fails_is_an_error_with_its_code(place: ToolPlace) -> None:
    result = await Shell().call("run_shell", command("echo oh >&2; exit 3"), place)
    assert result.is_error
    assert result.output.startswith("exit code: 3\noh")


async def test_files_stay_for_the_next_command(place: ToolPlace) -> None:
    first = await Shell().call("run_shell", command("echo kept > made.txt"), place)
    assert "Files: made.txt" in first.output
    assert "kept" in (await Shell().call("run_shell", command("cat made.txt"), place)).output


async def test_a_command_that_takes_too_long_is_ended(place: ToolPlace) -> None:
    began = time.monotonic()
    result = await Shell().call("run_shell", command("sleep 60"), place)
    assert result.is_error
    assert "Timed out" in result.output
    assert time.monotonic() - began < within(6)


async def test_cancelling_ends_the_command_within_a_second(place: ToolPlace) -> None:
    begun = asyncio.Event()
    watched = replace(place, show=lambda text: begun.set())
    task = asyncio.create_task(Shell().call("run_shell", command("echo begun; sleep 60"), watched))
    await begun.wait()
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < within(1)


async def test_what_is_printed_is_shown_while_it_runs(tmp_path: Path) -> None:
    shown: list[str] = []
    session = LocalExecutor().open(Sandbox("run", tmp_path))
    try:
        await Shell().call("run_shell", command("echo live"), nowhere(tmp_path, session=session, show=shown.append))
    finally:
        await session.close()
    assert "live" in "".join(shown)


@pytest.mark.parametrize("text", ["", "  ", "a\0b", "x" * 60_000])
async def test_what_is_no_command_is_refused(place: ToolPlace, text: str) -> None:
    result = await Shell().call("run_shell", command(text), place)
    assert result.is_error
    assert "must have 1 to" in result.output


async def test_without_a_sandbox_nothing_runs(tmp_path: Path) -> None:
    result = await Shell().call("run_shell", command("touch x"), nowhere(tmp_path))
    assert result.is_error
    assert os.listdir(tmp_path) == []


def test_a_person_is_asked_before_every_command_unless_told_otherwise() -> None:
    assert Shell().needs_approval("run_shell", command("ls"))
    assert not Shell(approval="never").needs_approval("run_shell", command("ls"))
    careful = Shell(approval="matching", approval_pattern=("command contains rm",))
    assert careful.needs_approval("run_shell", command("rm -r x"))
    assert not careful.needs_approval("run_shell", command("ls"))


@pytest.mark.docker
async def test_in_a_container_a_command_sees_its_folder_and_nothing_of_this_machine(tmp_path: Path) -> None:
    state = await docker_state(image_for())
    if not state.ready:
        pytest.skip(f"{state.sentence} {state.remedy}")
    session = DockerExecutor(timeout=10.0).open(Sandbox(f"test-{uuid4().hex[:12]}", tmp_path, image_for(), {"convene.test": "yes"}))
    place = nowhere(tmp_path, session=session)
    try:
        made = await Shell().call("run_shell", command("echo kept > made.txt; id -u; touch /etc/mine"), place)
        assert made.is_error
        assert "Read-only file system" in made.output or "Permission denied" in made.output
        assert "Files: made.txt" in made.output
        assert (tmp_path / "made.txt").read_text() == "kept\n"
        hidden = await Shell().call("run_shell", command(f"ls {tmp_path.parent}"), place)
        assert hidden.is_error
    finally:
        await session.close()
