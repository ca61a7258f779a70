"""Jobs of one run's sandbox: the runner is started when it is first needed, each job followed to its end, everything ended by `close`."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from studio.engine.code.output import Output
from studio.engine.code.work_folder import OWN, OutsideWorkFolder, folder_size, make_folder
from studio.engine.errors import CodeExecutionError
from studio.texts import text

TIMED_OUT = 124
GONE = 137
GRACE = 3.0
"""Seconds after the time limit in which the runner must have reported the end; then the whole sandbox is ended."""
STOPPING = 0.5
"""Seconds in which a job must have ended after it was told to; then the whole sandbox is ended."""
WAITING_FOR_END = 0.8
"""Seconds that a cancelled caller waits for the end of what it started; what takes longer is ended behind its back."""
CLOSING = 4.0
"""Seconds that `close` waits for the end of everything; an engine that hangs must not hold the run up."""
LIVING = 24 * 3600.0
"""Seconds that a program which is talked to may live; a run's sandbox is not kept longer."""
MAX_REPORTED = 16 * 1024 * 1024
"""Bytes that one job may report: far more than an honest runner sends."""


class Box(Protocol):
    """A started runner, wherever it is. All its methods belong to one event loop."""

    folder: str
    """The path of the work folder as the code in the box sees it."""
    shared: bool
    """Whether the code runs as another user, so that files must be writable for everybody."""
    environment: dict[str, str]
    thrown_away_after_timeout: bool

    async def start(self, on_line: Callable[[bytes], None], on_end: Callable[[str], None], tell: Callable[[str], None]) -> None:
        """Start it; from then on every report is given to `on_line`, and the end of the runner to `on_end`, with its last words.

        What has to be made before (an image, an environment) is said to `tell`, for people. Raises CodeExecutionError.
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
class End:
    """How a job ended. `why` is empty for an end that the code chose itself, else as in `runner.py`, or `gone`."""

    code: int
    why: str = ""
    result: str | None = None
    printed: str = ""


@dataclass(slots=True)
class _Job:
    reports: asyncio.Queue[dict[str, Any] | None] = field(default_factory=asyncio.Queue)
    received: int = 0


class Jobs:
    """Runs jobs in boxes: one box at a time, made lazily, made anew after it ended, destroyed by `close`."""

    def __init__(self, folder: Path, make_box: Callable[[], Box], max_size: int) -> None:
        self._folder = folder
        self._max_size = max_size
        self._make_box = make_box
        self._box: Box | None = None
        self._last_words = ""
        self._starting = asyncio.Lock()
        self._numbers = count(1)
        self._jobs: dict[int, _Job] = {}
        self._background: set[asyncio.Task[Any]] = set()
        self._closed = False

    # Jobs -------------------------------------------------------------------------------------------------------------

    async def run(self, argv: list[str], seconds: float, output: Output, given: str | None = None, result: bool = False) -> End:
        """Run one command in the box. Cancelling it ends all its processes."""
        box = await self.box()
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
        ended: End | None = None
        try:
            async with asyncio.timeout(seconds + GRACE) as limit, self._watched(box, number):
                try:
                    await box.send(json.dumps(order).encode("ascii") + b"\n")
                except OSError:
                    self._discard(box)
                ended = await self._followed(job, output)
        except TimeoutError:
            if not limit.expired():
                raise
            return End(TIMED_OUT, "timeout")
        finally:
            self._jobs.pop(number, None)
            if ended is None:
                await self._stop(box, number, job)
        if ended.why == "timeout" and box.thrown_away_after_timeout and not self._jobs:
            self._discard(box)
        return ended

    async def _followed(self, job: _Job, output: Output) -> End:
        while (report := await job.reports.get()) is not None:
            if report["is"] == "out":
                output.add(str(report.get("text", "")))
            else:
                return _ended_by(report, output)
        return End(GONE, "gone", printed=self._last_words)

    async def talk(self, argv: list[str]) -> Talk:
        """Start a program that is told lines and answers with lines, for as long as the box lives. Raises CodeExecutionError."""
        box = await self.box()
        number = next(self._numbers)
        job = self._jobs[number] = _Job()
        order = {"do": "run", "id": number, "argv": argv, "cwd": box.folder, "env": box.environment, "talk": True, "timeout": LIVING}
        try:
            await box.send(json.dumps(order).encode("ascii") + b"\n")
        except OSError:
            self._discard(box)
        return Talk(self, box, number, job)

    @contextlib.asynccontextmanager
    async def _watched(self, box: Box, number: int) -> AsyncIterator[None]:
        """While a job runs, see once a second that the work folder does not grow beyond its limit."""

        async def watch() -> None:
            while True:
                await asyncio.sleep(1.0)
                if await asyncio.to_thread(folder_size, self._folder) > self._max_size:
                    await box.send(_kill(number, "folder"))
                    return

        watching = asyncio.create_task(watch())
        try:
            yield
        finally:
            watching.cancel()

    async def leave(self, box: Box) -> None:
        """End a box in which nothing runs; the caller is held up for less than a second."""
        if not self._jobs and self._forget(box):
            ending = self._behind(box.destroy())
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait({ending}, timeout=WAITING_FOR_END)

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

    async def box(self, tell: Callable[[str], None] = lambda said: None) -> Box:
        """The box that jobs run in, started if need be; what that takes is said to `tell`. Raises CodeExecutionError."""
        async with self._starting:
            if self._closed:
                raise CodeExecutionError(text("engine.code.sandbox_closed"))
            if self._box is not None:
                return self._box
            box = self._make_box()
            self._last_words = ""
            start = asyncio.ensure_future(self._start(box, tell))
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

    async def _start(self, box: Box, tell: Callable[[str], None]) -> None:
        try:
            await asyncio.to_thread(self._folder.mkdir, mode=0o700, parents=True, exist_ok=True)
            await asyncio.to_thread(make_folder, self._folder, PurePosixPath(OWN, "tmp"), shared=box.shared)
        except (OSError, OutsideWorkFolder) as mistake:
            raise CodeExecutionError(
                text("engine.code.folder_unusable", error=mistake), text("engine.code.folder_unusable.remedy")
            ) from mistake
        await box.start(lambda line: self._heard(box, line), lambda words: self._ended(box, words), tell)

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

    async def close(self) -> None:
        """End everything that this session started. May be called twice."""
        self._closed = True
        box, self._box = self._box, None
        if box is not None:
            self._behind(box.destroy())
        if self._background:
            await asyncio.wait(set(self._background), timeout=CLOSING)


class Talk:
    """A program in a box, told lines of text and answering with lines of text."""

    def __init__(self, jobs: Jobs, box: Box, number: int, job: _Job) -> None:
        self._jobs = jobs
        self._box = box
        self._number = number
        self._job = job
        self._rest = ""
        self.ended: End | None = None

    async def tell(self, line: str) -> None:
        self._job.received = 0
        order = {"do": "feed", "id": self._number, "text": line + "\n"}
        try:
            await self._box.send(json.dumps(order).encode("ascii") + b"\n")
        except OSError:
            self._jobs._discard(self._box)

    async def heard(self) -> str | None:
        """The next line that the program printed; None when it has ended, `ended` then says how."""
        while "\n" not in self._rest:
            if self.ended is not None:
                return None
            report = await self._job.reports.get()
            if report is None:
                self.ended = End(GONE, "gone", printed=self._jobs._last_words)
            elif report["is"] == "out":
                self._rest += str(report.get("text", ""))
            else:
                self._rest += str(report.get("tail") or "")
                self.ended = End(report["code"] if isinstance(report.get("code"), int) else 1, str(report.get("why") or ""))
            if self.ended is not None:
                self._jobs._jobs.pop(self._number, None)
        line, _, self._rest = self._rest.partition("\n")
        return line

    def watched(self) -> contextlib.AbstractAsyncContextManager[None]:
        """While the program works, see that the work folder does not grow beyond its limit."""
        return self._jobs._watched(self._box, self._number)

    async def end(self) -> None:
        """End the program with all its processes; with no other job under way the whole box. The caller waits less than a second."""
        if self.ended is None:
            self.ended = End(GONE, "stopped")
            await self._jobs._stop(self._box, self._number, self._job)


async def _abandon(start: asyncio.Future[None], box: Box) -> None:
    """A start cannot be interrupted half way without leaving something behind: let it end, then destroy what it made."""
    await asyncio.wait({start})
    if not start.cancelled():
        start.exception()
    await box.destroy()


def _ended_by(report: dict[str, Any], output: Output) -> End:
    omitted, tail, code, result = (report.get(name) for name in ("omitted", "tail", "code", "result"))
    output.skip(omitted if isinstance(omitted, int) and omitted > 0 else 0)
    output.add(str(tail or ""))
    return End(code if isinstance(code, int) else 1, str(report.get("why") or ""), result if isinstance(result, str) else None)


def _kill(number: int, why: str) -> bytes:
    return json.dumps({"do": "kill", "id": number, "why": why}).encode("ascii") + b"\n"
