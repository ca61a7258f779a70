"""Code on this machine, in a process group of its own, after a person said yes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from studio.engine.code.base import CodeSession, Executor, Sandbox
from studio.engine.code.environments import environment_for, environments_folder
from studio.engine.code.limits import Limits
from studio.engine.code.packages import Packages
from studio.engine.code.session import RUNNER_SOURCE, RunnerSession
from studio.engine.code.work_folder import OWN
from studio.engine.component import Widget
from studio.engine.errors import CodeExecutionError
from studio.texts import text

_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT")
_MAX_LINE = 2 * 1024 * 1024
_STARTING = 10.0
_LEAVING = 0.4
"""Seconds in which the runner must have ended all processes and itself before it is ended from outside."""


def this_machine() -> str:
    """Where such code runs, for people."""
    return text("engine.code.this_machine")


Venv = Literal["shared", "run"]
"""Where packages lie: in an environment that all runs with the same packages share, or in one of the run's own."""


class LocalExecutor(Executor):
    kind: ClassVar[str] = "local"
    title: ClassVar[str] = "This machine"
    summary: ClassVar[str] = "Without a sandbox: the code can do what you can do"

    timeout: Annotated[float, Field(title="Time limit", description="Seconds for one execution.", gt=0, le=3600), Widget("seconds")] = 60.0

    environment: Annotated[
        Venv,
        Field(
            title="Virtual environment",
            description="The studio's own Python is used where no packages are asked for; what code installs itself stays in its folder.",
        ),
        Widget("", advanced=True),
    ] = "shared"
    packages: Packages = ()
    memory_mb: Annotated[
        int, Field(title="Memory", description="Megabytes that one process may use.", ge=32, le=1_000_000), Widget("", advanced=True)
    ] = 4096
    processes: Annotated[
        int,
        Field(title="Processes", description="How many more may live at once, threads included.", ge=8, le=32_768),
        Widget("", advanced=True),
    ] = 512
    disk_mb: Annotated[
        int, Field(title="Files", description="Megabytes that the work folder may hold.", ge=1, le=1_000_000), Widget("", advanced=True)
    ] = 1024

    async def needs_consent(self) -> bool:
        return True

    def open(self, sandbox: Sandbox) -> CodeSession:
        limits = self.limits
        tidy = (lambda: shutil.rmtree(_own_environments(sandbox), ignore_errors=True)) if self.environment == "run" else None
        return RunnerSession(this_machine(), sandbox.folder, self.timeout, lambda: self.box(sandbox), limits.disk, tidy)

    @property
    def limits(self) -> Limits:
        return Limits.of_megabytes(self.memory_mb, self.disk_mb, self.processes)

    def box(self, sandbox: Sandbox) -> LocalBox:
        """A runner on this machine, not started yet."""
        if self.environment == "run":
            return LocalBox(sandbox, self.limits, self.packages, _own_environments(sandbox))
        return LocalBox(sandbox, self.limits, self.packages, (sandbox.environments or environments_folder()) if self.packages else None)


def _own_environments(sandbox: Sandbox) -> Path:
    return sandbox.folder / OWN / "environments"


