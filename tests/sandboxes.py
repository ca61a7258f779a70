"""A sandbox under test, and what it must not leave behind."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import patience

from studio.engine.code.base import CodeResult, CodeSession, Executor, Sandbox
from studio.engine.code.docker_engine import connect
from studio.engine.code.fences import code_blocks

LINUX = sys.platform.startswith("linux")


@dataclass
class Bench:
    """One run's sandbox under test: `run` takes Markdown and returns the result; `heard` is what was streamed."""

    executor: Executor
    sandbox: Sandbox
    session: CodeSession
    heard: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.sandbox.folder

    @property
    def in_docker(self) -> bool:
        return self.session.where == "Docker"

    async def run(self, markdown: str) -> CodeResult:
        self.heard.clear()
        return await self.session.execute(code_blocks(markdown), self.heard.append)

    async def python(self, code: str) -> CodeResult:
        return await self.run(f"````python\n{code}\n````")

    async def sh(self, code: str) -> CodeResult:
        return await self.run(f"````sh\n{code}\n````")

    def processes(self, word: str = "") -> list[str]:
        """Command lines of living processes that carry this run's mark, or that hold `word`."""
        return living(self.sandbox.run, word)

    def containers(self) -> list[str]:
        return containers(self.sandbox.run) if self.in_docker else []


Opener = Callable[..., Bench]
"""Opens the bench of an executor, in a folder of its own unless one is named."""


def living(run: str, word: str = "") -> list[str]:
    """Command lines of living processes that carry the run's mark in their environment, or `word` as an argument."""
    found = []
    for name in os.listdir("/proc") if LINUX else ():
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            environment = Path(f"/proc/{name}/environ").read_bytes().split(b"\0")
            command = Path(f"/proc/{name}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"CONVENE_RUN={run}".encode() in environment or (word and word.encode() in command):
            found.append(b" ".join(command).decode("utf-8", "replace")[:120])
    return found


def containers(run: str) -> list[str]:
    client = connect()
    try:
        return [found["Id"] for found in client.api.containers(all=True, filters={"label": f"convene.run={run}"})]
    finally:
        client.close()


async def gone(look: Callable[[], Sequence[str]], within: float = 1.0) -> list[str]:
    """What `look` still finds after at most `within` seconds."""
    await until(lambda: not look(), within)
    return list(look())


async def until(happened: Callable[[], object], within: float = 10.0) -> None:
    """Look again and again until it happened, or the time is over."""
    ends = time.monotonic() + patience.within(within)
    while not happened() and time.monotonic() < ends:  # noqa: ASYNC110  other processes set no event
        await asyncio.sleep(0.02)


def run_python(script: str, *arguments: str) -> subprocess.Popen[str]:
    """A Python process of its own that can import the studio."""
    here = Path(__file__).parents[1]
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=here,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (str(here), os.environ.get("PYTHONPATH"))))},
    )
