"""One run's sandbox: blocks and function calls become jobs of the runner that is started in it when it is first needed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from studio.engine.code.base import MAX_OUTPUT, CodeResult, FunctionResult
from studio.engine.code.calling import BadArguments, read_arguments, shortened
from studio.engine.code.fences import without_filename_line
from studio.engine.code.languages import RUN
from studio.engine.code.output import Output
from studio.engine.code.work_folder import (
    MAX_SIZE,
    OWN,
    OutsideWorkFolder,
    changed_files,
    folder_size,
    inside_path,
    make_folder,
    snapshot,
    write_file,
)
from studio.engine.errors import CodeExecutionError
from studio.engine.events import CodeBlock

RUNNER_SOURCE = Path(__file__).with_name("runner.py").read_text(encoding="utf-8")
CALLING_SOURCE = Path(__file__).with_name("calling.py").read_text(encoding="utf-8")

TIMED_OUT = 124
NOT_RUN = 1
MAX_BLOCKS = 64
MAX_CODE = 1_000_000
"""Characters of one block."""
GRACE = 3.0
"""Seconds after the time limit in which the runner must have reported the end; then the whole sandbox is ended."""
STOPPING = 0.5
"""Seconds in which a job must have ended after it was told to; then the whole sandbox is ended."""
WAITING_FOR_END = 0.9
"""Seconds that a cancelled caller waits for the end of what it started; what takes longer is ended behind its back."""
CLOSING = 4.0
"""Seconds that `close` waits for the end of everything; an engine that hangs must not hold the run up."""
MAX_REPORTED = 16 * 1024 * 1024
"""Bytes that one job may report: far more than an honest runner sends."""


class Box(Protocol):
    """A started runner, wherever it is. All its methods belong to one event loop."""

    where: str
    folder: str
    """The path of the work folder as the code in the box sees it."""
    shared: bool
    """Whether the code runs as another user, so that files must be writable for everybody."""
    environment: dict[str, str]
    thrown_away_after_timeout: bool

    async def start(self, on_line: Callable[[bytes], None], on_end: Callable[[str], None]) -> None:
        """Start it; from then on every report is given to `on_line`, and the end of the runner to `on_end`, with its last words.

        Raises CodeExecutionError.
        """
        ...

    async def send(self, line: bytes) -> None:
        """Raises OSError when the runner is gone."""
        ...

    def give_up(self) -> None:
        """Let a start that is under way end as soon as it can."""
        ...

    async def destroy(self) -> None:
        """End every process in it, at once. Not while it is being started. May be called twice."""
        ...


@dataclass(frozen=True, slots=True)
class _End:
    code: int
    why: str = ""
    result: str | None = None
    printed: str = ""


@dataclass(slots=True)
class _Job:
    reports: asyncio.Queue[dict[str, Any] | None] = field(default_factory=asyncio.Queue)
    received: int = 0


class RunnerSession:
    """A CodeSession over boxes: one at a time, made lazily, made anew after it ended, destroyed by `close`."""

    def __init__(self, where: str, folder: Path, timeout: float, make_box: Callable[[], Box]) -> None:
        self.where = where
        self._folder = folder
        self._timeout = timeout
        self._make_box = make_box
        self._box: Box | None = None
        self._last_words = ""
        self._starting = asyncio.Lock()
        self._executing = asyncio.Lock()
        self._numbers = count(1)
        self._jobs: dict[int, _Job] = {}
        self._background: set[asyncio.Task[Any]] = set()
        self._closed = False

    # What agents and tools ask for ------------------------------------------------------------------------------------

    async def execute(self, blocks: Sequence[CodeBlock], on_output: Callable[[str], None]) -> CodeResult:
        """Run the blocks in order until one fails, all of them within the time limit. Raises CodeExecutionError."""
        began = time.monotonic()
        async with self._executing:
            await self._started()
            before = await asyncio.to_thread(snapshot, self._folder)
            output = Output(MAX_OUTPUT, on_output, self._renamed())
            deadline = time.monotonic() + self._timeout
            code = await self._run_blocks(blocks, output, deadline)
            after = await asyncio.to_thread(snapshot, self._folder)
            return CodeResult(code, output.finish(), changed_files(before, after), round(time.monotonic() - began, 4))

    async def call(self, source: str, function: str, arguments: str, timeout: float) -> FunctionResult:
        """Call a function of `source` with JSON arguments. What the function or the arguments get wrong is a result.

        Raises CodeExecutionError when the sandbox cannot be started.
        """
        began = time.monotonic()
        try:
            values = read_arguments(arguments)
        except BadArguments as mistake:
            return FunctionResult(str(mistake), is_error=True)
        order = {"source": source, "function": function, "arguments": values, "limit": MAX_OUTPUT}
        printed = Output(2_000, lambda text: None)
        end = await self._job(["python", "-I", "-c", CALLING_SOURCE], timeout, printed, given=json.dumps(order), result=True)
        seconds = round(time.monotonic() - began, 4)
        if end.result is not None and (found := _result_of(end.result)) is not None:
            return FunctionResult(shortened(found[0], MAX_OUTPUT + 100), found[1], seconds)
        said = _sentence(end, timeout) or f"The function ended the process (exit code {end.code}) before it returned."
        last = printed.finish().strip()
        return FunctionResult(f"{said}\n{last}" if last else said, is_error=True, seconds=seconds)

    async def close(self) -> None:
        """End everything that this session started. May be called twice."""
        self._closed = True
        box, self._box = self._box, None
        if box is not None:
            self._behind(box.destroy())
        if self._background:
            await asyncio.wait(set(self._background), timeout=CLOSING)

    # Blocks -----------------------------------------------------------------------------------------------------------

    async def _run_blocks(self, blocks: Sequence[CodeBlock], output: Output, deadline: float) -> int:
        if len(blocks) > MAX_BLOCKS:
            output.add_line(f"{len(blocks)} blocks of code are too many for one execution: at most {MAX_BLOCKS}. Nothing was run.")
            return NOT_RUN
        done_something = False
        for index, block in enumerate(blocks, 1):
            if block.language not in RUN and block.filename is None:
                name = f"of '{block.language}'" if block.language else "without a language"
                output.add_line(f"A block {name} was not run: only python, sh and bash are. Others are saved if they name a file.")
                continue
            done_something = True
            code = await self._run_block(block, index, output, deadline)
            if code != 0:
                return code
        return 0 if done_something else NOT_RUN

    async def _run_block(self, block: CodeBlock, index: int, output: Output, deadline: float) -> int:
        runs = block.language in RUN
        code = block.code if runs else without_filename_line(block.code)
        if len(code) > MAX_CODE:
            output.add_line(f"A block of {len(code):,} characters is too long: at most {MAX_CODE:,}.")
            return NOT_RUN
        try:
            path = inside_path(block.filename) if block.filename else _script_path(block.language, index)
            await asyncio.to_thread(write_file, self._folder, path, _ended(code), shared=self._shared())
        except OutsideWorkFolder as mistake:
            output.add_line(f"{mistake} Nothing was saved or run.")
            return NOT_RUN
        except OSError as mistake:
            output.add_line(f"'{block.filename or 'the script'}' could not be saved: {mistake.strerror or mistake}.")
            return NOT_RUN
        if not runs:
            output.add_line(f"Saved {path} (not run: {block.language or 'this language'} is not run here).")
            return 0
        left = deadline - time.monotonic()
        argv = ["python", "-u", str(path)] if block.language == "python" else [block.language, str(path)]
        end = await self._job(argv, max(left, 0.01), output)
        if sentence := _sentence(end, self._timeout):
            output.add_line(sentence)
        return TIMED_OUT if end.why == "timeout" else end.code

    def _renamed(self) -> tuple[str, str]:
        """The path of the work folder, which tracebacks show, differs from run to run: it becomes relative."""
        folder = self._box.folder if self._box is not None else str(self._folder)
        return (f'"{folder}/', '"') if folder.count("/") < 2 else (f"{folder}/", "")

    def _shared(self) -> bool:
        return self._box is not None and self._box.shared

    # Jobs -------------------------------------------------------------------------------------------------------------

    async def _job(self, argv: list[str], seconds: float, output: Output, given: str | None = None, result: bool = False) -> _End:
        """Run one command in the box. Cancelling it ends all its processes."""
        box = await self._started()
        number = next(self._numbers)
        job = self._jobs[number] = _Job()
        order = {
            "do": "run",
            "id": number,
            "argv": argv,
            "cwd": box.folder,
            "env": box.environment,
            "input": given,
            "result": result,
            "timeout": seconds,
        }
        ended: _End | None = None
        try:
            async with asyncio.timeout(seconds + GRACE), self._watched(box, number):
                await box.send(json.dumps(order).encode("ascii") + b"\n")
                ended = await self._followed(job, output)
        except TimeoutError:
            return _End(TIMED_OUT, "timeout")
        except OSError:
            ended = _End(137, "gone", printed=self._last_words)
        finally:
            self._jobs.pop(number, None)
            if ended is None:
                await self._stop(box, number, job)
        if ended.why == "timeout" and box.thrown_away_after_timeout and not self._jobs:
            self._discard(box)
        return ended

    async def _followed(self, job: _Job, output: Output) -> _End:
        while (report := await job.reports.get()) is not None:
            if report["is"] == "out":
                output.add(str(report.get("text", "")))
            else:
                return _ended_by(report, output)
        return _End(137, "gone", printed=self._last_words)

    @contextlib.asynccontextmanager
    async def _watched(self, box: Box, number: int) -> AsyncIterator[None]:
        """While a job runs, see once a second that the work folder does not grow beyond its limit."""

        async def watch() -> None:
            while True:
                await asyncio.sleep(1.0)
                if await asyncio.to_thread(folder_size, self._folder) > MAX_SIZE:
                    await box.send(_kill(number, "folder"))
                    return

        watching = asyncio.create_task(watch())
        try:
            yield
        finally:
            watching.cancel()

    async def _stop(self, box: Box, number: int, job: _Job) -> None:
        """End a job that nobody waits for any more; the caller is held up for less than a second."""
        self._jobs[number] = job
        stopping = self._behind(self._stop_job(box, number, job))
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait({stopping}, timeout=WAITING_FOR_END)

    async def _stop_job(self, box: Box, number: int, job: _Job) -> None:
        """End one job where others go on, and the whole box where none is left or the job does not end."""
        ended = False
        try:
            if len(self._jobs) > 1:
                async with asyncio.timeout(STOPPING):
                    await box.send(_kill(number, "stopped"))
                    while (report := await job.reports.get()) is not None and report["is"] != "end":
                        pass
                ended = True
        except (TimeoutError, OSError):
            pass
        finally:
            self._jobs.pop(number, None)
        if not ended or not self._jobs:
            self._forget(box)
            await box.destroy()

    # The box ----------------------------------------------------------------------------------------------------------

    async def _started(self) -> Box:
        async with self._starting:
            if self._closed:
                raise CodeExecutionError("The sandbox of this run is closed.")
            if self._box is not None:
                return self._box
            box = self._make_box()
            self._last_words = ""
            start = asyncio.ensure_future(self._start(box))
            try:
                await asyncio.shield(start)
            except asyncio.CancelledError:
                box.give_up()
                abandoned = self._behind(_abandon(start, box))
                await asyncio.wait({abandoned}, timeout=WAITING_FOR_END)
                raise
            except CodeExecutionError:
                await box.destroy()
                raise
            self._box = box
            return box

    async def _start(self, box: Box) -> None:
        try:
            await asyncio.to_thread(self._folder.mkdir, mode=0o700, parents=True, exist_ok=True)
            await asyncio.to_thread(make_folder, self._folder, PurePosixPath(OWN, "tmp"), shared=box.shared)
        except (OSError, OutsideWorkFolder) as mistake:
            raise CodeExecutionError(
                f"The work folder cannot be used: {mistake}.", "See that the data directory can be written."
            ) from mistake
        await box.start(lambda line: self._heard(box, line), lambda words: self._ended(box, words))

    def _heard(self, box: Box, line: bytes) -> None:
        """A report of the runner. The code in the box can forge them: what is malformed or too much is not trusted further."""
        try:
            report = json.loads(line)
            job = self._jobs[report["id"]]
            if report["is"] not in ("out", "end"):
                raise ValueError("no report")
        except (ValueError, KeyError, TypeError, RecursionError):
            return
        job.received += len(line)
        if job.received > MAX_REPORTED:
            self._discard(box)
        else:
            job.reports.put_nowait(report)

    def _ended(self, box: Box, last_words: str) -> None:
        if box is self._box:
            self._last_words = last_words
            self._discard(box)

    def _discard(self, box: Box) -> None:
        """Throw the box away; jobs in it end, the next one gets a new box."""
        if self._forget(box):
            self._behind(box.destroy())

    def _forget(self, box: Box) -> bool:
        if box is not self._box:
            return False
        self._box = None
        for job in self._jobs.values():
            job.reports.put_nowait(None)
        return True

    def _behind(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task


async def _abandon(start: asyncio.Future[None], box: Box) -> None:
    """A start cannot be interrupted half way without leaving something behind: let it end, then destroy what it made."""
    with contextlib.suppress(Exception):
        await start
    await box.destroy()


def _ended_by(report: dict[str, Any], output: Output) -> _End:
    omitted, tail, code, result = (report.get(name) for name in ("omitted", "tail", "code", "result"))
    output.skip(omitted if isinstance(omitted, int) and omitted > 0 else 0)
    output.add(str(tail or ""))
    return _End(code if isinstance(code, int) else 1, str(report.get("why") or ""), result if isinstance(result, str) else None)


def _result_of(text: str) -> tuple[str, bool] | None:
    try:
        found = json.loads(text)
        return str(found["output"]), bool(found["is_error"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _sentence(end: _End, timeout: float) -> str:
    """What a person and a model must know about an end that the code did not choose itself."""
    match end.why:
        case "timeout":
            return f"Timed out: it took longer than {timeout:g} s and was stopped."
        case "output":
            return "Stopped: it printed more than 16 MB."
        case "memory":
            return "Stopped: it needed more memory than it may have."
        case "folder":
            return "Stopped: the files in the work folder grew beyond 1 GB."
        case "stopped":
            return "Stopped."
        case "start":
            return "It could not be started."
        case "gone":
            return "Stopped: the sandbox ended." + (f" {end.printed}" if end.printed else "")
        case _:
            return ""


def _kill(number: int, why: str) -> bytes:
    return json.dumps({"do": "kill", "id": number, "why": why}).encode("ascii") + b"\n"


def _script_path(language: str, index: int) -> PurePosixPath:
    return PurePosixPath(OWN, f"block_{index}.{'py' if language == 'python' else 'sh'}")


def _ended(code: str) -> str:
    return code if code.endswith("\n") else code + "\n"
