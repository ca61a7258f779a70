"""Choosing between Docker and this machine: never this machine without a person's yes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from sandboxes import Bench

from studio.engine.code.auto import AutoExecutor
from studio.engine.code.base import Sandbox
from studio.engine.code.docker_engine import docker_state, image_for
from studio.engine.code.docker_executor import DockerExecutor
from studio.engine.code.local import LocalExecutor
from studio.engine.errors import CodeExecutionError, DockerUnavailable
from studio.engine.events import CodeBlock

WHERE_AM_I = [CodeBlock(language="python", code="import os\nprint(os.getcwd() == '/work')")]


@pytest.fixture
def no_docker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")


async def test_only_docker_needs_no_consent() -> None:
    assert await LocalExecutor().needs_consent() is True
    assert await DockerExecutor().needs_consent() is False


async def test_without_docker_consent_is_needed_and_code_runs_on_this_machine(no_docker: None, opened: Callable[..., Bench]) -> None:
    executor = AutoExecutor()
    bench = opened(executor)
    assert bench.session.where == ""
    assert await executor.needs_consent() is True
    bench = opened(executor)
    assert bench.session.where == "this machine"
    assert (await bench.session.execute(WHERE_AM_I, lambda text: None)).output == "False\n"
    assert bench.session.where == "this machine"
    assert (await bench.session.call("def f(): return 1", "f", "{}", 5)).output == "1"


async def test_a_session_that_was_allowed_beforehand_chooses_by_itself(no_docker: None, opened: Callable[..., Bench]) -> None:
    bench = opened(AutoExecutor())
    await bench.session.execute(WHERE_AM_I, lambda text: None)
    assert bench.session.where == "this machine"


@pytest.mark.docker
async def test_with_docker_no_consent_is_needed_and_code_runs_there(docker_engine: str, opened: Callable[..., Bench]) -> None:
    executor = AutoExecutor()
    assert await executor.needs_consent() is False
    bench = opened(executor)
    assert bench.session.where == "Docker"
    assert (await bench.session.execute(WHERE_AM_I, lambda text: None)).output == "True\n"


@pytest.mark.docker
async def test_docker_that_goes_away_is_an_error_and_never_this_machine(
    docker_engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor = AutoExecutor()
    assert await executor.needs_consent() is False
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    other = asyncio.create_task(AutoExecutor().needs_consent())
    assert await other is True
    session = executor.open(Sandbox("r", tmp_path / "work"))
    with pytest.raises(DockerUnavailable):
        await session.execute([CodeBlock(language="sh", code="touch ran")], lambda text: None)
    assert not (tmp_path / "work/ran").exists()
    await session.close()


@pytest.mark.docker
async def test_an_image_that_is_missing_counts_as_no_docker_and_says_why(docker_engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVENE_DOCKER_IMAGE", "convene-test/none:0")
    assert await AutoExecutor().needs_consent() is True
    state = await docker_state(image_for())
    assert state.sentence == "Docker does not have the image 'convene-test/none:0'."
    assert "docker pull convene-test/none:0" in state.remedy


async def test_a_closed_session_is_closed(tmp_path: Path) -> None:
    session = AutoExecutor().open(Sandbox("r", tmp_path))
    await session.close()
    with pytest.raises(CodeExecutionError):
        await session.execute(WHERE_AM_I, lambda text: None)
