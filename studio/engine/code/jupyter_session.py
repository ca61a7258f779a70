"""Blocks of Python as cells of one Jupyter kernel, which lives in the run's sandbox: what a cell defines, the next one knows."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

from studio.engine.code.jobs import TIMED_OUT, Box, Talk
from studio.engine.code.languages import quiet_installs
from studio.engine.code.local import this_machine
from studio.engine.code.output import Output
from studio.engine.code.session import RunnerSession
from studio.engine.code.work_folder import MAX_SIZE
from studio.engine.errors import CodeExecutionError
from studio.engine.events import CodeBlock
from studio.texts import text

KERNEL_SOURCE = Path(__file__).with_name("kernel.py").read_text(encoding="utf-8")
_STARTING = 45.0
_INTERRUPTING = 2.0
"""Seconds in which a cell must have ended after it was interrupted; then the kernel is ended, and with it all that it knew."""


class KernelMissing(CodeExecutionError):
    code = "kernel_missing"

    def __init__(self, where: str, module: str) -> None:
        if where == this_machine():
            super().__init__(text("engine.jupyter.missing_here", module=module), text("engine.jupyter.missing_here.remedy"))
        else:
            super().__init__(text("engine.jupyter.missing", where=where, module=module), text("engine.jupyter.missing.remedy"))


class JupyterSession(RunnerSession):
    """A CodeSession whose Python blocks share one kernel; shell blocks and function calls run beside it in the same sandbox."""

    def __init__(
        self,
        where: str,
        folder: Path,
        timeout: float,
        make_box: Callable[[], Box],
        max_size: int = MAX_SIZE,
        tidy: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(where, folder, timeout, make_box, max_size, tidy)
        self._kernel: Talk | None = None
        self._cells = count(1)

    def _prepared(self, block: CodeBlock) -> str:
        return quiet_installs(block.code, notebook=True) if block.language == "python" else super()._prepared(block)

    async def _run_file(self, language: str, path: PurePosixPath, code: str, seconds: float, output: Output) -> int:
        if language != "python":
            return await super()._run_file(language, path, code, seconds, output)
        kernel = await self._started()
        try:
            async with kernel.watched():
                return await self._run_cell(kernel, code, seconds, output)
        except BaseException:
            await self._end_kernel(kernel)
            raise

    async def _run_cell(self, kernel: Talk, code: str, seconds: float, output: Output) -> int:
        number = next(self._cells)
        await kernel.tell(json.dumps({"do": "run", "id": number, "code": code}))
        try:
            async with asyncio.timeout(seconds):
                return await self._cell_end(kernel, number, output)
        except TimeoutError:
            pass
        await kernel.tell(json.dumps({"do": "interrupt"}))
        seconds_at_most = f"{self._timeout:g}"
        try:
            async with asyncio.timeout(_INTERRUPTING):
                await self._cell_end(kernel, number, Output(2_000, lambda said: None))
            key = "engine.jupyter.interrupted" if self._kernel is kernel else "engine.jupyter.interrupted.forgotten"
            output.add_line(text(key, seconds=seconds_at_most))
        except TimeoutError:
            await self._end_kernel(kernel)
            output.add_line(text("engine.jupyter.timed_out", seconds=seconds_at_most))
        return TIMED_OUT

    async def _cell_end(self, kernel: Talk, number: int, output: Output) -> int:
        """Follow a cell to its end. Returns 0 when it went well, 1 when it raised, another code when the kernel ended."""
        while (report := await _heard(kernel)) is not None:
            if report.get("is") == "ended":
                break
            if report.get("id") != number:
                continue
            match report.get("is"):
                case "text":
                    output.add(str(report.get("text", "")))
                case "saved":
                    output.add_line(text("engine.code.saved", name=report.get("name")))
                case "unshown":
                    output.add_line(text("engine.jupyter.too_large_to_show"))
                case "done":
                    return 0 if report.get("ok") else 1
        ended = kernel.ended
        await self._end_kernel(kernel)
        if ended is not None and ended.why:
            self._explain(ended, output)
            return ended.code or 1
        output.add_line(text("engine.jupyter.forgotten"))
        return 1

    async def _started(self) -> Talk:
        """The kernel, started if there is none. Raises CodeExecutionError."""
        if self._kernel is not None and self._kernel.ended is None:
            return self._kernel
        kernel = await self._jobs.talk(["python", "-c", KERNEL_SOURCE])
        try:
            async with asyncio.timeout(_STARTING):
                report = await _heard(kernel) or {}
        except TimeoutError:
            report = {"is": "late"}
        except BaseException:
            await kernel.end()
            raise
        if report.get("is") != "ready":
            await kernel.end()
            if report.get("is") == "missing":
                raise KernelMissing(self.where, str(report.get("module")))
            raise CodeExecutionError(_why_not_started(report), text("engine.jupyter.not_started.remedy"))
        self._kernel = kernel
        return kernel

    async def _end_kernel(self, kernel: Talk) -> None:
        if self._kernel is kernel:
            self._kernel = None
        await kernel.end()


def _why_not_started(report: dict[str, Any]) -> str:
    if report.get("is") == "late":
        return text("engine.jupyter.not_started.in_time")
    why = report.get("why")
    return text("engine.jupyter.not_started.why", why=why) if why else text("engine.jupyter.not_started")


async def _heard(kernel: Talk) -> dict[str, Any] | None:
    """The next report of the kernel's program; lines that are none are passed over. None when it has ended."""
    while (line := await kernel.heard()) is not None:
        with contextlib.suppress(ValueError, RecursionError):
            report = json.loads(line)
            if isinstance(report, dict):
                return report
    return None
