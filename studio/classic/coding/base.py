"""What an executor is to an agent: it finds blocks in a message and runs them."""

from __future__ import annotations

import atexit
import concurrent.futures.thread  # noqa: F401 - its own hook must be registered before ours
import contextlib
import os
import secrets
import shutil
import tempfile
import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, runtime_checkable

from studio.classic.loops import await_apart, call_apart
from studio.classic.messages import content_str
from studio.engine.code import fences
from studio.engine.code.base import CodeResult as EngineResult
from studio.engine.code.base import CodeSession, Executor, Sandbox
from studio.engine.code.languages import language_named
from studio.engine.events import CodeBlock as EngineBlock

CLOSING = 5.0
"""Seconds in which sandboxes are closed when the program ends."""


@dataclass(slots=True)
class CodeBlock:
    code: str
    language: str
    filename: str | None = None


@dataclass(slots=True)
class CodeResult:
    """`exit_code` 0 is success, 124 a time-out; `output` is what was printed, as it came."""

    exit_code: int
    output: str


@dataclass(slots=True)
class CommandLineCodeResult(CodeResult):
    """`code_file` is the first file that the code wrote or changed; `output_files` are all of them, within the work folder."""

    code_file: str | None = None
    output_files: tuple[str, ...] = ()


IPythonCodeResult = CommandLineCodeResult


@runtime_checkable
class CodeExtractor(Protocol):
    def extract_code_blocks(self, message: Any) -> list[CodeBlock]: ...


@runtime_checkable
class CodeExecutor(Protocol):
    """Any object with these two can be given as {"executor": …}."""

    @property
    def code_extractor(self) -> CodeExtractor: ...

    def execute_code_blocks(self, code_blocks: list[Any]) -> Any: ...


class MarkdownCodeExtractor:
    """The fenced blocks of a message that can be run or saved."""

    def extract_code_blocks(self, message: Any) -> list[CodeBlock]:
        return [CodeBlock(block.code, block.language, block.filename) for block in fences.runnable_blocks(content_str(message))]


_open: weakref.WeakSet[EngineExecutor] = weakref.WeakSet()


class EngineExecutor:
    """One of our executors as scripts use them: opened when code first runs, kept between runs, closed with the program."""

    def __init__(self, executor: Executor, work_dir: str | Path | None, timeout: float) -> None:
        self.executor = executor
        self._timeout = timeout
        self._given = Path(work_dir) if work_dir is not None else None
        self._made: Path | None = None
        self._session: CodeSession | None = None

    @property
    def timeout(self) -> float:
        """Seconds for one execution."""
        return self._timeout

    @property
    def work_dir(self) -> Path:
        """The folder in which code runs; without one of your own a temporary folder, which goes when the program ends."""
        if self._given is not None:
            self._given.mkdir(parents=True, exist_ok=True)
            return self._given
        if self._made is None:
            self._made = Path(tempfile.mkdtemp(prefix="convene-classic-"))
            weakref.finalize(self, shutil.rmtree, self._made, True)
        return self._made

    @property
    def code_extractor(self) -> CodeExtractor:
        return MarkdownCodeExtractor()

    @property
    def where(self) -> str:
        """For people: Docker, this machine."""
        return self._session.where if self._session is not None else ""

    def execute_code_blocks(self, code_blocks: Sequence[Any]) -> CommandLineCodeResult:
        """Run the blocks in order until one fails. Raises CodeExecutionError when nothing could be started."""
        return call_apart(self._execute(code_blocks))

    async def a_execute_code_blocks(self, code_blocks: Sequence[Any]) -> CommandLineCodeResult:
        """The same without holding up the loop; cancelling ends the code."""
        return await await_apart(self._execute(code_blocks))

    async def _execute(self, code_blocks: Sequence[Any]) -> CommandLineCodeResult:
        if self._session is None:
            image = os.environ.get("CONVENE_DOCKER_IMAGE", "")
            folder = self.work_dir.resolve()
            self._session = self.executor.open(Sandbox(f"classic-{secrets.token_hex(4)}", folder, docker_image=image))
            _open.add(self)
        blocks = [_engine_block(block) for block in code_blocks]
        result: EngineResult = await self._session.execute(blocks, lambda text: None)
        first = next(iter(result.files), None)
        return CommandLineCodeResult(result.exit_code, result.output, first, result.files)

    def restart(self) -> None:
        """Start over with the next code: what ran is ended, files stay."""
        self.stop()

    def start(self) -> None:
        """Nothing to do: it starts when code first runs."""

    def stop(self) -> None:
        """End what runs and free the sandbox; the next code opens another."""
        session, self._session = self._session, None
        if session is not None:
            call_apart(session.close(), CLOSING)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, mistake: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def _engine_block(block: Any) -> EngineBlock:
    """A block with the name that its first line asks for, as one that was read from a message has it."""
    filename = getattr(block, "filename", None)
    if filename is None:
        read = fences.code_blocks(fences.fenced((EngineBlock(language=block.language or "", code=block.code),)))
        filename = read[0].filename if read else None
    return EngineBlock(language=language_named(block.language or ""), code=block.code, filename=filename)


def _close_all() -> None:
    for executor in list(_open):
        with contextlib.suppress(Exception):
            executor.stop()


# Closing takes threads, which are gone when `atexit` comes round: the earlier hook runs first what was registered last.
getattr(threading, "_register_atexit", atexit.register)(_close_all)
