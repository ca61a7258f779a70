"""Where a script's code runs: executors that a script starts and stops, and that keep their state between runs."""

from __future__ import annotations

import asyncio
import tempfile
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, Field

from studio.engine.agentchat.core.cancellation import CancellationToken
from studio.engine.agentchat.core.component import ComponentBase
from studio.engine.code import base
from studio.engine.code.base import CodeSession, Executor, FunctionResult, Sandbox
from studio.engine.component import Component as EngineComponent
from studio.engine.errors import FlowError
from studio.engine.events import CodeBlock as EngineBlock
from studio.texts import text


class CodeBlock(BaseModel):
    code: str
    language: str


class CodeResult(BaseModel):
    exit_code: int
    output: str


class CommandLineCodeResult(CodeResult):
    code_file: str | None = None


class CodeExecutor(ComponentBase, ABC):
    """An executor of your own needs `execute_code_blocks`; it bounds its own time."""

    component_type = "code_executor"

    @abstractmethod
    async def execute_code_blocks(self, code_blocks: list[CodeBlock], cancellation_token: CancellationToken) -> CodeResult: ...

    async def start(self) -> None:
        return

    async def stop(self) -> None:
        return

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        await self.stop()

    def playing(self) -> Executor:
        """The engine's executor that runs code here."""
        return OwnedExecutor(owner=self)

    def session(self, sandbox: Sandbox) -> CodeSession:
        """What runs the code of a run."""
        return _OwnSession(self)


class EngineExecutor(CodeExecutor):
    """One of the engine's executors, open from the first code until `stop`."""

    def __init__(self, executor: Executor, work_dir: str | Path | None) -> None:
        self._executor = executor
        self._given = Path(work_dir) if work_dir is not None else None
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._session: CodeSession | None = None

    def component(self) -> Executor:
        return self._executor

    @property
    def timeout(self) -> float:
        return float(getattr(self._executor, "timeout", 60))

    @property
    def work_dir(self) -> Path:
        """Where code runs; a temporary folder, which `stop` removes, unless one was given."""
        if self._given is not None:
            self._given.mkdir(parents=True, exist_ok=True)
            return self._given.resolve()
        if self._temporary is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="convene-", ignore_cleanup_errors=True)
        return Path(self._temporary.name)

    def session(self, sandbox: Sandbox) -> CodeSession:
        if self._session is None:
            own = Sandbox(f"script-{uuid.uuid4().hex[:12]}", self.work_dir, sandbox.docker_image, sandbox.labels, sandbox.environments)
            self._session = self._executor.open(own)
        return self._session

    async def execute_code_blocks(self, code_blocks: list[CodeBlock], cancellation_token: CancellationToken) -> CodeResult:
        """Run the blocks in order until one fails. Raises CodeExecutionError when nothing could be started."""
        from studio.engine.agentchat.environment import docker_image

        session = self.session(Sandbox("script", self.work_dir, docker_image()))
        blocks = [EngineBlock(language=block.language, code=block.code) for block in code_blocks]
        work = asyncio.ensure_future(session.execute(blocks, lambda text: None))
        cancellation_token.link_future(work)
        result = await work
        return CommandLineCodeResult(exit_code=result.exit_code, output=result.output, code_file=next(iter(result.files), None))

    async def stop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()
        temporary, self._temporary = self._temporary, None
        if temporary is not None:
            await asyncio.to_thread(temporary.cleanup)

    @classmethod
    def of_component(cls, component: EngineComponent) -> Self:
        if not isinstance(component, Executor):
            raise FlowError(component.kind, text("engine.agentchat.no_executor"))
        loaded = cls.__new__(cls)
        EngineExecutor.__init__(loaded, component, None)
        return loaded


class OwnedExecutor(Executor):
    """An executor that a script opened and closes itself: a run borrows it. Having made it, the script said yes to its code."""

    kind: ClassVar[str] = "agentchat_executor"
    drawable: ClassVar[bool] = False
    summary: ClassVar[str] = "What a script holds open"

    owner: Annotated[Any, Field(exclude=True, repr=False)]
    number: int = 0

    def model_post_init(self, context: Any) -> None:
        object.__setattr__(self, "number", id(self.owner))

    async def needs_consent(self) -> bool:
        return False

    def open(self, sandbox: Sandbox) -> CodeSession:
        return _Borrowed(self.owner.session(sandbox))


class _Borrowed:
    """A session that outlives the run."""

    def __init__(self, session: CodeSession) -> None:
        self._session = session

    @property
    def where(self) -> str:
        return self._session.where

    async def execute(self, blocks: Sequence[EngineBlock], on_output: Callable[[str], None]) -> base.CodeResult:
        return await self._session.execute(blocks, on_output)

    async def call(self, source: str, function: str, arguments: str, timeout: float) -> FunctionResult:
        return await self._session.call(source, function, arguments, timeout)

    async def close(self) -> None:
        return


class _OwnSession:
    """An executor of a script's own class, as the engine uses it."""

    where = "the script's own executor"

    def __init__(self, executor: CodeExecutor) -> None:
        self._executor = executor

    async def execute(self, blocks: Sequence[EngineBlock], on_output: Callable[[str], None]) -> base.CodeResult:
        token = CancellationToken()
        wanted = [CodeBlock(code=block.code, language=block.language) for block in blocks]
        try:
            result = await self._executor.execute_code_blocks(wanted, token)
        except asyncio.CancelledError:
            token.cancel()
            raise
        except Exception as mistake:
            return base.CodeResult(1, f"{type(mistake).__name__}: {mistake}")
        return base.CodeResult(result.exit_code, result.output)

    async def call(self, source: str, function: str, arguments: str, timeout: float) -> FunctionResult:
        return FunctionResult("This executor runs code blocks, no functions.", is_error=True)

    async def close(self) -> None:
        return
