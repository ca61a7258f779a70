"""A sandbox as agents and tools use it: code blocks and function calls become jobs in it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from studio.engine.code.arguments import read_arguments
from studio.engine.code.base import MAX_OUTPUT, CodeResult, FunctionResult
from studio.engine.code.calling import BadArguments, shortened
from studio.engine.code.fences import without_filename_line
from studio.engine.code.jobs import TIMED_OUT, Box, End, Jobs
from studio.engine.code.languages import RUN, SAVED, quiet_installs
from studio.engine.code.output import Output
from studio.engine.code.work_folder import MAX_SIZE, OWN, OutsideWorkFolder, changed_files, folder_size, inside_path, snapshot, write_file
from studio.engine.events import CodeBlock
from studio.texts import text

RUNNER_SOURCE = Path(__file__).with_name("runner.py").read_text(encoding="utf-8")
CALLING_SOURCE = Path(__file__).with_name("calling.py").read_text(encoding="utf-8")

NOT_RUN = 1
FULL = 137
"""The exit code of a block that leaves too much behind: the one that it has when it is ended for that."""
MAX_BLOCKS = 64
MAX_TARGET = 200
"""Characters of a name that a function hands over to."""
MAX_CODE = 1_000_000
"""Characters of one block."""


class RunnerSession:
    """A CodeSession: the same for every place, which only says how a box is made."""

    def __init__(
        self,
        where: str,
        folder: Path,
        timeout: float,
        make_box: Callable[[], Box],
        max_size: int = MAX_SIZE,
        tidy: Callable[[], None] | None = None,
    ) -> None:
        self.where = where
        self._folder = folder
        self._timeout = timeout
        self._max_size = max_size
        self._tidy = tidy
        self._jobs = Jobs(folder, make_box, max_size)
        self._executing = asyncio.Lock()

    # What agents and tools ask for ------------------------------------------------------------------------------------

    async def execute(self, blocks: Sequence[CodeBlock], on_output: Callable[[str], None]) -> CodeResult:
        """Run the blocks in order until one fails, all of them within the time limit. Raises CodeExecutionError."""
        began = time.monotonic()
        async with self._executing:
            box = await self._jobs.box(on_output)
            try:
                before = await asyncio.to_thread(snapshot, self._folder)
                output = Output(MAX_OUTPUT, on_output, _renamed(box.folder))
                deadline = time.monotonic() + self._timeout
                code = await self._run_blocks(blocks, box.shared, output, deadline)
                after = await asyncio.to_thread(snapshot, self._folder)
            except asyncio.CancelledError:
                await self._jobs.leave(box)
                raise
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
        printed = Output(2_000, lambda piece: None)
        end = await self._jobs.run(["python", "-I", "-c", CALLING_SOURCE], timeout, printed, given=json.dumps(order), result=True)
        seconds = round(time.monotonic() - began, 4)
        if end.result is not None and (found := _result_of(end.result)) is not None:
            return replace(found, output=shortened(found.output, MAX_OUTPUT + 100), seconds=seconds)
        said = _sentence(end, timeout, self._max_size) or text("engine.code.function_ended_process", code=end.code)
        last = printed.finish().strip()
        return FunctionResult(f"{said}\n{last}" if last else said, is_error=True, seconds=seconds)

    async def close(self) -> None:
        """End everything that this session started. May be called twice."""
        await self._jobs.close()
        if self._tidy is not None:
            await asyncio.to_thread(self._tidy)

    # Blocks -----------------------------------------------------------------------------------------------------------

    async def _run_blocks(self, blocks: Sequence[CodeBlock], shared: bool, output: Output, deadline: float) -> int:
        if len(blocks) > MAX_BLOCKS:
            output.add_line(text("engine.code.too_many_blocks", count=len(blocks), most=MAX_BLOCKS))
            return NOT_RUN
        done_something = False
        for index, block in enumerate(blocks, 1):
            if block.language not in RUN and block.language not in SAVED and block.filename is None:
                key = "engine.code.block_not_run" if block.language else "engine.code.block_not_run.no_language"
                output.add_line(text(key, language=block.language))
                continue
            done_something = True
            code = await self._run_block(block, index, shared, output, deadline)
            if code != 0:
                return code
        return 0 if done_something else NOT_RUN

    async def _run_block(self, block: CodeBlock, index: int, shared: bool, output: Output, deadline: float) -> int:
        runs = block.language in RUN
        code = self._prepared(block) if runs else without_filename_line(block.code)
        if len(code) > MAX_CODE:
            output.add_line(text("engine.code.block_too_long", count=f"{len(code):,}", most=f"{MAX_CODE:,}"))
            return NOT_RUN
        try:
            path = inside_path(block.filename) if block.filename else _file_for(block, index)
            await asyncio.to_thread(write_file, self._folder, path, _ended(code), shared=shared)
        except OutsideWorkFolder as mistake:
            output.add_line(text("engine.code.nothing_saved", why=mistake))
            return NOT_RUN
        except OSError as mistake:
            key = "engine.code.file_not_saved" if block.filename else "engine.code.script_not_saved"
            output.add_line(text(key, name=block.filename, error=mistake.strerror or mistake))
            return NOT_RUN
        if not runs:
            key = "engine.code.saved_not_run" if block.language else "engine.code.saved_not_run.no_language"
            output.add_line(text(key, name=path, language=block.language))
            return 0
        ended = await self._run_file(block.language, path, code, max(deadline - time.monotonic(), 0.01), output)
        # What fills the disk within a second is over before anybody looks.
        if ended == 0 and await asyncio.to_thread(folder_size, self._folder) > self._max_size:
            self._explain(End(FULL, "folder"), output)
            return FULL
        return ended

    def _prepared(self, block: CodeBlock) -> str:
        """The code as it is run."""
        return block.code if block.language == "python" else quiet_installs(block.code)

    async def _run_file(self, language: str, path: PurePosixPath, code: str, seconds: float, output: Output) -> int:
        """Run a block that was saved at `path`. Returns its exit code."""
        script = f"./{path}" if str(path).startswith("-") else str(path)
        end = await self._jobs.run([*_COMMANDS.get(language, (language,)), script], seconds, output)
        self._explain(end, output)
        return TIMED_OUT if end.why == "timeout" else end.code

    def _explain(self, end: End, output: Output) -> None:
        if sentence := _sentence(end, self._timeout, self._max_size):
            output.add_line(sentence)


_COMMANDS = {
    "python": ("python", "-u"),
    "pwsh": ("pwsh", "-NoLogo", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File"),
}


def _renamed(folder: str) -> tuple[str, str]:
    """The path of the work folder, which tracebacks show, differs from run to run: it becomes relative."""
    return (f'"{folder}/', '"') if folder.count("/") < 2 else (f"{folder}/", "")


def _result_of(reported: str) -> FunctionResult | None:
    try:
        found = json.loads(reported)
        variables = found.get("variables") or None
        if not (variables is None or isinstance(variables, dict)):
            return None
        target = str(found.get("target") or "")[:MAX_TARGET]
        is_text = found.get("is_text") is True
        return FunctionResult(str(found["output"]), bool(found["is_error"]), variables=variables, target=target, is_text=is_text)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _sentence(end: End, timeout: float, max_size: int) -> str:
    """What a person and a model must know about an end that the code did not choose itself."""
    match end.why:
        case "timeout":
            return text("engine.code.timed_out", seconds=f"{timeout:g}")
        case "output":
            return text("engine.code.printed_too_much")
        case "memory":
            return text("engine.code.memory_exceeded")
        case "folder":
            return text("engine.code.folder_too_large", megabytes=f"{max_size >> 20:,}")
        case "stopped":
            return text("engine.code.stopped")
        case "start":
            return text("engine.code.not_started")
        case "gone":
            key = "engine.code.sandbox_ended.words" if end.printed else "engine.code.sandbox_ended"
            return text(key, words=end.printed)
        case _:
            return ""


def _file_for(block: CodeBlock, index: int) -> PurePosixPath:
    """Where a block goes that names no file: what runs among the scripts, what is only saved to where people find it."""
    if (ending := SAVED.get(block.language)) is not None:
        return PurePosixPath(f"code_{hashlib.sha256(block.code.encode('utf-8', 'replace')).hexdigest()[:8]}.{ending}")
    return PurePosixPath(OWN, f"block_{index}.{_ENDINGS.get(block.language, 'sh')}")


_ENDINGS = {"python": "py", "pwsh": "ps1"}


def _ended(code: str) -> str:
    return code if code.endswith("\n") else code + "\n"
