"""Fixtures around sandboxes: sessions of every kind of executor, closed and searched for leftovers after each test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from sandboxes import Bench, gone

from studio.engine.code.auto import AutoExecutor
from studio.engine.code.base import Executor, Sandbox
from studio.engine.code.docker_engine import docker_state, image_for
from studio.engine.code.docker_executor import DockerExecutor
from studio.engine.code.jupyter import JupyterExecutor
from studio.engine.code.local import LocalExecutor


def docker_or_skip() -> None:
    state = asyncio.run(docker_state(image_for()))
    if not state.ready:
        pytest.skip(f"{state.sentence} {state.remedy}")


@pytest.fixture(scope="session")
def docker_engine() -> str:
    """The image that containers are made of; skips the test where no engine answers or the image is missing."""
    docker_or_skip()
    return image_for()


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Callable[..., Bench]]:
    """Opens benches and closes them; afterwards nothing of them may be left."""
    benches: list[Bench] = []

    def opener(executor: Executor, folder: Path | None = None) -> Bench:
        sandbox = Sandbox(f"test-{uuid4().hex[:12]}", folder or tmp_path / "work", image_for(), {"convene.test": "yes"})
        bench = Bench(executor, sandbox, executor.open(sandbox))
        benches.append(bench)
        return bench

    yield opener
    for bench in benches:
        await bench.session.close()
    for bench in benches:
        assert await gone(bench.processes) == []
        assert await gone(bench.containers) == []


EXECUTORS: dict[str, Callable[..., Executor]] = {
    "local": LocalExecutor,
    "docker": DockerExecutor,
    "auto": AutoExecutor,
    "jupyter": partial(JupyterExecutor, place="local"),
}
NOBODY = "unix:///nonexistent/docker.sock"
DOCKER = pytest.param("docker", marks=pytest.mark.docker)


@pytest.fixture(params=["local", DOCKER, "auto", "jupyter"])
def make_executor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Executor]:
    """Every kind of executor in turn. The one that chooses between two others finds no Docker here, so that each place is tried once."""
    if request.param == "docker":
        request.getfixturevalue("docker_engine")
    if request.param == "auto":
        monkeypatch.setenv("DOCKER_HOST", NOBODY)
    return EXECUTORS[request.param]


@pytest.fixture(params=["local", DOCKER])
def make_script_executor(request: pytest.FixtureRequest) -> Callable[..., Executor]:
    """The kinds that run each block of Python as a program of its own."""
    if request.param == "docker":
        request.getfixturevalue("docker_engine")
    return EXECUTORS[request.param]


@pytest.fixture
def bench(opened: Callable[..., Bench], make_executor: Callable[..., Executor]) -> Bench:
    """A sandbox of any kind with a limit of 10 seconds."""
    return opened(make_executor(timeout=10))


@pytest.fixture
def short_bench(opened: Callable[..., Bench], make_executor: Callable[..., Executor]) -> Bench:
    """A sandbox of any kind with a limit of 1 second."""
    return opened(make_executor(timeout=1))


@pytest.fixture
def script_bench(opened: Callable[..., Bench], make_script_executor: Callable[..., Executor]) -> Bench:
    """A sandbox where each block is a program of its own, with a limit of 10 seconds."""
    return opened(make_script_executor(timeout=10))
