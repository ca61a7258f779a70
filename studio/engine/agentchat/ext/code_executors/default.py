"""Code in Docker where it answers, otherwise on this machine after a yes: what a script has that names no executor."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from studio.engine.agentchat.core.cancellation import CancellationToken
from studio.engine.agentchat.core.code_executor import CodeBlock, CodeResult, EngineExecutor, OwnedExecutor
from studio.engine.agentchat.environment import script_environment
from studio.engine.code.auto import AutoExecutor
from studio.engine.code.base import Executor
from studio.engine.errors import CodeExecutionError


class DefaultCodeExecutor(EngineExecutor):
    """Nobody named this machine: a run asks whoever sits before it, or CONVENE_ALLOW_LOCAL_CODE says yes."""

    def __init__(self, work_dir: Path | str | None = None) -> None:
        super().__init__(AutoExecutor(), work_dir)

    def playing(self) -> Executor:
        return AskingExecutor(owner=self)

    async def execute_code_blocks(self, code_blocks: list[CodeBlock], cancellation_token: CancellationToken) -> CodeResult:
        """As in every executor; outside of a run nobody can be asked. Raises CodeExecutionError where nobody said yes."""
        executor = self.component()
        if await executor.needs_consent():
            with script_environment() as around:
                if not around.allow_local_code:
                    raise CodeExecutionError(await executor.why_consent())
        return await super().execute_code_blocks(code_blocks, cancellation_token)


class AskingExecutor(OwnedExecutor):
    """An executor that a script opened without having said where code may run."""

    kind: ClassVar[str] = "agentchat_default_executor"
    drawable: ClassVar[bool] = False

    async def needs_consent(self) -> bool:
        wanted: bool = await self.owner.component().needs_consent()
        return wanted

    async def why_consent(self) -> str:
        why: str = await self.owner.component().why_consent()
        return why