def clean_environment(folder: Path, python: Path | None = None) -> dict[str, str]:
    """What a child process is told of this machine: where programs are and how text is written, and no key of anything.

    `python` is the interpreter of a virtual environment that is the code's own.
    """
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    search = environment.get("PATH", os.defpath)
    packages = folder / ".packages"
    environment |= {
        "PATH": os.pathsep.join((str((python or Path(sys.executable)).parent), search)),
        "HOME": str(folder),
        "TMPDIR": str(folder / OWN / "tmp"),
        "TEMP": str(folder / OWN / "tmp"),
        "TMP": str(folder / OWN / "tmp"),
        "PYTHONPATH": os.pathsep.join((str(folder), str(packages))),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "Agg",
        "PIP_NO_INPUT": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    if python is None:
        environment["PIP_TARGET"] = str(packages)
    else:
        environment["VIRTUAL_ENV"] = str(python.parent.parent)
    environment.setdefault("LANG", "C.UTF-8")
    return environment


class LocalBox:
    """The runner as a child process: it adopts and ends what its jobs leave behind, and ends when this process does."""

    shared = False
    thrown_away_after_timeout = False

    def __init__(self, sandbox: Sandbox, limits: Limits, packages: Sequence[str] = (), environments: Path | None = None) -> None:
        self._place = sandbox.folder.resolve()
        self.folder = str(self._place)
        self._limits = limits
        self._packages = packages
        self._environments = environments
        self._mark = secrets.token_hex(12)
        self.environment: dict[str, str] = {}
        self._marks = {"CONVENE_RUN": sandbox.run, "CONVENE_SANDBOX": self._mark}
        self._making: asyncio.Task[Path] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._ended = False

    async def start(self, on_line: Callable[[bytes], None], on_end: Callable[[str], None], tell: Callable[[str], None]) -> None:
        python = await self._python(tell)
        limits = {"memory": self._limits.memory, "disk": self._limits.disk, "processes": self._limits.processes}
        try:
            self._process = await asyncio.create_subprocess_exec(
                str(python or sys.executable),
                "-I",
                "-S",
                "-c",
                RUNNER_SOURCE,
                "--limits",
                json.dumps(limits),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                cwd=self.folder,
                env={**clean_environment(self._place, python), **self._marks},
                start_new_session=True,
                limit=_MAX_LINE,
            )
        except OSError as mistake:
            raise CodeExecutionError(text("engine.code.no_python", error=mistake)) from mistake
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reading = asyncio.create_task(self._read(self._process, ready, on_line, on_end))
        try:
            async with asyncio.timeout(_STARTING):
                await ready
        except TimeoutError:
            raise CodeExecutionError(text("engine.code.python_too_slow")) from None

    async def _python(self, tell: Callable[[str], None]) -> Path | None:
        """The interpreter of the virtual environment, made if need be; None where the studio's own serves."""
        if self._environments is None:
            return None
        self._making = asyncio.create_task(environment_for(self._packages, self._environments, tell))
        try:
            return await self._making
        except asyncio.CancelledError:
            raise CodeExecutionError(text("engine.code.start_given_up")) from None

    async def _read(
        self,
        process: asyncio.subprocess.Process,
        ready: asyncio.Future[None],
        on_line: Callable[[bytes], None],
        on_end: Callable[[str], None],
    ) -> None:
        assert process.stdout is not None
        words = b""
        with contextlib.suppress(ValueError, OSError):  # a line beyond all limits is no report
            while line := await process.stdout.readline():
                if not ready.done():
                    ready.set_result(None)
                elif line.startswith(b"{"):
                    on_line(line)
                else:
                    words = line
        self._ended = True
        last_words = words.decode("utf-8", "replace").strip()[:200]
        if not ready.done():
            key = "engine.code.python_not_started.words" if last_words else "engine.code.python_not_started"
            ready.set_exception(CodeExecutionError(text(key, words=last_words)))
        on_end(last_words)

    async def send(self, line: bytes) -> None:
        if self._process is None or self._process.stdin is None or self._ended:
            raise BrokenPipeError
        self._process.stdin.write(line)
        await self._process.stdin.drain()

    def give_up(self) -> None:
        """A child process starts too quickly to be given up half way; an environment is made slowly."""
        if self._making is not None:
            self._making.cancel()

    async def destroy(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(_LEAVING):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                _end_group(process)
            await process.wait()
        await asyncio.to_thread(end_marked, self._mark)
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading}, timeout=1)


def _end_group(process: asyncio.subprocess.Process) -> None:
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def end_marked(mark: str) -> None:
    """End every process that carries the mark of a sandbox in its environment: what slipped away when a runner was killed.

    Linux only; elsewhere the process groups are all there is.
    """
    if not sys.platform.startswith("linux"):
        return
    for _ in range(10):
        found = False
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) != os.getpid() and _is_marked(name, mark):
                found = True
                with contextlib.suppress(OSError):
                    os.kill(int(name), signal.SIGKILL)
        if not found:
            return


def _is_marked(process: str, mark: str) -> bool:
    try:
        with open(f"/proc/{process}/environ", "rb") as environment:
            return f"CONVENE_SANDBOX={mark}".encode() in environment.read(256 * 1024).split(b"\0")
    except OSError:
        return False
