"""Docker where it answers, otherwise this machine after an explicit yes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.code.base import CodeResult, CodeSession, Executor, FunctionResult, Sandbox
from studio.engine.code.docker_engine import docker_state, image_for, known_state
from studio.engine.code.docker_executor import DockerExecutor
from studio.engine.code.local import LocalExecutor, this_machine
from studio.engine.code.packages import Packages
from studio.engine.component import Widget
from studio.engine.errors import CodeExecutionError
from studio.engine.events import CodeBlock
from studio.texts import text

_no_consent_was_needed: ContextVar[bool] = ContextVar("_no_consent_was_needed", default=False)
"""In the task of a run: that it was told Docker is there. A session opened after that never falls back to this machine."""


class AutoExecutor(Executor):
    kind: ClassVar[str] = "auto"
    title: ClassVar[str] = "Docker if it is there"
    summary: ClassVar[str] = "Docker when it answers; otherwise this machine, after you said yes"

    timeout: Annotated[float, Field(title="Time limit", description="Seconds for one execution.", gt=0, le=3600), Widget("seconds")] = 60.0
    packages: Packages = ()

    async def needs_consent(self) -> bool:
        """True where Docker does not answer or lacks the image: then code would run on this machine. Nothing is pulled."""
        ready = (await docker_state(image_for())).ready
        _no_consent_was_needed.set(ready)
        return not ready

    async def why_consent(self) -> str:
        """What is wrong with Docker."""
        return (await docker_state(image_for())).sentence

    def open(self, sandbox: Sandbox) -> CodeSession:
        return AutoSession(self.timeout, self.packages, sandbox, docker_only=_no_consent_was_needed.get())


class AutoSession:
    """A session that chooses between Docker and this machine once, when it is first used, and stays with it.

    With `docker_only` nobody agreed to code on this machine: when Docker went away meanwhile, that is an error.
    """

    def __init__(self, timeout: float, packages: tuple[str, ...], sandbox: Sandbox, docker_only: bool) -> None:
        self._timeout = timeout
        self._packages = packages
        self._sandbox = sandbox
        self._docker_only = docker_only
        self._image = image_for("", sandbox.docker_image)
        self._chosen: CodeSession | None = None
        self._choosing = asyncio.Lock()
        self._closed = False

    @property
    def where(self) -> str:
        """Where code runs, or would run by what is known; empty while nothing is known."""
        if self._chosen is not None:
            return self._chosen.where
        known = known_state(self._image)
        if self._docker_only or (known is not None and known.ready):
            return "Docker"
        return this_machine() if known is not None else ""

    async def execute(self, blocks: Sequence[CodeBlock], on_output: Callable[[str], None]) -> CodeResult:
        return await (await self._session()).execute(blocks, on_output)

    async def call(self, source: str, function: str, arguments: str, timeout: float) -> FunctionResult:
        return await (await self._session()).call(source, function, arguments, timeout)

    async def close(self) -> None:
        self._closed = True
        if self._chosen is not None:
            await self._chosen.close()

    async def _session(self) -> CodeSession:
        async with self._choosing:
            if self._closed:
                raise CodeExecutionError(text("engine.code.sandbox_closed"))
            if self._chosen is None:
                executor: Executor = LocalExecutor(timeout=self._timeout, packages=self._packages)
                if self._docker_only or (await docker_state(self._image)).ready:
                    executor = DockerExecutor(timeout=self._timeout, packages=self._packages)
                self._chosen = executor.open(self._sandbox)
            return self._chosen
