"""An MCP server as a child process: its messages as lines, its last words for people, and its whole process group ended with it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.engine.code.local import end_marked
from studio.engine.tools.mcp_errors import McpFailed
from studio.texts import text

if TYPE_CHECKING:
    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
    from mcp.shared.message import SessionMessage

MAX_LINE = 16 * 1024 * 1024
"""Bytes of one message."""
MAX_WORDS = 4_000
"""Characters that are kept of what the program last said on its standard error."""
MAX_WAITING = 256
"""Messages that may wait to be written: a program that does not read must not hold up who writes."""
LEAVING = 0.25
"""Seconds that a program gets to end by itself once its input ended, and again once it was told to."""


class ServerProcess:
    """One started program. `last_words` is the end of its standard error."""

    def __init__(self, process: asyncio.subprocess.Process, mark: str) -> None:
        self._process = process
        self._mark = mark
        self._words: list[str] = []

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    @property
    def last_words(self) -> str:
        return "".join(self._words)[-MAX_WORDS:].strip()

    async def read(self, messages: MemoryObjectSendStream[SessionMessage | Exception]) -> None:
        """Hand on every message until the program closes its output. What is no message is passed over: programs also print."""
        from mcp.shared.message import SessionMessage
        from mcp_types import jsonrpc_message_adapter

        assert self._process.stdout is not None
        async with messages:
            with contextlib.suppress(ValueError, OSError):  # a line beyond all limits ends the connection
                while line := await self._process.stdout.readline():
                    try:
                        message = jsonrpc_message_adapter.validate_json(line, by_name=False)
                    except ValueError:
                        continue
                    await messages.send(SessionMessage(message))

    async def write(self, messages: MemoryObjectReceiveStream[SessionMessage], broken: MemoryObjectSendStream[Any]) -> None:
        assert self._process.stdin is not None
        async with messages:
            try:
                async for each in messages:
                    line = each.message.model_dump_json(by_alias=True, exclude_unset=True)
                    self._process.stdin.write(line.encode() + b"\n")
                    await self._process.stdin.drain()
            except OSError:
                await broken.aclose()  # nothing will be answered any more: whoever waits is told

    async def listen(self) -> None:
        """Keep the end of what the program says on its standard error."""
        assert self._process.stderr is not None
        while piece := await self._process.stderr.read(4096):
            self._words = ["".join(self._words)[-MAX_WORDS:], piece.decode("utf-8", "replace")]

    async def end(self) -> None:
        """End the program and all that it started: by closing its input, by asking, by force."""
        process = self._process
        if process.stdin is not None:
            process.stdin.close()
        if not await self._gone():
            self._signal(signal.SIGTERM)
            if not await self._gone():
                self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))
                await self._gone()
        self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))  # what it started may outlive it
        await asyncio.to_thread(end_marked, self._mark)

    async def _gone(self) -> bool:
        # wait() would also wait for pipes that a grandchild holds open
        for _ in range(round(LEAVING / 0.01)):
            if not self.alive:
                break
            await asyncio.sleep(0.01)
        return not self.alive

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.name == "posix":
                os.killpg(self._process.pid, number)
            elif self.alive:
                self._process.kill()


@contextlib.asynccontextmanager
async def started(argv: Sequence[str], environment: Mapping[str, str], folder: Path) -> AsyncIterator[tuple[ServerProcess, Any]]:
    """The program, and its pair of message streams, as the SDK's sessions want them. Raises McpFailed when it cannot be started."""
    import anyio

    process = await _start(argv, environment, folder)
    to_session, from_server = anyio.create_memory_object_stream["SessionMessage | Exception"](0)
    to_server, from_session = anyio.create_memory_object_stream["SessionMessage"](MAX_WAITING)
    tasks = [asyncio.ensure_future(work) for work in (process.read(to_session), process.write(from_session, to_session), process.listen())]
    try:
        yield process, (from_server, to_server)
    finally:
        await asyncio.shield(asyncio.ensure_future(_end(process, tasks)))
        for stream in (to_session, from_server, to_server, from_session):
            stream.close()


async def _end(process: ServerProcess, tasks: Sequence[asyncio.Future[None]]) -> None:
    await process.end()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _start(argv: Sequence[str], environment: Mapping[str, str], folder: Path) -> ServerProcess:
    program = shutil.which(argv[0], path=environment.get("PATH")) if os.path.basename(argv[0]) == argv[0] else argv[0]
    if program is None:
        raise McpFailed(argv[0], text("engine.mcp.no_program"), text("engine.mcp.no_program.remedy"))
    mark = secrets.token_hex(12)
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        process = await asyncio.create_subprocess_exec(
            program,
            *argv[1:],
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=folder,
            env={**environment, "CONVENE_SANDBOX": mark},
            start_new_session=True,
            limit=MAX_LINE,
        )
    except (OSError, ValueError) as mistake:
        why = getattr(mistake, "strerror", None) or str(mistake)
        raise McpFailed(argv[0], text("engine.mcp.not_started", why=why), text("engine.mcp.not_started.remedy")) from None
    return ServerProcess(process, mark)
